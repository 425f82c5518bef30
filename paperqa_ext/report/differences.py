"""A comparison of runs as text for the terminal, and its numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..compare import Comparison, Pair
from ..files import Staged, writing
from ..metrics import Difference, Score
from .comparison import Arm
from .terminal import comparison_table
from .wording import format_difference, format_interval, format_p, format_value, term


def write_numbers(path: Path, comparison: Comparison) -> None:
    """Write all numbers of a comparison as JSON.

    Raises:
        OutputError: it cannot be written; an earlier file is left as it was.
    """
    with Staged() as staged, writing(path):
        text = json.dumps(comparison.to_dict(), ensure_ascii=False, allow_nan=False, indent=2)
        staged.path(path).write_text(text + "\n", encoding="utf-8")
        staged.commit()


def comparison_text(comparison: Comparison) -> str:
    """Which questions count, the runs side by side, how each differs from the first, and a training's checkpoints."""
    arms = [Arm(run.name, run.score, (), run.quality) for run in comparison.runs]
    blocks = ["\n".join(_questions(comparison)), comparison_table(arms)]
    before = comparison.runs[0].score
    for pair, run in zip(comparison.pairs, comparison.runs[1:], strict=True):
        blocks.append("\n".join(_pair(comparison.runs[0].name, before, run.score, pair)))
    if sum(run.step is not None for run in comparison.runs) > 1:
        blocks.append("\n".join(_steps(comparison)))
    return "\n\n".join(blocks)


def _questions(comparison: Comparison) -> Iterator[str]:
    how = "dataset row" if comparison.paired_by == "row" else "prompt"
    yield f"{comparison.questions:,} questions in all runs, paired by {how}"
    for run in comparison.runs:
        if run.left_out:
            yield f"  left out: {run.left_out:,} of {run.answers:,} answers of {run.name}"


def _pair(name: str, before: Score, after: Score, pair: Pair) -> Iterator[str]:
    yield f"{pair.name} against {name}: {pair.changes:,} answers with other verdicts"
    width = max(len(term(difference.name).name.en) for difference in pair.differences)
    yield f"  {'':<{width}}   before    after  difference, 95% interval       p"
    for difference in pair.differences:
        if difference.value is not None:
            rates = (format_value(difference.name, score.rates[difference.name].value) for score in (before, after))
            cells = "  ".join(f"{rate:>7}" for rate in rates)
            tail = f"{_signed(difference):<24}  {format_p(difference.p)}"
            yield f"  {term(difference.name).name.en:<{width}}  {cells}  {tail}"
    test = pair.any_fake
    yield f"  answers with a fake: {test.b:,} lost it, {test.c:,} gained one; McNemar's exact test p {format_p(test.p)}"


def _signed(difference: Difference) -> str:
    """`-12.0 [-20.1, -3.9]`: in percentage points, or in units of a number per question."""
    value, low, high = (
        format_difference(end or 0, difference.name) for end in (difference.value, difference.low, difference.high)
    )
    return value if difference.low is None else f"{value} [{low}, {high}]"


def _steps(comparison: Comparison) -> Iterator[str]:
    """The curve of a training: its loss falls whether or not its citations become real."""
    yield "  step     loss  fabrication rate          verified yield"
    for run in sorted((run for run in comparison.runs if run.step is not None), key=lambda run: run.step or 0):
        loss = [value for step, value in comparison.loss if step <= (run.step or 0)]
        rates = ((name, run.score.rates[name]) for name in ("fabrication_rate", "verified_yield"))
        cells = "  ".join(f"{format_value(n, rate.value)} {format_interval(n, rate)}".ljust(24) for n, rate in rates)
        yield f"{run.step:>6}  {f'{loss[-1]:.4f}' if loss else '–':>7}  {cells}".rstrip()
