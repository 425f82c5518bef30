"""What a comparison of runs finds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..metrics import CheckedAnswer, Difference, McNemar, Score


@dataclass(frozen=True)
class Run:
    """One of the runs compared.

    Attributes:
        name: what tells it from the others.
        directory: of its report.
        score: of its answers to the questions that all runs have, in the order that they have in the first run.
        answers: all in its file, those left out too.
        step: of training, of a run named `checkpoint-N`.
        signature: of its report.
        quality: LLaMA-Factory's text overlap metrics in percent (`bleu-4`, `rouge-1`, `rouge-2`, `rouge-l`), if they
            lie beside the predictions and none of these is left out.
    """

    name: str
    directory: Path
    score: Score
    answers: int
    step: int | None
    signature: Mapping[str, Any]
    quality: Mapping[str, float]

    @property
    def left_out(self) -> int:
        """Answers to questions that some other run does not have."""
        return self.answers - self.score.answers


@dataclass(frozen=True)
class Pair:
    """The first run and another one.

    Attributes:
        name: of the other run.
        any_fake: McNemar's test on the answers that cite a paper that does not exist: `b` of them no longer do in the
            other run, `c` newly do.
        differences: of all `RATES`, the other run less the first.
        changes: number of questions whose answers differ in verdicts, or in whether they abstain.
    """

    name: str
    any_fake: McNemar
    differences: tuple[Difference, ...]
    changes: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One question on which some run differs from the first in verdicts, or in whether it abstains.

    Attributes:
        prompt: of the first run.
        answers: one of each run.
    """

    prompt: str
    answers: tuple[CheckedAnswer, ...]


@dataclass(frozen=True)
class Comparison:
    """Runs on the same questions, the baseline first.

    Attributes:
        runs: in the order given.
        pairs: the first run with each of the others, in their order.
        paired_by: `row` where every answer's dataset row is known, so that chat templates may differ; else `prompt`.
        changed: questions that some run answers otherwise than the first, those with the largest change in fabricated
            citations first; at most `MAX_CHANGED`.
        loss: of training as (step, loss); empty unless the runs are its checkpoints and its log is found.
    """

    runs: tuple[Run, ...]
    pairs: tuple[Pair, ...]
    paired_by: Literal["row", "prompt"]
    changed: tuple[Changed, ...] = ()
    loss: tuple[tuple[int, float], ...] = ()

    @property
    def questions(self) -> int:
        """Number of questions that all runs have."""
        return self.runs[0].score.answers

    @property
    def directory(self) -> Path:
        """The nearest directory above all runs."""
        return Path(os.path.commonpath([run.directory for run in self.runs]))

    @property
    def signature(self) -> dict[str, Any]:
        """What the numbers of all runs depend on."""
        first = self.runs[0].signature
        return {key: value for key, value in first.items() if all(run.signature[key] == value for run in self.runs)}

    def to_dict(self) -> dict[str, Any]:
        """All numbers, without the answers."""
        return {
            "questions": self.questions,
            "paired_by": self.paired_by,
            "runs": [
                {
                    "name": run.name,
                    "step": run.step,
                    "left_out": run.left_out,
                    "quality": dict(run.quality),
                    **run.score.to_dict(),
                    "signature": dict(run.signature),
                }
                for run in self.runs
            ],
            "pairs": [
                {
                    "before": self.runs[0].name,
                    "after": pair.name,
                    "any_fake": {"b": pair.any_fake.b, "c": pair.any_fake.c, "p": pair.any_fake.p},
                    "differences": {
                        d.name: {"value": d.value, "ci95": None if d.low is None else [d.low, d.high], "p": d.p}
                        for d in pair.differences
                    },
                    "changes": pair.changes,
                }
                for pair in self.pairs
            ],
            "loss": [list(point) for point in self.loss],
        }
