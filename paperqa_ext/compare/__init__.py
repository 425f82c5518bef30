"""Checked runs compared on the same questions: before and after training, or checkpoint by checkpoint.

The questions are paired, so the tests are paired too: McNemar's on whether an answer cites a paper that does not exist,
and a bootstrap over questions for the difference of every rate. Only questions that all runs have count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np

from ..errors import ComparisonError
from ..metrics import RATES, RESAMPLES, UNBOUNDED, Difference, Score, difference, mcnemar
from .checkpoints import step_of, training_loss
from .reading import Checked, check_signatures, find_runs, read_run
from .results import Changed, Comparison, Pair, Run

__all__ = ["Changed", "Comparison", "Pair", "Run", "compare", "find_runs"]

MAX_CHANGED = 500  # questions whose answers are read again, to be shown


def compare(
    runs: Sequence[tuple[str, Path]], *, resamples: int = RESAMPLES, seed: int = 0, log: Path | None = None
) -> Comparison:
    """Compare checked runs with the first of them, question by question.

    Args:
        runs: names, and directories of the reports; see `find_runs`.
        resamples: bootstrap samples behind every interval.
        seed: of the bootstrap.
        log: `trainer_log.jsonl` or `trainer_state.json` of the training, for its loss; looked for around directories
            named `checkpoint-N` if None.

    Raises:
        ComparisonError: a report cannot be read, was made from other predictions than lie there now, or with another
            index or version than the others; or the runs have no question in common.
    """
    read = [read_run(name, directory, resamples, seed) for name, directory in runs]
    check_signatures(read)
    by_row = all(None not in run.rows for run in read)
    keys = [_numbered(run.rows if by_row else run.prompts) for run in read]
    common = [key for key in keys[0] if all(key in other for other in keys[1:])]
    if not common:
        raise ComparisonError(
            "no question is in all of the runs, or their files do not have the prompts", path=read[0].directory,
            remedy="Compare runs on the same questions, predicted with the same chat template.",
        )  # fmt: skip
    rows = [np.array([places[key] for key in common]) for places in keys]
    compared = tuple(map(_run, read, rows))
    first, *others = (run.score for run in compared)
    changes = np.array([_changes(first, score) for score in others])
    pairs = tuple(
        Pair(
            run.name,
            mcnemar(first.has_fake, run.score.has_fake),
            tuple(_difference(name, first, run.score) for name in RATES),
            int((change >= 0).sum()),
        )
        for run, change in zip(compared[1:], changes, strict=True)
    )
    largest = changes.max(axis=0)
    shown = np.argsort(-largest, kind="stable")[: min(MAX_CHANGED, int((largest >= 0).sum()))]
    sides = [run.answers(part[shown].tolist()) for run, part in zip(read, rows, strict=True)]
    changed = tuple(Changed(answers[0].prompt, answers) for answers in zip(*sides, strict=True))
    steps = [run.directory for run in compared if run.step is not None]
    return Comparison(compared, pairs, "row" if by_row else "prompt", changed, training_loss(steps, log))


def _numbered(keys: Sequence[Hashable]) -> dict[tuple[Hashable, int], int]:
    """The row of each key that is not None; of one that comes again, each time with its number."""
    seen: Counter[Hashable] = Counter()
    rows = {}
    for row, key in enumerate(keys):
        if key is not None:
            rows[key, seen[key]] = row
            seen[key] += 1
    return rows


def _run(read: Checked, rows: np.ndarray) -> Run:
    whole = np.array_equal(rows, np.arange(read.score.answers))
    score = read.score if whole else read.score.only(rows)
    quality = read.quality if len(rows) == read.score.answers else {}
    return Run(read.name, read.directory, score, read.score.answers, step_of(read.directory), read.signature, quality)


def _changes(before: Score, after: Score) -> np.ndarray:
    """(questions,): by how many the fabricated citations differ; -1 where nothing differs at all."""
    differ = (before.per_answer != after.per_answer).any(axis=1) | (before.abstained != after.abstained)
    fakes = [score.terms("fabrication_rate")[0] for score in (before, after)]
    return np.where(differ, np.abs(fakes[1] - fakes[0]), -1)


def _difference(name: str, before: Score, after: Score) -> Difference:
    return difference(
        name,
        before.terms(name),
        after.terms(name),
        resamples=before.resamples,
        seed=before.seed,
        bounded=name not in UNBOUNDED,
    )
