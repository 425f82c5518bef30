"""Several runs on the same questions → a self-contained HTML page that sets them side by side, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..compare import Comparison
from ..metrics import CheckedAnswer, Score
from . import comparison_plots, plots
from .drawing import inline_svg
from .items import badness, visible
from .listing import Listing, entry
from .packing import Facet
from .pages import MAX_ANSWERS
from .rendering import flatten, render
from .wording import QUALITY, Words

_Sides = Sequence[CheckedAnswer | None]  # the answers to one question, side by side
SHOWN = ("fabrication_rate", "any_fake_rate", "metadata_error_rate", "verified_yield", "answer_rate")
_PLOTTED = ("fabrication_rate", "any_fake_rate", "metadata_error_rate")
_CHANGES: Mapping[str, Words] = {
    "worse": Words("more fabricated", "编造变多"),
    "better": Words("fewer fabricated", "编造变少"),
    "other": Words("otherwise changed", "其他变化"),
    "same": Words("unchanged", "未变"),
}


@dataclass(frozen=True)
class Arm:
    """One of the runs compared.

    Attributes:
        name: as shown, e.g. `base` or `fine-tuned`.
        score: its counts and rates.
        answers: its checked answers; those of equal `index` answer the same question.
        quality: LLaMA-Factory's text overlap metrics in percent: `bleu-4`, `rouge-1`, `rouge-2`, `rouge-l`.
    """

    name: str
    score: Score
    answers: Sequence[CheckedAnswer] = ()
    quality: Mapping[str, float] = field(default_factory=dict)


def render_comparison(
    runs: Sequence[Arm] | Comparison,
    loss: Sequence[tuple[int, float]],
    notes: Sequence[str],
    signature: Mapping[str, Any],
) -> Iterator[str]:
    """The page that compares runs on the same questions, piece by piece."""
    comparison = runs if isinstance(runs, Comparison) else None
    if comparison is not None:
        arms = [Arm(run.name, run.score, (), run.quality) for run in comparison.runs]
        cases: list[_Sides] = [case.answers for case in comparison.changed]
        loss, signature = loss or comparison.loss, signature or comparison.signature
    else:
        arms = list(cast(Sequence[Arm], runs))
        cases = _cases(arms)
    total = len(cases) if comparison is None else comparison.questions
    cases = sorted(cases, key=_rank)[:MAX_ANSWERS]
    by_change = Facet(Words("change", "变化"), _CHANGES)
    listing = Listing({"change": by_change})
    for sides in cases:
        listing.add(entry(sides, [arm.name for arm in arms]))
        by_change.add_all([_change(sides)])
    names = [visible(arm.name) for arm in arms]
    scores = [arm.score for arm in arms]
    steps = [] if comparison is None else [(run.step, run.score) for run in comparison.runs if run.step is not None]
    figures = (
        comparison_plots.rates_by_arm(names, {name: [score.rates[name] for score in scores] for name in _PLOTTED}),
        plots.verdicts(comparison_plots.named(names), scores),
        comparison_plots.quality_and_fabrication(
            names, [arm.quality.get("bleu-4") for arm in arms], [score.fabrication_rate for score in scores]
        ),
        comparison_plots.steps_curve(sorted(steps, key=lambda pair: pair[0]), loss),
        comparison_plots.loss_curve(loss) if len(steps) < 2 else None,
    )
    return render(
        "comparison.html.j2",
        names=names,
        rows=[(Words(arm.name, arm.name), arm.score, arm.quality) for arm in arms],
        rates=SHOWN,
        quality=[key for key in QUALITY if any(key in arm.quality for arm in arms)],
        pairs=() if comparison is None else comparison.pairs,
        left_out=0 if comparison is None else sum(run.left_out for run in comparison.runs),
        changed_only=comparison is not None,
        figures=[(plot, inline_svg(plot)) for plot in figures if plot is not None],
        total=total,
        notes=notes,
        trained=bool(loss),
        signature=list(flatten(signature)),
        **listing.context(range(len(cases))),
    )


def _cases(arms: Sequence[Arm]) -> list[_Sides]:
    """Every question that any arm answers."""
    by_index = [{answer.index: answer for answer in arm.answers} for arm in arms]
    return [[side.get(index) for side in by_index] for index in sorted(set().union(*by_index))]


def _rank(sides: _Sides) -> tuple[bool, int, int]:
    """Sorts what changed first, then the most harm done in any run."""
    fake, wrong = max(badness(side) for side in sides if side is not None)
    return _change(sides) == "same", -fake, -wrong


def _change(sides: _Sides) -> str:
    """What became of a question from the first run to the last."""
    first, last = sides[0], sides[-1]
    if first is None or last is None:
        return "other"
    before, after = badness(first)[0], badness(last)[0]
    if before != after:
        return "worse" if after > before else "better"
    return "same" if _labels(first) == _labels(last) else "other"


def _labels(answer: CheckedAnswer) -> tuple[list[str], bool]:
    return sorted(checked.verdict.label for checked in answer.citations), answer.abstained
