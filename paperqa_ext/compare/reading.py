"""Checked runs, found and read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from .. import details
from ..details import REPORT_NAME
from ..errors import ComparisonError
from ..metrics import CheckedAnswer, Score
from ..places import apart
from .checkpoints import step_of

_SAME = ("paperqa_ext", "index", "thresholds")  # keys of the signature that must be equal
_AGAIN = "Check the runs again, together and with one index: `paperqa check BEFORE AFTER --index DIR`."
_QUALITY = ("bleu-4", "rouge-1", "rouge-2", "rouge-l")
_CHUNK = 1024  # answers counted at a time


@dataclass(frozen=True)
class Checked:
    """A checked run, read again from its files.

    Attributes:
        name: what tells it from the others.
        directory: of its report.
        predictions: the file that was checked.
        signature: of its report.
        score: of all its answers.
        rows: of each answer the id of its dataset row, or None.
        prompts: of each answer a hash of its prompt; None where the file has none.
        quality: as `Run.quality`.
    """

    name: str
    directory: Path
    predictions: Path
    signature: Mapping[str, Any]
    score: Score
    rows: tuple[Hashable, ...]
    prompts: tuple[Hashable, ...]

    quality: Mapping[str, float]

    def answers(self, rows: Sequence[int]) -> list[CheckedAnswer]:
        """The answers in some rows of the file, in the order of `rows`."""
        written = self.directory / details.DETAILS_NAME
        found = details.read(self.predictions, written, rows, field=self.signature["field"])
        answers = {answer.index: answer for answer in found}
        return [answers[row] for row in rows]


def find_runs(paths: Sequence[str | Path]) -> list[tuple[str, Path]]:
    """The reports that `paths` name, each with what tells it from the others.

    Args:
        paths: `hallucination_report.json` files, directories that hold one, or directories above several, which are
            taken in the order of their steps.

    Raises:
        ComparisonError: there is none in a path, or not two in all.
    """
    found = list(dict.fromkeys(directory.resolve() for path in paths for directory in _directories(Path(path))))
    if len(found) < 2:
        raise ComparisonError(
            "there is only this one report to compare", path=found[0], remedy="Name a second run, or a directory above."
        )
    return list(zip(apart(found), found, strict=True))


def _directories(path: Path) -> list[Path]:
    if path.name == REPORT_NAME and path.is_file():
        return [path.parent]
    if (path / REPORT_NAME).is_file():
        return [path]
    found = [file.parent for file in path.rglob(REPORT_NAME)]
    if not found:
        raise ComparisonError(f"there is no {REPORT_NAME}", path=path, remedy=f"First: `paperqa check {path}`.")
    return sorted(found, key=lambda directory: (step_of(directory) or 0, directory))


def read_run(name: str, directory: Path, resamples: int, seed: int) -> Checked:
    """A checked run from its report, its details and its predictions.

    Raises:
        ComparisonError: one of them is missing or damaged, or they do not belong together.
    """
    path = directory / REPORT_NAME
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        signature, reason = report["signature"], report["alignment"]["reason"]
        predictions = directory / signature["predictions"]
        with predictions.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != signature["predictions_sha256"]:
            raise ComparisonError("made from other predictions than are there now", path=path, remedy=_AGAIN)
        written = directory / details.DETAILS_NAME
        answers = details.read(predictions, written, field=signature["field"])
        parts: list[Score] = []
        rows: list[str | None] = []
        prompts: list[bytes | None] = []
        while chunk := list(islice(answers, _CHUNK)):
            parts.append(Score.of(chunk))
            rows += [answer.asked.id or None if answer.asked else None for answer in chunk]
            prompts += [_hash(answer.prompt) if answer.prompt else None for answer in chunk]
        quality = _quality(predictions.parent / "predict_results.json")
    except OSError as error:
        raise ComparisonError(f"cannot be read: {error.strerror}", path=error.filename, remedy=_AGAIN) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ComparisonError(f"is damaged, or of another version: {error!r}", path=path, remedy=_AGAIN) from error
    score = Score.joined(parts, resamples=resamples, seed=seed, alignment=reason or "")
    return Checked(name, directory, predictions, signature, score, tuple(rows), tuple(prompts), quality)


def _quality(path: Path) -> dict[str, float]:
    if not path.is_file():
        return {}
    results = json.loads(path.read_text(encoding="utf-8"))
    return {name: float(results[f"predict_{name}"]) for name in _QUALITY if f"predict_{name}" in results}


def _hash(prompt: str) -> bytes:
    return hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).digest()


def check_signatures(runs: Sequence[Checked]) -> None:
    """See that runs were checked against the same records by the same rules.

    Raises:
        ComparisonError: they were not.
    """
    first = runs[0]
    for run in runs[1:]:
        for key in _SAME:
            if run.signature.get(key) != first.signature.get(key):
                raise ComparisonError(
                    f"checked with another `{key}` than {first.directory / REPORT_NAME}",
                    path=run.directory / REPORT_NAME,
                    field="signature",
                    remedy=_AGAIN,
                )
