"""Questions put with records to answer them from, some with the answer's records removed, in the manner of RAFT.

Zhang et al., RAFT: Adapting Language Model to Domain Specific RAG, arXiv:2403.10131.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from ..seeding import rank, share
from .asks import Ask
from .corpus import Corpus

KINDS = ("recommend", "category", "author", "describe", "unanswerable")
RECORDS = 5  # shown with a question
MAX_GOLD = 3  # of them, so that there are always distractors
REMOVED_SHARE = 0.2


def grounded(corpus: Corpus, split: str, asks: Iterable[Ask], removed_share: float = REMOVED_SHARE) -> Iterator[Ask]:
    """Those of `asks` that records can answer, each with its records and distractors of its split, in random order.

    Half of the distractors are of the topic or category asked about, where there are as many, and none is of the year.

    Args:
        corpus: the papers.
        split: of the asks.
        asks: of any kind.
        removed_share: of the answerable asks, those shown distractors only; their answer is that it is not there.
    """
    pool = corpus.shuffled(split, "distractor").tolist()
    by_label: dict[str, list[int]] = defaultdict(list)
    for cell in (*corpus.topic_cells[split], *corpus.category_cells[split]):
        by_label[cell.label] += cell.rows
    for ask in asks:
        if ask.kind not in KINDS or len(ask.rows) > MAX_GOLD:
            continue
        drawn = (corpus.seed, ask.kind, ask.lang, *ask.key)
        removed = bool(ask.rows) and share("removed", *drawn) < removed_share
        gold = () if removed else ask.rows
        barred = {*ask.rows, *(ask.base.rows if ask.base else ())}
        start = rank("distractor", *drawn)
        near = islice(_others(by_label[ask.label], start, barred, ask.year, corpus), RECORDS // 2)
        far = _others(pool, start, barred, ask.year, corpus)
        chosen = list(islice(_distinct(chain(near, far)), RECORDS - len(gold)))
        shown = sorted((*gold, *chosen), key=lambda row: rank("shown", corpus.key(row), *drawn))
        if len(shown) > len(gold):
            variant = "removed" if removed else ask.variant
            lenders = ask.rows if removed else ask.lenders
            yield replace(
                ask, rows=gold, lenders=lenders, shown=tuple(shown), variant=variant, fewer=ask.fewer and not removed
            )


def _others(
    rows: Sequence[int], start: int, barred: Collection[int], year: int | None, corpus: Corpus
) -> Iterator[int]:
    """`rows` from `start` on, without those barred and those of the year."""
    for step in range(len(rows)):
        row = rows[(start + step) % len(rows)]
        if row not in barred and corpus.year(row) != year:
            yield row


def _distinct(rows: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for row in rows:
        if row not in seen:
            seen.add(row)
            yield row
