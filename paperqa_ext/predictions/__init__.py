"""What a model answered, streamed from predictions files as `Prediction`s with their line numbers."""

from __future__ import annotations

import glob
import gzip
import json
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ..errors import PredictionsError
from .formats import Format, Prediction, format_of

__all__ = ["FILE_NAME", "Prediction", "check_lines", "find_predictions", "lines", "parse", "read_predictions", "stem"]

FILE_NAME = "generated_predictions.jsonl"
_GZIP = b"\x1f\x8b"
# What lies beside predictions under the same ending: LLaMA-Factory's log and this package's own.
_OTHER_FILES = frozenset({"trainer_log.jsonl", "hallucination_details.jsonl"})
_RERUN = "Run the predict stage again, e.g. `llamafactory-cli train examples/predict.yaml`."


def find_predictions(path: str | Path) -> list[Path]:
    """The predictions files that `path` names.

    Args:
        path: a file, which is then the only one; a directory, which names every `generated_predictions.jsonl` in it
            and below it, or where there is none its own `*.jsonl` files: a run that was predicted in parts; or a
            pattern (`saves/*/part-*.jsonl`, `**` for any depth), which names what each match does. Each file may be
            compressed (`.gz`).

    Raises:
        PredictionsError: there is none.
    """
    path = Path(path)
    if path.is_file():
        return [path]
    if path.is_dir():
        return _in_directory(path)
    if not glob.has_magic(str(path)):
        raise PredictionsError("no such file or directory", path=path, remedy=_RERUN)
    # Path.glob takes no absolute patterns.
    matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
    if not matches:
        raise PredictionsError("nothing matches this pattern", path=path, remedy="Check it, and where you are.")
    return [file for match in matches for file in ([match] if match.is_file() else _in_directory(match))]


def _in_directory(path: Path) -> list[Path]:
    own = sorted(file for ending in (".jsonl", ".jsonl.gz") for file in path.glob(f"*{ending}"))
    found = sorted([*path.rglob(FILE_NAME), *path.rglob(f"{FILE_NAME}.gz")]) or [
        file for file in own if file.name not in _OTHER_FILES
    ]
    if not found:
        raise PredictionsError(f"no {FILE_NAME} in this directory", path=path, remedy=_RERUN)
    return found


def stem(path: Path) -> str:
    """The name of a predictions file without its endings.

    >>> stem(Path("parts/1.jsonl.gz"))
    '1'
    """
    return Path(path.name.removesuffix(".gz")).stem


def read_predictions(
    path: Path, rows: Collection[int] | None = None, *, field: str | None = None
) -> Iterator[Prediction]:
    """Stream the predictions of one file; only those in `rows`, counted from 0, if given.

    Args:
        path: the file; its format is recognized, see `formats`.
        rows: which to read; all if None.
        field: the key of the answers, in JSONL of no known format.

    Raises:
        PredictionsError: as of `lines` and `parse`.
    """
    return (parse(path, *line, field) for row, line in enumerate(lines(path)) if rows is None or row in rows)


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Stream the lines that are not blank, decompressed, with their 1-based numbers.

    Raises:
        PredictionsError: the file cannot be read, or is empty.
    """
    number = 0
    try:
        with path.open("rb") as plain, gzip.open(plain) if plain.peek(2)[:2] == _GZIP else plain as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield number, text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PredictionsError(
            f"the compressed file is damaged after line {number}: {error}",
            path=path,
            remedy="Compress or copy it again.",
        ) from error
    except OSError as error:
        raise PredictionsError(
            f"cannot be read: {error.strerror}", path=path, remedy="Check that it is there, and its permissions."
        ) from error
    if not number:
        raise PredictionsError("the file is empty", path=path, remedy=_RERUN)


def check_lines(path: Path, field: str | None = None) -> int:
    """Read a whole file for what is wrong with it, in a hundredth of the time that checking its citations takes.

    Returns:
        The bytes of its lines, decompressed.

    Raises:
        PredictionsError: as of `lines` and `parse`, or not all lines are of the format of the first.
    """
    size, first = 0, None
    for line, text in lines(path):
        size += len(text)
        row = _object(path, line, text)
        is_of = format_of(row, field)
        first = first or (line, is_of.name)
        if is_of.name != first[1]:
            raise PredictionsError(
                f"{is_of.name}, but line {first[0]} is {first[1]}",
                path=path,
                line=line,
                remedy="Check files of one format each.",
            )
        _prediction(path, line, row, is_of)
    return size


def parse(path: Path, line: int, text: bytes, field: str | None = None) -> Prediction:
    """One line of a predictions file.

    Raises:
        PredictionsError: it is no row of a format that `formats` knows, or has no string under the `field` given.
    """
    row = _object(path, line, text)
    return _prediction(path, line, row, format_of(row, field))


def _object(path: Path, line: int, text: bytes) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:  # brackets nested a thousand deep
        raise PredictionsError(
            f"not valid JSON: {error}",
            path=path,
            line=line,
            remedy=f"The file may be cut off. {_RERUN}",
        ) from error
    if not isinstance(row, dict):
        raise PredictionsError("not a JSON object", path=path, line=line, remedy=_RERUN)
    return row


def _prediction(path: Path, line: int, row: dict[str, Any], is_of: Format) -> Prediction:
    try:
        return Prediction(line, *is_of.read(row))
    except PredictionsError as error:
        error.path, error.line = path, line
        raise
