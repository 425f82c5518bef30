"""The check as one step: predictions and an index in, a `Score` and its reports out, answers streamed between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

from . import __version__, details, report
from .asked import Alignment, Asked, Questions
from .chunks import Chunk, chunks_of
from .citations import abstains, extract
from .constraints import judge, knows_topics
from .dataset.registry import DATASET_INFO, relative
from .engine import Engine, open_engine
from .errors import PredictionsError
from .files import Staged, writing
from .index import DEFAULT_INDEX, ReferenceIndex
from .metrics import RESAMPLES, CheckedAnswer, CheckedCitation, Score
from .places import Place, places
from .predictions import FILE_NAME, Prediction, check_lines, parse
from .verify import LONG_PART, MIN_CONTENT_WORDS, NEAR, RETITLED, YEAR_TOLERANCE, verify_all


@dataclass(frozen=True)
class Result:
    """A finished check.

    Attributes:
        predictions: the file that was checked.
        score: counts and rates.
        signature: what the numbers depend on, as in sacrebleu's signatures.
        files: the reports written, by kind: `json`, `details`, `html`.
        field: the key of the answers, in JSONL of no known format.
    """

    predictions: Path
    score: Score
    signature: dict[str, Any]
    files: dict[str, Path]
    field: str | None = None

    def answers(self) -> Iterator[CheckedAnswer]:
        """Every answer with its checked citations, in the order of the file, read from the disk."""
        return details.read(self.predictions, self.files["details"], field=self.field)


def check_answers(
    predictions: Sequence[Prediction],
    index: ReferenceIndex,
    first: int = 0,
    asked: Sequence[Asked] | None = None,
) -> list[CheckedAnswer]:
    """Extract and verify the citations of predictions.

    Args:
        predictions: consecutive ones of a file.
        index: the real records.
        first: row of the first of them in the file.
        asked: the dataset row of each, if they are known.
    """
    found = [extract(prediction.predict) for prediction in predictions]
    verdicts = iter(verify_all([citation for citations in found for citation in citations], index))
    rows = [None] * len(predictions) if asked is None else asked
    answers = [
        CheckedAnswer(
            place,
            prediction.prompt,
            prediction.predict,
            tuple(CheckedCitation(citation, next(verdicts)) for citation in citations),
            abstains(prediction.predict, citations),
            row,
        )
        for place, (prediction, citations, row) in enumerate(zip(predictions, found, rows, strict=True), first)
    ]
    return answers if asked is None else judge(answers, index)


def check_file(
    path: str | Path,
    index: str | Path = DEFAULT_INDEX,
    output: str | Path | None = None,
    *,
    dataset: Sequence[str] = (),
    dataset_info: str | Path = DATASET_INFO,
    field: str | None = None,
    resamples: int = RESAMPLES,
    decoding: str | None = None,
    engine: Engine | None = None,
    progress: bool = False,
) -> Result:
    """Check a predictions file and write the reports beside it, or to `output`; an earlier report stays until then.

    Answers are streamed: memory does not grow with the file but for a few dozen bytes an answer.

    Args:
        path: a predictions file, of any format that `predictions.formats` knows, or the directory that holds
            `generated_predictions.jsonl`.
        index: directory of the reference index.
        output: directory for the reports; that of the predictions if None.
        dataset: names of the datasets whose questions were answered, in order. If none, the one registered that proves
            to be it, if there is one; see `asked.Questions`.
        dataset_info: the `dataset_info.json` that registers them.
        field: the key of the answers, in JSONL of no known format.
        resamples: bootstrap samples behind the intervals of citation-level rates.
        decoding: how the answers were generated, for the signature: `constrained`, so that their marked citations
            cannot be fabricated, or `free`; None if that is not known.
        engine: where the work is done; in this process if None. The result does not depend on it.
        progress: show a progress bar on stderr.

    Raises:
        PredictionsError, IndexUnavailableError, DatasetError, OutputError: see their docstrings; nothing is written
            then.
    """
    path = Path(path)
    if path.is_dir():
        path /= FILE_NAME
    place = Place(path, path.parent if output is None else Path(output), ".")
    how = _How(field, Questions(Path(dataset_info), dataset), resamples, decoding)
    [(_, result)] = _check([place], ReferenceIndex(index), how, engine, progress)
    return result


def check_paths(
    paths: Iterable[str | Path],
    index: str | Path = DEFAULT_INDEX,
    output: str | Path | None = None,
    *,
    dataset: Sequence[str] = (),
    dataset_info: str | Path = DATASET_INFO,
    field: str | None = None,
    resamples: int = RESAMPLES,
    engine: Engine | None = None,
    progress: bool = False,
) -> Iterator[tuple[str, Result]]:
    """Check all predictions files that `paths` name, each with a report of its own; see `places` and `check_file`.

    All files are read for bad lines before the first is checked, which may take hours.

    Returns:
        For each file as it is done: what tells it from the others (`checkpoint-100`), and its result.
    """
    how = _How(field, Questions(Path(dataset_info), dataset), resamples)
    return _check(places(paths, output), ReferenceIndex(index), how, engine, progress)


@dataclass(frozen=True, slots=True)
class _How:
    """What a check depends on besides predictions and index: arguments of `check_file`."""

    field: str | None
    questions: Questions
    resamples: int
    decoding: str | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of a chunk: its score, its lines of the details file, and what else the report says of it."""

    file: Path
    score: Score
    details: bytes
    shown: report.Shown


@dataclass(frozen=True)
class _Work:
    """What is done with a chunk, in whatever process."""

    index: ReferenceIndex
    field: str | None

    def __call__(self, chunk: Chunk) -> _Part:
        predictions = [parse(chunk.file, *line, self.field) for line in chunk.lines]
        answers = check_answers(predictions, self.index, chunk.first, chunk.asked)
        return _Part(chunk.file, Score.of(answers), b"".join(map(details.encode, answers)), report.show(answers))


def _check(
    found: Sequence[Place], index: ReferenceIndex, how: _How, engine: Engine | None, progress: bool
) -> Iterator[tuple[str, Result]]:
    size = sum(check_lines(place.file, how.field) for place in found)
    stamps = [_stamp(place.file) for place in found]
    known = [how.questions.behind(place.file, field=how.field) for place in found]
    # The chunks of all files are one stream, so that many small files keep as many workers busy as a large one.
    chunks = chunks_of(
        [(place.file, one.asked) for place, one in zip(found, known, strict=True)], size, progress=progress
    )
    # A process of a cluster may work in another directory.
    work = _Work(ReferenceIndex(index.path.absolute()), how.field)
    parts = groupby((engine or open_engine("local", 1)).map(work, chunks), key=lambda part: part.file)
    for place, stamp, alignment, (_, own) in zip(found, stamps, known, parts, strict=True):
        yield place.name, _report(place, stamp, alignment, own, index, how)


def _report(
    place: Place,
    stamp: tuple[int, int],
    alignment: Alignment,
    parts: Iterable[_Part],
    index: ReferenceIndex,
    how: _How,
) -> Result:
    scores = []
    written = place.directory / details.DETAILS_NAME
    with Staged() as staged:
        run = report.RunReport(staged, place.directory)
        with writing(written), staged.path(written).open("wb") as file:
            for part in parts:
                file.write(part.details)
                run.add(part.shown)
                scores.append(part.score)
        score = Score.joined(scores, resamples=how.resamples, alignment=alignment.reason)
        signature = sign(place.file, index, place.directory, how.field, how.decoding)
        if _stamp(place.file) != stamp:
            raise PredictionsError("changed while it was checked", path=place.file, remedy="Check it again.")
        files = run.write(score, signature)
        staged.commit()
    return Result(place.file, score, signature, {**files, "details": written}, how.field)


def _stamp(path: Path) -> tuple[int, int]:
    """Tells one state of a file from another."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def sign(
    path: Path, index: ReferenceIndex, directory: Path, field: str | None = None, decoding: str | None = None
) -> dict[str, Any]:
    """What the numbers of a report depend on, and where they come from.

    Numbers are comparable where the version, `index` and `thresholds` are equal.

    Args:
        path: the predictions.
        index: the real records.
        directory: of the report.
        field: the key of the answers, in JSONL of no known format.
        decoding: how the answers were generated, as of `check_file`.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    coverage = index.coverage
    return {
        "paperqa_ext": __version__,
        "llamafactory": metadata.version("llamafactory"),
        "index": {
            "hash": coverage.hash,
            "papers": coverage.papers,
            "first": coverage.first,
            "last": coverage.last,
            "topics": knows_topics(index),
        },
        "thresholds": {
            "near_title": NEAR,
            "retitled": RETITLED,
            "min_content_words": MIN_CONTENT_WORDS,
            "long_part": LONG_PART,
            "year_tolerance": YEAR_TOLERANCE,
        },
        "predictions": relative(path, directory),
        "field": field,
        "predictions_sha256": digest,
        "decoding": decoding,
    }
