"""The list of answers in a page: what is shown of each, in which order, and by what they are filtered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..asked import Asked
from ..metrics import LABELS, CheckedAnswer
from .items import badness, item
from .packing import Facet, Pack
from .wording import DIMENSIONS, ITEM, LIST, VERDICTS, Words, value_name

WRITTEN = 20  # answers that stand in the page itself, for readers without scripts and for paper
_GROUPS = ("lang", "kind", "cell")
_WITHOUT = ("declined", "no_citations")  # of `ITEM`: what an answer without a verdict is found by


@dataclass(frozen=True, slots=True)
class Entry:
    """A question and its answers, ready to be listed; made in whatever process.

    Attributes:
        number: of the question, from 1.
        harm: `items.badness` of its worst answer.
        outcomes: what it is found by: verdicts of its citations, and keys of `ITEM`.
        groups: of the question, by name; "" where that is not known.
        item: as `items.item`, in JSON.
    """

    number: int
    harm: tuple[int, int]
    outcomes: frozenset[str]
    groups: Mapping[str, str]
    item: bytes


def entry(sides: Sequence[CheckedAnswer | None], names: Sequence[str] = ()) -> Entry:
    """A question to be listed.

    Args:
        sides: its answers, None where a run has none; one of them is not None.
        names: of the runs, if there are several.
    """
    answers = [side for side in sides if side is not None]
    groups = _groups(answers[0].asked)
    shown = item(sides, names, [value_name(name, groups[name]) for name in _GROUPS[1:] if groups[name]])
    outcomes = frozenset(found for answer in answers for found in _outcomes(answer))
    groups["lang"] = groups["lang"] or shown["lang"][:2]
    return Entry(shown["number"], max(map(badness, answers)), outcomes, groups, orjson.dumps(shown))


class Listing:
    """Questions with their answers, added one by one; of each only what is shown is kept, outside memory if large."""

    def __init__(self, facets: Mapping[str, Facet]) -> None:
        """The caller adds each item's values to `facets`; those by verdict, language, kind and cell are beside them."""
        outcomes: dict[str, Words] = {label: VERDICTS[label].name for label in LABELS}
        outcomes |= {key: ITEM[key] for key in _WITHOUT}
        self._facets = {**facets, "verdict": Facet(Words("verdict", "判定"), outcomes)}
        self._facets |= {name: Facet(DIMENSIONS[name]) for name in _GROUPS}
        self._pack = Pack(self._facets)

    def add(self, entry: Entry) -> int:
        """The next question; its place in the listing."""
        self._pack.add(entry.number, entry.item)
        self._facets["verdict"].add_all(entry.outcomes)
        for name in _GROUPS:
            self._facets[name].add(entry.groups[name], value_name(name, entry.groups[name]))
        return len(self._pack) - 1

    def context(self, order: Sequence[int]) -> dict[str, Any]:
        """For the templates, with the items in this order: places as they were added."""
        words = {
            "verdicts": {label: {"name": verdict.name, "mark": verdict.mark} for label, verdict in VERDICTS.items()},
            "words": {**ITEM, **LIST},
        }
        return {
            "listed": len(order),
            "written": self._pack.read(order[:WRITTEN]),
            "facets": {name: facet for name, facet in self._facets.items() if facet.differs(order)},
            "index": self._pack.index(order, **words),
            "blocks": self._pack.blocks(order),
        }


def _outcomes(answer: CheckedAnswer) -> Iterator[str]:
    yield from (checked.verdict.label for checked in answer.citations)
    if answer.abstained:
        yield "declined"
    elif not answer.citations:
        yield "no_citations"


def _groups(asked: Asked | None) -> dict[str, str]:
    """What is known of a question, as `metrics` groups answers; "" where it is not."""
    if asked is None:
        return dict.fromkeys(_GROUPS, "")
    kind = f"grounded {asked.kind}" if asked.shows_records else asked.kind
    return {"lang": asked.lang, "kind": kind, "cell": asked.cell}
