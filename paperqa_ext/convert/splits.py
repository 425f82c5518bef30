"""Which paper belongs to which split. Pure and seeded.

A cell (topic and year) belongs to one split, and a paper to the split of the cell of its main topic; all papers of a
held-out topic or year belong to test. So no paper is cited, and no topic and year asked for, in two splits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..seeding import rank, ranks, share
from ..topics import Topic
from .survey import CITABLE, Survey

SPLITS = ("train", "val", "test")
NOWHERE = len(SPLITS)
# Share of the topic × year cells that are kept for the test set, besides the topics and the year held out for it.
TEST_SHARE = 0.1
HELD_OUT_SHARE = 0.06  # of the papers, at most, for topics wholly held out
HELD_OUT_TOPIC_SHARE = 0.012  # of the papers, at most, for one of them: the big topics are needed in training
HELD_OUT_YEAR_SHARE = (0.005, 0.06)  # of the papers, for the year held out


@dataclass(frozen=True, slots=True)
class Splits:
    """The splits of `n` papers.

    Attributes:
        seed: another seed gives another split.
        val_ratio: share of val in train and val together.
        held_out: English names of the topics that only test asks about.
        held_out_year: the year that only test asks about; 0 if there is none.
        papers: (n,) uint8, the place in `SPLITS` of each paper; `NOWHERE` if no answer may cite it.
        unseen_topic: (n,) bool, about a held-out topic.
    """

    seed: int
    val_ratio: float
    held_out: frozenset[str]
    held_out_year: int
    papers: np.ndarray
    unseen_topic: np.ndarray

    def of(self, label: str, year: int = 0) -> str:
        """The split that may ask about this topic, category or name, and year (0 if the question names no year)."""
        drawn = share(self.seed, "split", label, year)
        if label in self.held_out or (year and year == self.held_out_year) or drawn < TEST_SHARE:
            return "test"
        return "val" if drawn < _val_bound(self.val_ratio) else "train"


def assign(facts: Survey, topics: Sequence[Topic], val_ratio: float, seed: int) -> Splits:
    """Split the citable papers of `facts`, whose topics are numbers in `topics`."""
    citable = facts.status == CITABLE
    rows, numbers, relevance = facts.topic_entries(len(topics))
    held_out = _held_out_topics(np.bincount(numbers[citable[rows]], minlength=len(topics)), topics, citable.sum(), seed)
    held_out_year = _held_out_year(facts.years[citable], seed)

    drawn = ranks(facts.keys, seed, "split") / 2.0**64  # papers without a topic go by their key
    papers = np.where(drawn < TEST_SHARE, 2, np.where(drawn < _val_bound(val_ratio), 1, 0)).astype(np.uint8)
    unseen_topic = np.zeros(len(facts), dtype=bool)
    splits = Splits(seed, val_ratio, held_out, held_out_year, papers, unseen_topic)

    order = np.lexsort((numbers, -relevance, rows))
    main = order[np.diff(rows[order], prepend=-1) != 0]  # of each paper the topic it is most about
    first = int(facts.years.min())
    by_cell = np.array(
        [
            [SPLITS.index(splits.of(topic.en, year)) for year in range(first, int(facts.years.max()) + 1)]
            for topic in topics
        ]
    )
    papers[rows[main]] = by_cell[numbers[main], facts.years[rows[main]] - first]
    unseen_topic[rows[np.array([topic.en in held_out for topic in topics])[numbers]]] = True
    papers[unseen_topic | (facts.years == held_out_year)] = SPLITS.index("test")
    papers[~citable] = NOWHERE
    return splits


def _val_bound(val_ratio: float) -> float:
    return TEST_SHARE + (1 - TEST_SHARE) * val_ratio


def _held_out_topics(sizes: np.ndarray, topics: Sequence[Topic], papers: int, seed: int) -> frozenset[str]:
    held: set[str] = set()
    room = HELD_OUT_SHARE * papers
    for number in sorted(range(len(topics)), key=lambda number: rank(seed, "held out", topics[number].en)):
        if 2 <= sizes[number] <= min(room, HELD_OUT_TOPIC_SHARE * papers):
            held.add(topics[number].en)
            room -= sizes[number]
    return frozenset(held)


def _held_out_year(years: np.ndarray, seed: int) -> int:
    """Any year of fitting size but the last, which people ask about most."""
    found, sizes = np.unique(years, return_counts=True)
    low, high = (bound * len(years) for bound in HELD_OUT_YEAR_SHARE)
    fit = [int(year) for year, size in zip(found[:-1], sizes[:-1], strict=True) if low <= size <= high]
    return min(fit, key=lambda year: rank(seed, "held out", year), default=0)
