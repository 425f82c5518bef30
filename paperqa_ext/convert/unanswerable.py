"""Questions that the records cannot answer, each the twin of an answerable one with one thing changed. Pure, seeded."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from ..seeding import pick, rank, share
from ..topics import InventedTopic
from .asks import Ask
from .corpus import Corpus

YEARS_AHEAD = 5
YEARS_BEFORE = 8
FIRST_YEAR = 1991  # arXiv began
# Shares of the invented topics. A tenth for test, as of the cells, would be near to too few of the topics asked about.
TEST_SHARE = 1 / 3
VAL_SHARE = 1 / 6
VARIANTS = ("future", "unknown_topic", "empty", "unknown_author")


def unanswerable(corpus: Corpus, split: str, twins: Sequence[Ask]) -> Iterator[Ask]:
    """As many of each of `VARIANTS` as there are twins for: a year after the last record, a topic that does not exist
    but is near to the twin's, a year without a paper on the topic or category, an author of none."""
    order = sorted(twins, key=lambda twin: rank(corpus.seed, "twin", twin.kind, twin.lang, *twin.key))
    streams = {variant: _changed(corpus, split, variant, order) for variant in VARIANTS}
    used: set[Ask] = set()
    while streams:
        for variant in list(streams):
            ask = next((ask for ask in streams[variant] if ask.base not in used), None)
            if ask is None or ask.base is None:
                del streams[variant]
            else:
                used.add(ask.base)
                yield ask


def insisted(asks: Iterable[Ask]) -> Iterator[Ask]:
    """Dialogues in which the user does not believe that the records cannot answer."""
    for ask in asks:
        if ask.label:
            yield replace(ask, kind="multi_turn", variant="sure_none", key=(*ask.key, "sure_none"), base=ask)


def _changed(corpus: Corpus, split: str, variant: str, twins: Sequence[Ask]) -> Iterator[Ask]:
    if variant == "unknown_author":
        twins = [twin for twin in twins if twin.kind == "author"]
        others = corpus.shuffled(split, "family name")
        for twin, other in zip(twins, itertools.cycle(others.tolist()), strict=False):
            yield _twin(twin, variant, lenders=(twin.rows[0], other))
    elif variant == "unknown_topic":
        near = _near(corpus, split)
        for twin in twins:
            if twin.kind == "recommend" and twin.label in near:
                yield _twin(twin, variant, invented=pick(near[twin.label], corpus.seed, "invented", *twin.key))
    else:
        empty = lru_cache(maxsize=None)(lambda label: _empty_years(corpus, split, label, variant))
        for twin in twins:
            years = empty(twin.label) if twin.kind in ("recommend", "category") else []
            if years:
                yield _twin(twin, variant, year=pick(years, corpus.seed, variant, *twin.key))


def _twin(twin: Ask, variant: str, **changes: object) -> Ask:
    asked = replace(twin, kind="unanswerable", cell="unanswerable", variant=variant, rows=(), base=twin, fewer=False)
    key = (*twin.key, variant, *(value for name, value in changes.items() if name != "lenders"))
    return replace(asked, key=key, **changes)  # type: ignore[arg-type]


def _near(corpus: Corpus, split: str) -> dict[str, list[int]]:
    """Of each topic, the places of the invented ones near to it that `split` may ask about."""
    near: dict[str, list[int]] = {}
    for place, topic in enumerate(corpus.invented):
        if _split_of(topic, corpus.seed) == split:
            for name in topic.near:
                near.setdefault(name, []).append(place)
    return near


def _split_of(topic: InventedTopic, seed: int) -> str:
    """The split that may ask about an invented topic."""
    drawn = share(seed, "invented", topic.en)
    return "test" if drawn < TEST_SHARE else "val" if drawn < TEST_SHARE + VAL_SHARE else "train"


def _empty_years(corpus: Corpus, split: str, label: str, variant: str) -> list[int]:
    """Years without a paper on `label`, after the last record or (`empty`) before it.

    A cell belongs to one split also where it is empty, so that no question of another split differs only in wording.
    """
    known, last = corpus.years(label), int(corpus.last[:4])
    future = range(last + 1, last + 1 + YEARS_AHEAD)
    past = range(max(FIRST_YEAR, known[0] - YEARS_BEFORE), last + 1)
    years = future if variant == "future" else past
    return [year for year in years if year not in known and corpus.splits.of(label, year) == split]
