"""What LLaMA-Factory's predict stage wrote, streamed as `Prediction`s with their line numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import PredictionsError

FILE_NAME = "generated_predictions.jsonl"
_RERUN = "Run the predict stage again, e.g. `llamafactory-cli train examples/predict.yaml`."


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of `generated_predictions.jsonl`.

    Attributes:
        line: 1-based line in the file.
        prompt: the prompt as the model saw it, with its template's special tokens.
        predict: the model's answer.
        label: the reference answer.
    """

    line: int
    prompt: str
    predict: str
    label: str


def find_predictions(path: str | Path) -> Path:
    """The predictions file that `path` names, itself or as its directory.

    Raises:
        PredictionsError: there is none.
    """
    path = Path(path)
    if path.is_dir():
        if (path / FILE_NAME).is_file():
            return path / FILE_NAME
        raise PredictionsError(f"no {FILE_NAME} in this directory", path=path, remedy=_RERUN)
    if not path.is_file():
        raise PredictionsError("no such file or directory", path=path, remedy=_RERUN)
    return path


def read_predictions(path: str | Path) -> Iterator[Prediction]:
    """Stream the predictions of one file.

    Raises:
        PredictionsError: the file is missing, empty, or a line is not a JSON object with string `prompt`, `predict`
            and `label`.
    """
    path = find_predictions(path)
    line = 0
    try:
        with path.open("rb") as file:
            for line, text in enumerate(file, 1):
                if text.strip():
                    yield _prediction(path, line, text)
    except OSError as error:
        raise PredictionsError(
            f"cannot be read: {error.strerror}", path=path, remedy="Check its permissions."
        ) from error
    if not line:
        raise PredictionsError("the file is empty", path=path, remedy=_RERUN)


def _prediction(path: Path, line: int, text: bytes) -> Prediction:
    try:
        row = json.loads(text)
    except ValueError as error:
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
            found = ", ".join(row) or "none"
            raise PredictionsError(
                f"missing, or not a string; keys found: {found}",
                path=path,
                line=line,
                field=key,
                remedy="Expected LLaMA-Factory's predict output with prompt, predict and label.",
            )
        fields[key] = row[key]
    return Prediction(line, **fields)
