"""The check as one step: predictions and an index in, a `Score` and its reports out, answers streamed between."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

from . import __version__, details, report
from .citations import abstains, extract
from .engine import Engine, open_engine
from .errors import OutputError, PredictionsError
from .files import Staged, writing
from .index import DEFAULT_INDEX, ReferenceIndex
from .metrics import CheckedAnswer, CheckedCitation, Score
from .predictions import FILE_NAME, Prediction, check_lines, find_predictions, lines, parse
from .verify import LONG_PART, MIN_CONTENT_WORDS, NEAR, RETITLED, YEAR_TOLERANCE, verify_all

_CHUNK_ANSWERS = 256
_CHUNK_BYTES = 1 << 18  # an answer may be large


@dataclass(frozen=True)
class Result:
    """A finished check.

    Attributes:
        predictions: the file that was checked.
        score: counts and rates.
        signature: what the numbers depend on, as in sacrebleu's signatures.
        files: the reports written, by kind: `json`, `details`, `html`.
    """

    predictions: Path
    score: Score
    signature: dict[str, Any]
    files: dict[str, Path]

    def answers(self) -> Iterator[CheckedAnswer]:
        """Every answer with its checked citations, in the order of the file, read from the disk."""
        return details.read(self.predictions, self.files["details"])


def check_answers(predictions: Sequence[Prediction], index: ReferenceIndex, first: int = 0) -> list[CheckedAnswer]:
    """Extract and verify the citations of predictions, the first of which is row `first` of its file."""
    found = [extract(prediction.predict) for prediction in predictions]
    verdicts = iter(verify_all([citation for citations in found for citation in citations], index))
    return [
        CheckedAnswer(
            row,
            prediction.prompt,
            prediction.predict,
            tuple(CheckedCitation(citation, next(verdicts)) for citation in citations),
            abstains(prediction.predict, citations),
        )
        for row, (prediction, citations) in enumerate(zip(predictions, found, strict=True), first)
    ]


def check_file(
    path: str | Path,
    index: str | Path = DEFAULT_INDEX,
    output: str | Path | None = None,
    *,
    engine: Engine | None = None,
    progress: bool = False,
) -> Result:
    """Check a predictions file and write the reports beside it, or to `output`; an earlier report stays until then.

    Answers are streamed: memory does not grow with the file but for a few dozen bytes an answer.

    Args:
        path: `generated_predictions.jsonl` or another file of its format, or the directory that holds it.
        index: directory of the reference index.
        output: directory for the reports; that of the predictions if None.
        engine: where the work is done; in this process if None. The result does not depend on it.
        progress: show a progress bar on stderr.

    Raises:
        PredictionsError, IndexUnavailableError, OutputError: see their docstrings; nothing is written then.
    """
    path = Path(path)
    if path.is_dir():
        path /= FILE_NAME
    place = Place(path, path.parent if output is None else Path(output), ".")
    [(_, result)] = _check([place], ReferenceIndex(index), engine, progress)
    return result


def check_paths(
    paths: Iterable[str | Path],
    index: str | Path = DEFAULT_INDEX,
    output: str | Path | None = None,
    *,
    engine: Engine | None = None,
    progress: bool = False,
) -> Iterator[tuple[str, Result]]:
    """Check all predictions files that `paths` name, each with a report of its own; see `places` and `check_file`.

    All files are read for bad lines before the first is checked, which may take hours.

    Returns:
        For each file as it is done: what tells it from the others (`checkpoint-100`), and its result.
    """
    return _check(places(paths, output), ReferenceIndex(index), engine, progress)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the report of a predictions file goes.

    Attributes:
        file: of predictions.
        directory: for its report.
        name: what tells it from the others: its directory below what all have in common; `.` for that itself.
    """

    file: Path
    directory: Path
    name: str


def places(paths: Iterable[str | Path], output: str | Path | None) -> list[Place]:
    """The predictions files that `paths` name, each once.

    Files that share a directory get one each in it, named after them: `parts/1.jsonl` is reported in `parts/1/`.

    Args:
        paths: files and directories; see `predictions.find_predictions`.
        output: directory below which the reports lie as the files do below what they have in common; where the files
            are if None.

    Raises:
        PredictionsError: there are none.
        OutputError: two reports would take one place.
    """
    files = list({file.resolve(): file for path in paths for file in find_predictions(path)}.items())
    beside = Counter(real.parent for real, _ in files)
    together = Path(os.path.commonpath([real.parent for real, _ in files])) if files else Path()
    found: dict[Path, Place] = {}
    for real, file in files:
        own = "" if beside[real.parent] == 1 else file.stem
        name = (real.parent / own).relative_to(together)
        directory = file.parent / own if output is None else Path(output) / name
        if directory in found:
            raise OutputError(
                f"would hold the reports of two files, {found[directory].file} and {file}",
                path=directory,
                remedy="Check them one by one, each with its own --output.",
            )
        found[directory] = Place(file, directory, str(name))
    return list(found.values())


@dataclass(slots=True)
class _Chunk:
    """Consecutive lines of a predictions file with their numbers; the first is row `first` of the file."""

    file: Path
    first: int
    lines: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of a chunk: its lines of the details file, and its score."""

    file: Path
    details: bytes
    score: Score


@dataclass(frozen=True)
class _Work:
    """What is done with a chunk, in whatever process."""

    index: ReferenceIndex

    def __call__(self, chunk: _Chunk) -> _Part:
        predictions = [parse(chunk.file, *line) for line in chunk.lines]
        answers = check_answers(predictions, self.index, chunk.first)
        return _Part(chunk.file, b"".join(map(details.encode, answers)), Score.of(answers))


def _check(
    found: Sequence[Place], index: ReferenceIndex, engine: Engine | None, progress: bool
) -> Iterator[tuple[str, Result]]:
    for place in found:
        check_lines(place.file)
    stamps = [_stamp(place.file) for place in found]
    # The chunks of all files are one stream, so that many small files keep as many workers busy as a large one.
    chunks = _chunks([place.file for place in found], progress)
    work = _Work(ReferenceIndex(index.path.absolute()))  # a process of a cluster may work in another directory
    parts = groupby((engine or open_engine("local", 1)).map(work, chunks), key=lambda part: part.file)
    for place, stamp, (_, own) in zip(found, stamps, parts, strict=True):
        yield place.name, _report(place, stamp, own, index)


def _report(place: Place, stamp: tuple[int, int], parts: Iterable[_Part], index: ReferenceIndex) -> Result:
    scores = []
    written = place.directory / details.DETAILS_NAME
    with Staged() as staged:
        with writing(written), staged.path(written).open("wb") as file:
            for part in parts:
                file.write(part.details)
                scores.append(part.score)
        score = Score.joined(scores)
        signature = sign(place.file, index)
        if _stamp(place.file) != stamp:
            raise PredictionsError("changed while it was checked", path=place.file, remedy="Check it again.")
        worst = details.read(place.file, staged.path(written), score.worst(report.MAX_ANSWERS))
        files = report.stage(staged, place.directory, score, worst, signature)
        staged.commit()
    return Result(place.file, score, signature, {**files, "details": written})


def _stamp(path: Path) -> tuple[int, int]:
    """Tells one state of a file from another."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _chunks(files: Sequence[Path], progress: bool) -> Iterator[_Chunk]:
    from tqdm import tqdm

    size = sum(file.stat().st_size for file in files)
    disable = None if progress else True  # None: if there is no terminal
    with tqdm(total=size, desc="checking", unit="B", unit_scale=True, disable=disable) as bar:
        for file in files:
            chunk, size = _Chunk(file, 0), 0
            for row, line in enumerate(lines(file)):
                if len(chunk.lines) == _CHUNK_ANSWERS or size > _CHUNK_BYTES:
                    yield chunk
                    bar.update(size)
                    chunk, size = _Chunk(file, row), 0
                chunk.lines.append(line)
                size += len(line[1])
            yield chunk
            bar.update(size)


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
            "retitled": RETITLED,
            "min_content_words": MIN_CONTENT_WORDS,
            "long_part": LONG_PART,
            "year_tolerance": YEAR_TOLERANCE,
        },
        "predictions_sha256": digest,
    }
