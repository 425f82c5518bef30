"""`dataset_info.json`, where LLaMA-Factory finds data sets by name."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import DatasetError
from ..files import writing

DATASET_INFO = Path("dataset_info.json")
FORMATS = ("alpaca", "sharegpt")
# LLaMA-Factory sets each column and tag that a partial `columns` or `tags` omits to null, so all of them are named.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "alpaca": {
        "prompt": "instruction",
        "query": "input",
        "response": "output",
        "system": "system",
        "history": "history",
    },
    "sharegpt": {"messages": "conversations", "system": "system"},
    # Preferences: alpaca rows whose answers are two of one question, or one with a judgement.
    "dpo": {
        "prompt": "instruction",
        "query": "input",
        "system": "system",
        "history": "history",
        "chosen": "chosen",
        "rejected": "rejected",
    },
    "kto": {
        "prompt": "instruction",
        "query": "input",
        "response": "output",
        "system": "system",
        "history": "history",
        "kto_tag": "kto_tag",
    },
}
TAGS: Mapping[str, str] = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
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


def dataset_entry(path: Path, format: str, directory: Path) -> dict[str, Any]:
    """The entry of a file in a `dataset_info.json`.

    Args:
        path: the file.
        format: of its rows, a key of `COLUMNS`.
        directory: of the `dataset_info.json`, from which LLaMA-Factory looks for the file.
    """
    entry: dict[str, Any] = {"file_name": relative(path, directory), "columns": dict(COLUMNS[format])}
    if format == "sharegpt":
        return {**entry, "formatting": format, "tags": dict(TAGS)}
    return {**entry, "ranking": True} if format == "dpo" else entry


def stage_of(entry: Mapping[str, Any]) -> str:
    """The training stage for which LLaMA-Factory loads data of this entry: `sft`, `rm` (DPO too) or `kto`."""
    return "rm" if entry.get("ranking") else "kto" if "kto_tag" in entry.get("columns", {}) else "sft"


def encode_dataset_info(entries: Mapping[str, Any]) -> str:
    """The text of a `dataset_info.json`."""
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


@contextmanager
def locked(dataset_info: Path) -> Iterator[None]:
    """Two converts of one user at once register in turn; the lock file lies in the system's temporary directory."""
    name = blake2b(f"{Path.home()}\n{dataset_info.resolve()}".encode(), digest_size=8).hexdigest()
    lock = FileLock(Path(tempfile.gettempdir()) / f"paperqa-{name}.lock")
    with writing(Path(lock.lock_file)):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def relative(path: Path, base: Path) -> str:
    """`path` as seen from the directory `base`, with slashes."""
    try:
        return Path(os.path.relpath(path.resolve(), base.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return path.resolve().as_posix()
