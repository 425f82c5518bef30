"""Dataset files and their registration: the only module that knows LLaMA-Factory's column names."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .errors import DatasetError, OutputError
from .prompts import Lang

SPLITS = ("train", "val", "test")
DATASET_INFO = Path("dataset_info.json")
# LLaMA-Factory sets each column that a partial `columns` omits to null, so all of them are named.
COLUMNS: Mapping[str, str] = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "system": "system",
    "history": "history",
}


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a question asks for; None where it leaves that open. Every row has every key, so that columns keep a type.

    Attributes:
        topic: English name in the glossary.
        year: year of the papers asked for.
        n: number of papers asked for.
        title: title asked about.
        arxiv_id: arXiv id asked about.
        field: what is asked of the paper named: `authors`, `date`, `id` or `title`.
    """

    topic: str | None = None
    year: int | None = None
    n: int | None = None
    title: str | None = None
    arxiv_id: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One question and its answer.

    Attributes:
        id: unique over all splits, and the same whenever the same question is asked.
        kind: `recommend`, `describe`, `lookup` or `unanswerable`.
        lang: of question, answer and system prompt.
        instruction: the question.
        output: the answer.
        system: the system prompt.
        paper_ids: arXiv ids of the papers that the answer cites, in its order.
        constraints: what the question asks for.
        cell: what of it training has seen: `seen_paper`, `unseen_paper` (of a topic seen), `unseen_topic`,
            `unanswerable`.
        twin: of an unanswerable question the id of the answerable one that differs only in its year, else "".
    """

    id: str
    kind: str
    lang: Lang
    instruction: str
    output: str
    system: str
    paper_ids: tuple[str, ...] = ()
    constraints: Constraints = field(default_factory=Constraints)
    cell: str = "seen_paper"
    twin: str = ""

    def row(self) -> dict[str, Any]:
        """The example as an alpaca row, with what a check of the answer needs beside it."""
        return {
            "instruction": self.instruction,
            "input": "",
            "output": self.output,
            "system": self.system,
            "history": [],
            "id": self.id,
            "kind": self.kind,
            "lang": self.lang,
            "paper_ids": list(self.paper_ids),
            "constraints": asdict(self.constraints),
            "cell": self.cell,
            "twin": self.twin,
        }


def dataset_name(split: str) -> str:
    """Name of a split in `dataset_info.json`."""
    return f"arxiv_paperqa_{split}"


def read_dataset_info(path: Path) -> dict[str, Any]:
    """The entries of a `dataset_info.json`; none if there is no such file.

    Raises:
        DatasetError: the file is not a JSON object, or cannot be read.
    """
    remedy = "Mend the file (it was left as it is), or name another with --dataset-info."
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot be read: {error}", path=path, remedy=remedy) from error
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg} at column {error.colno}"
        raise DatasetError(message, path=path, line=error.lineno, remedy=remedy) from error
    if not isinstance(entries, dict):
        raise DatasetError(
            f"expected an object of datasets, found {type(entries).__name__}", path=path, line=1, remedy=remedy
        )
    return entries


def check_writable(directory: Path) -> None:
    """Make `directory` if need be and see that files can be written there.

    Raises:
        OutputError: they cannot.
    """
    with _writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()


def write_datasets(splits: Mapping[str, Sequence[Example]], output: Path, dataset_info: Path = DATASET_INFO) -> None:
    """Write each split to `output/arxiv_paperqa_<split>.json` and register it in `dataset_info`.

    All files are complete on the disk before the first takes its name, and the entries of other datasets stay as they
    are, in their order.

    Raises:
        DatasetError: an existing `dataset_info` is broken; nothing is written.
        OutputError: `output` or the directory of `dataset_info` cannot be written.
    """
    dataset_info = dataset_info.resolve() if dataset_info.is_symlink() else dataset_info  # replace what it points to
    read_dataset_info(dataset_info)
    check_writable(output)
    check_writable(dataset_info.parent)
    with _locked(dataset_info), ExitStack() as staged:
        entries = read_dataset_info(dataset_info)
        moves = []
        for split, examples in splits.items():
            path = output / f"{dataset_name(split)}.json"
            entries[dataset_name(split)] = {"file_name": _relative(path, dataset_info.parent), "columns": dict(COLUMNS)}
            # A row a line, so that a difference between two runs can be read.
            rows = ",\n".join(json.dumps(example.row(), ensure_ascii=False) for example in examples)
            moves.append((staged.enter_context(_temporary(path, f"[\n{rows}\n]\n")), path))
        info = json.dumps(entries, ensure_ascii=False, indent=2) + "\n"
        moves.append((staged.enter_context(_temporary(dataset_info, info)), dataset_info))
        for temporary, path in moves:
            with _writing(path):
                temporary.replace(path)


def _relative(path: Path, base: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), base.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}",
            path=path,
            remedy="Choose a place you may write to, with free space.",
        ) from error


@contextmanager
def _locked(dataset_info: Path) -> Iterator[None]:
    """Two converts of one user at once register in turn; the lock file lies in the system's temporary directory."""
    from filelock import FileLock

    name = blake2b(f"{Path.home()}\n{dataset_info.resolve()}".encode(), digest_size=8).hexdigest()
    lock = FileLock(Path(tempfile.gettempdir()) / f"paperqa-{name}.lock")
    with _writing(Path(lock.lock_file)):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _temporary(path: Path, text: str) -> Iterator[Path]:
    """A file with `text` beside `path`, safe on the disk, removed if it was not moved meanwhile."""
    with _writing(path):
        umask = os.umask(0)
        os.umask(umask)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~umask)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
