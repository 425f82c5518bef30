"""One `Score` and its checked answers → a self-contained HTML page, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from ..metrics import Score
from .drawing import Plot, inline_svg
from .listing import Entry, Listing
from .rendering import flatten, render
from .wording import ASKED_RATES, DIMENSIONS, value_name

MAX_ANSWERS = 20_000
# Of each group.
_COMPARED = {"fabrication_rate", "any_fake_rate", "metadata_error_rate", "verified_yield", "answer_rate", *ASKED_RATES}


class RunPage:
    """The page of one run: its answers are added one by one, then it is rendered with the `MAX_ANSWERS` worst."""

    def __init__(self) -> None:
        self._listing = Listing({})
        self._worst: list[tuple[tuple[int, int, int], int]] = []  # a heap of harm and place: the mildest on top

    def add(self, entry: Entry) -> None:
        """An answer."""
        harm = (*entry.harm, -entry.number)
        if len(self._worst) == MAX_ANSWERS:
            if harm < self._worst[0][0]:
                return
            heappop(self._worst)
        heappush(self._worst, (harm, self._listing.add(entry)))

    def render(self, score: Score, signature: Mapping[str, Any], plots: Sequence[Plot]) -> Iterator[str]:
        """The page, piece by piece."""
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
            **self._listing.context([place for _, place in sorted(self._worst, reverse=True)]),
        )
