"""What LLaMA-Factory's predict stage wrote, streamed as `Prediction`s with their line numbers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .errors import PredictionsError

FILE_NAME = "generated_predictions.jsonl"
# What lies beside predictions under the same ending: LLaMA-Factory's log and this package's own.
_OTHER_FILES = frozenset({"trainer_log.jsonl", "hallucination_details.jsonl"})
_RERUN = "Run the predict stage again, e.g. `llamafactory-cli train examples/predict.yaml`."


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of `generated_predictions.jsonl`.

    Attributes:
        line: 1-based, in the file.
        prompt: the prompt as the model saw it, with its template's special tokens.
        predict: the model's answer.
        label: the reference answer.
    """

    line: int
    prompt: str
    predict: str
    label: str


def find_predictions(path: str | Path) -> list[Path]:
    """The predictions files that `path` names.

    Args:
        path: a file, which is then the only one; or a directory, which names every `generated_predictions.jsonl` in it
            and below it, or where there is none its own `*.jsonl` files: a run that was predicted in parts.

    Raises:
        PredictionsError: there is none.
    """
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise PredictionsError("no such file or directory", path=path, remedy=_RERUN)
    found = sorted(path.rglob(FILE_NAME)) or sorted(
        file for file in path.glob("*.jsonl") if file.name not in _OTHER_FILES
    )
    if not found:
        raise PredictionsError(f"no {FILE_NAME} in this directory", path=path, remedy=_RERUN)
    return found


def read_predictions(path: Path, rows: Collection[int] | None = None) -> Iterator[Prediction]:
    """Stream the predictions of one file; only those in `rows`, counted from 0, if given.

    Raises:
        PredictionsError: as of `lines` and `parse`.
    """
    return (parse(path, *line) for row, line in enumerate(lines(path)) if rows is None or row in rows)


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Stream the lines that are not blank, with their 1-based numbers.

    Raises:
        PredictionsError: the file cannot be read, or is empty.
    """
    number = 0
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield number, text
    except OSError as error:
        raise PredictionsError(
            f"cannot be read: {error.strerror}", path=path, remedy="Check that it is there, and its permissions."
        ) from error
    if not number:
        raise PredictionsError("the file is empty", path=path, remedy=_RERUN)


def check_lines(path: Path) -> None:
    """Read a whole file for what is wrong with it, in a hundredth of the time that checking its citations takes.

    Raises:
        PredictionsError: as of `lines` and `parse`.
    """
    for line in lines(path):
        parse(path, *line)


def parse(path: Path, line: int, text: bytes) -> Prediction:
    """One line of a predictions file.

    Raises:
        PredictionsError: it is not a JSON object with string `prompt`, `predict` and `label`.
    """
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
    fields = {}
    for key in ("prompt", "predict", "label"):
        if not isinstance(row.get(key), str):
            found = ", ".join(repr(name)[1:-1][:40] for name in islice(row, 10)) or "none"
            raise PredictionsError(
                f"missing, or not a string; keys found: {found}",
                path=path,
                line=line,
                field=key,
                remedy="Expected LLaMA-Factory's predict output with prompt, predict and label.",
            )
        fields[key] = row[key]
    return Prediction(line, **fields)
