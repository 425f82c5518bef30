"""Dataset files: questions with their answers, as rows that LLaMA-Factory reads, published and registered together."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from ..errors import OutputError
from ..files import Staged, writing
from ..prompts import Lang
from .readback import read_back
from .registry import (
    DATASET_INFO,
    dataset_entry,
    dataset_name,
    encode_dataset_info,
    locked,
    read_dataset_info,
)


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
        category: arXiv category of the papers asked for, its code: `cs.LG`.
        author: author of the papers asked for.
    """

    topic: str | None = None
    year: int | None = None
    n: int | None = None
    title: str | None = None
    arxiv_id: str | None = None
    field: str | None = None
    category: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One question and its answer.

    Attributes:
        id: unique over all splits, and the same whenever the same question is asked.
        kind: `recommend`, `category`, `author`, `describe`, `lookup`, `compare`, `exist`, `unanswerable` or
            `multi_turn`.
        lang: of question, answer and system prompt.
        instruction: the question; of several turns the last.
        output: the answer to it.
        system: the system prompt.
        history: (question, answer) of each turn before, in order.
        paper_ids: `Paper.key` of the papers that the answer cites, in its order.
        constraints: what the question asks for.
        cell: what of it training has seen: `seen_paper`, `unseen_paper` (of a topic seen), `unseen_topic`,
            `unseen_year` or `unanswerable`.
        twin: of an unanswerable question the id of the answerable one that differs in one constraint, else "".
        variant: the finer kind, where a kind has several: `future`, `empty`, `unknown_topic`, `unknown_author`;
            `real`, `altered`, `chimera`; `refine`, `sure`, `more`.
    """

    id: str
    kind: str
    lang: Lang
    instruction: str
    output: str
    system: str
    history: tuple[tuple[str, str], ...] = ()
    paper_ids: tuple[str, ...] = ()
    constraints: Constraints = field(default_factory=Constraints)
    cell: str = "seen_paper"
    twin: str = ""
    variant: str = ""


def encode_row(example: Example, format: str = "alpaca") -> bytes:
    """The example as a row of a dataset file: what is trained on, and beside it what a check of the answer needs.

    Args:
        example: the question and its answer.
        format: one of `FORMATS`.

    Returns:
        A JSON object in UTF-8, without a line break.
    """
    turns: dict[str, Any]
    if format == "sharegpt":
        said = [text for pair in (*example.history, (example.instruction, example.output)) for text in pair]
        messages = [{"from": "gpt" if place % 2 else "human", "value": text} for place, text in enumerate(said)]
        turns = {"conversations": messages, "system": example.system}
    else:
        turns = {
            "instruction": example.instruction,
            "input": "",
            "output": example.output,
            "system": example.system,
            "history": example.history,
        }
    return orjson.dumps(
        {
            **turns,
            "id": example.id,
            "kind": example.kind,
            "lang": example.lang,
            "paper_ids": example.paper_ids,
            "constraints": example.constraints,
            "cell": example.cell,
            "twin": example.twin,
            "variant": example.variant,
        }
    )


class SplitWriter:
    """Appends rows to the file of a split: a JSON array with a row a line, so that a difference can be read.

    Args:
        path: the file.
        target: the place it will have, which errors name.
        format: of the rows, a key of `COLUMNS`.

    Attributes:
        format: as given.
        rows: number of rows so far.
    """

    def __init__(self, path: Path, target: Path, format: str) -> None:
        self.path = path
        self.target = target
        self.format = format
        self.rows = 0
        with writing(target):
            self._file = path.open("wb", buffering=1 << 20)

    def write(self, example: Example) -> None:
        """Append an example.

        Raises:
            OutputError: the file cannot be written.
        """
        self.write_line(encode_row(example, self.format))

    def write_line(self, row: bytes) -> None:
        """Append an encoded row, of the format of the file.

        Raises:
            OutputError: the file cannot be written.
        """
        with writing(self.target):
            self._file.write(b",\n" if self.rows else b"[\n")
            self._file.write(row)
        self.rows += 1

    def close(self, *, complete: bool = True) -> None:
        """Close the file, after its last row if it is complete.

        Raises:
            OutputError: the file cannot be written.
        """
        if not self._file.closed:
            with writing(self.target), self._file:
                if complete:
                    self._file.write(b"\n]\n" if self.rows else b"[]\n")


class Publication:
    """Dataset files and what belongs to them: they take their names together, and the splits are registered with that.

    A split that only an earlier run made stays, with its entry.

    Args:
        output: directory of the files, made if need be.
        dataset_info: where splits are registered; the other entries stay as they are, in their order.
        format: of the rows, one of `FORMATS`.

    Raises:
        DatasetError: an existing `dataset_info` is broken; it is left as it is.
        OutputError: `output` or the directory of `dataset_info` cannot be written.
    """

    def __init__(self, output: Path, dataset_info: Path = DATASET_INFO, format: str = "alpaca") -> None:
        self._output = output
        self._format = format
        self._splits: dict[str, SplitWriter] = {}
        # What a link points to is replaced, not the link.
        self._info = dataset_info.resolve() if dataset_info.is_symlink() else dataset_info
        read_dataset_info(self._info)
        with ExitStack() as leaving:
            self._staged = leaving.enter_context(Staged())
            for directory in (output, self._info.parent):
                self._staged.room(directory)
            self._leaving = leaving.pop_all()

    def __enter__(self) -> Publication:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def split(self, name: str, format: str | None = None) -> SplitWriter:
        """The writer of a split; the file is `output/arxiv_paperqa_<name>.json`.

        Args:
            name: of the split.
            format: of its rows, a key of `COLUMNS`; that of the publication if None.

        Raises:
            OutputError: it cannot be written.
        """
        if name not in self._splits:
            target = self._output / f"{dataset_name(name)}.json"
            writer = self._splits[name] = SplitWriter(self._staged.path(target), target, format or self._format)
            self._leaving.callback(_abandon, writer)
        return self._splits[name]

    def path(self, name: str) -> Path:
        """Where to write what shall become `output/name`: a file, or a directory, which replaces the one there whole.

        Raises:
            OutputError: nothing can be written there.
        """
        return self._staged.path(self._output / name)

    def verify(self) -> None:
        """Complete the splits and read them back through LLaMA-Factory.

        Raises:
            DatasetError: a split does not arrive there as it was written.
            OutputError: a file cannot be written.
        """
        splits = self._complete()
        room = self._staged.room(self._output)
        with ExitStack() as temporary:
            with writing(self._output):
                directory = Path(temporary.enter_context(tempfile.TemporaryDirectory(dir=room)))
                entries = {name: dataset_entry(split.path, split.format, directory) for name, split in splits.items()}
                (directory / DATASET_INFO).write_text(encode_dataset_info(entries), encoding="utf-8")
            read_back(directory, {name: split.rows for name, split in splits.items()})

    def commit(self) -> None:
        """Complete the splits, register them and give everything its name, `dataset_info` last.

        Raises:
            DatasetError: `dataset_info` was broken meanwhile; nothing takes its name.
            OutputError: a file cannot be written or moved; everything is as it was.
        """
        splits = self._complete()
        with locked(self._info):
            entries = read_dataset_info(self._info)
            for name, split in splits.items():
                entries[name] = dataset_entry(split.target, split.format, self._info.parent)
            with writing(self._info):
                text = encode_dataset_info(entries)
                self._staged.path(self._info).write_text(text, encoding="utf-8", newline="\n")
            self._staged.commit()

    def _complete(self) -> dict[str, SplitWriter]:
        for writer in self._splits.values():
            writer.close()
        return {dataset_name(name): writer for name, writer in self._splits.items()}


def _abandon(writer: SplitWriter) -> None:
    with suppress(OutputError):  # the file goes anyway
        writer.close(complete=False)
