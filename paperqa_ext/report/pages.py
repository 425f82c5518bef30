"""One `Score` and its checked answers → a self-contained HTML page, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..metrics import CheckedAnswer, Score
from .drawing import Plot, inline_svg
from .listing import Listing
from .rendering import flatten, render
from .wording import ASKED_RATES, DIMENSIONS, value_name

MAX_ANSWERS = 20_000
# Of each group.
_COMPARED = {"fabrication_rate", "any_fake_rate", "metadata_error_rate", "verified_yield", "answer_rate", *ASKED_RATES}


class RunPage:
    """The page of one run: its answers are added one by one, in the order of the file, then it is rendered."""

    def __init__(self, score: Score) -> None:
        """The `MAX_ANSWERS` worst of the answers added are shown."""
        self._score = score
        self._places: dict[int, int | None] = dict.fromkeys(score.worst(MAX_ANSWERS))  # row → place; worst first
        self._listing = Listing({})

    def add(self, answer: CheckedAnswer) -> None:
        """The next answer."""
        if answer.index in self._places:
            self._places[answer.index] = len(self._listing)
            self._listing.add([answer])

    def render(self, signature: Mapping[str, Any], plots: Sequence[Plot]) -> Iterator[str]:
        """The page, piece by piece."""
        score = self._score
        unmeasured = [name for name, rate in score.rates.items() if name in ASKED_RATES and rate.value is None]
        empty: Mapping[str, float] = {}
        breakdowns = [
            (DIMENSIONS[name], [(value_name(name, group), part, empty) for group, part in groups.items()])
            for name, groups in score.breakdowns.items()
        ]
        return render(
            "run.html.j2",
            score=score,
            measured={name: rate for name, rate in score.rates.items() if name not in unmeasured},
            unmeasured=unmeasured,
            breakdowns=breakdowns,
            compared=[name for name in score.rates if name in _COMPARED and name not in unmeasured],
            figures=[(plot, inline_svg(plot)) for plot in plots],
            signature=list(flatten(signature)),
            **self._listing.context([place for place in self._places.values() if place is not None]),
        )
