"""The check as one step: a predictions file and an index in, a `Score` and its reports out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from . import __version__, report
from .citations import abstains, extract
from .index import DEFAULT_INDEX, ReferenceIndex
from .metrics import CheckedAnswer, CheckedCitation, Score
from .predictions import Prediction, find_predictions, read_predictions
from .verify import MIN_CONTENT_WORDS, NEAR, YEAR_TOLERANCE, verify


@dataclass(frozen=True)
class Result:
    """A finished check.

    Attributes:
        score: counts and rates.
        answers: every answer with its checked citations, in the order of the file.
        signature: what the numbers depend on, as in sacrebleu's signatures.
        files: the reports written, by kind: `json`, `details`, `html`.
    """

    score: Score
    answers: list[CheckedAnswer]
    signature: dict[str, Any]
    files: dict[str, Path]


def check_answers(predictions: Iterable[Prediction], index: ReferenceIndex) -> Iterator[CheckedAnswer]:
    """Extract and verify the citations of each prediction."""
    for row, prediction in enumerate(predictions):
        citations = tuple(CheckedCitation(found, verify(found, index)) for found in extract(prediction.predict))
        yield CheckedAnswer(row, prediction.prompt, prediction.predict, citations, abstains(prediction.predict))


def check_file(
    path: str | Path,
    index: str | Path = DEFAULT_INDEX,
    output: str | Path | None = None,
    *,
    progress: bool = False,
) -> Result:
    """Check a predictions file and write the reports beside it, or to `output`.

    Args:
        path: `generated_predictions.jsonl` or the directory that holds it.
        index: directory of the reference index.
        output: directory for the reports; beside the predictions if None.
        progress: show a progress bar on stderr.

    Raises:
        PredictionsError, IndexUnavailableError, OutputError: see their docstrings; nothing is written then.
    """
    path = find_predictions(path)
    reference = ReferenceIndex(index)
    predictions: Iterable[Prediction] = read_predictions(path)
    if progress:
        from tqdm import tqdm

        predictions = tqdm(predictions, desc="Checking citations", unit=" answers")
    answers = list(check_answers(predictions, reference))
    score = Score.of(answers)
    signature = sign(path, reference)
    directory = path.parent if output is None else Path(output)
    return Result(score, answers, signature, report.write(directory, score, answers, signature))


def sign(path: Path, index: ReferenceIndex) -> dict[str, Any]:
    """What the numbers of a report depend on; equal signatures mean comparable numbers."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    coverage = index.coverage
    return {
        "paperqa_ext": __version__,
        "llamafactory": metadata.version("llamafactory"),
        "index": {"hash": coverage.hash, "papers": coverage.papers, "first": coverage.first, "last": coverage.last},
        "thresholds": {
            "near_title": NEAR,
            "min_content_words": MIN_CONTENT_WORDS,
            "year_tolerance": YEAR_TOLERANCE,
        },
        "predictions_sha256": digest,
    }
