"""The list of answers in a page: what is shown of each, in which order, and by what they are filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..asked import Asked
from ..metrics import LABELS, CheckedAnswer
from .items import item
from .packing import Facet, Pack
from .wording import DIMENSIONS, ITEM, LIST, VERDICTS, Words, value_name

WRITTEN = 20  # answers that stand in the page itself, for readers without scripts and for paper
_GROUPS = ("lang", "kind", "cell")
_WITHOUT = ("declined", "no_citations")  # of `ITEM`: what an answer without a verdict is found by


class Listing:
    """Questions with their answers, added one by one; of each only what is shown is kept, outside memory if large."""

    def __init__(self, facets: Mapping[str, Facet]) -> None:
        """The caller adds each item's values to `facets`; those by verdict, language, kind and cell are beside them."""
        outcomes: dict[str, Words] = {label: VERDICTS[label].name for label in LABELS}
        outcomes |= {key: ITEM[key] for key in _WITHOUT}
        self._facets = {**facets, "verdict": Facet(Words("verdict", "判定"), outcomes)}
        self._facets |= {name: Facet(DIMENSIONS[name]) for name in _GROUPS}
        self._pack = Pack(self._facets)

    def __len__(self) -> int:
        return len(self._pack)

    def add(self, sides: Sequence[CheckedAnswer | None], names: Sequence[str] = ()) -> None:
        """The next question.

        Args:
            sides: its answers, None where a run has none; one of them is not None.
            names: of the runs, if there are several.
        """
        answers = [side for side in sides if side is not None]
        groups = _groups(answers[0].asked)
        facts = [value_name(name, groups[name]) for name in _GROUPS[1:] if groups[name]]
        shown = item(sides, names, facts)
        self._pack.add(shown)
        labels = {checked.verdict.label for answer in answers for checked in answer.citations}
        declined = {"declined" for answer in answers if answer.abstained}
        empty = {"no_citations" for answer in answers if not answer.citations and not answer.abstained}
        self._facets["verdict"].add_all([*labels, *declined, *empty])
        for name in _GROUPS:
            group = groups[name] or (shown["lang"][:2] if name == "lang" else "")
            self._facets[name].add(group, value_name(name, group))

    def context(self, order: Sequence[int]) -> dict[str, Any]:
        """For the templates, with the items in this order: places as they were added."""
        words = {
            "verdicts": {label: {"name": verdict.name, "mark": verdict.mark} for label, verdict in VERDICTS.items()},
            "words": {**ITEM, **LIST},
        }
        return {
            "listed": len(order),
            "written": self._pack.read(order[:WRITTEN]),
            "facets": {name: facet for name, facet in self._facets.items() if facet},
            "index": self._pack.index(order, **words),
            "blocks": self._pack.blocks(order),
        }


def _groups(asked: Asked | None) -> dict[str, str]:
    """What is known of a question, as `metrics` groups answers; "" where it is not."""
    if asked is None:
        return dict.fromkeys(_GROUPS, "")
    kind = f"grounded {asked.kind}" if asked.shows_records else asked.kind
    return {"lang": asked.lang, "kind": kind, "cell": asked.cell}
