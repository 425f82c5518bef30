"""`Postings`: which titles share their rarest words and neighbouring words with a title, for many titles at once.

Of the engines measured on 648,534 titles, postings of words and of order-free pairs were the fastest at 99% recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np

from ..titles import word_hash
from .arrays import load, spans
from .postings_writer import buckets, forms, pairs

MAX_POSTINGS = 2_000  # read for a title
SHARE = 0.25  # of the best candidate's weight that the others need
_BLOCK = 64  # titles looked up together: their sums stay in the processor's cache
_SLOTS = 4096  # for the candidates of a title
_SCRATCH = 16 << 20  # bytes, more than a block takes

_hash = lru_cache(maxsize=1 << 17)(word_hash)


class Postings:
    """Read-only postings of a directory.

    Args:
        directory: where `PostingsWriter.save` wrote.
        count: number of titles.

    Raises:
        OSError, ValueError, EOFError: a file is missing or damaged, or two do not belong together.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self._count = count
        self._words, self._frequencies = load(directory, "words"), load(directory, "word_frequencies")
        self._word_offsets, self._word_postings = load(directory, "word_offsets"), load(directory, "word_postings")
        self._slips = load(directory, "slips")
        self._pair_offsets, self._pair_postings = load(directory, "pair_offsets"), load(directory, "pair_postings")
        self._bits = (len(self._pair_offsets) - 1).bit_length() - 1
        if (
            len({len(self._words), len(self._frequencies), len(self._word_offsets) - 1}) > 1
            or self._word_offsets[-1] != len(self._word_postings)
            or self._pair_offsets[-1] != len(self._pair_postings)
            or len(self._pair_offsets) - 1 != 1 << self._bits
        ):
            raise ValueError("its postings disagree in length")
        # Until it has seen so large a piece freed, glibc hands what every block frees back to the system, which takes
        # longer than the look-ups do.
        np.empty(_SCRATCH, dtype=np.uint8)

    def frequencies(self, words: Sequence[str]) -> list[int]:
        """Number of titles with each of these folded words."""
        places, known = self._look_up(np.fromiter(map(_hash, words), dtype=np.uint64, count=len(words)))
        found = np.zeros(len(words), dtype=np.int64)
        found[known] = self._frequencies[places[known]]
        return found.tolist()

    def candidates(self, titles: Sequence[list[str]], limit: int) -> list[list[int]]:
        """Rows sharing the rarest words and pairs with each title, at most `limit`, most shared weight first."""
        return [
            rows
            for start in range(0, len(titles), _BLOCK)
            for rows in self._block(titles[start : start + _BLOCK], limit)
        ]

    def _look_up(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of words in the dictionary, and which of them are there."""
        places = np.minimum(np.searchsorted(self._words, hashes), max(len(self._words) - 1, 0))
        return places, self._words[places] == hashes if len(self._words) else np.zeros(len(hashes), dtype=bool)

    def _block(self, titles: Sequence[list[str]], limit: int) -> list[list[int]]:
        words = [word for title in titles for word in title]
        queries = np.repeat(np.arange(len(titles)), [len(title) for title in titles])
        hashes = np.fromiter(map(_hash, words), dtype=np.uint64, count=len(words))
        places, known = self._look_up(hashes)
        unknown = np.flatnonzero(~known)
        places[unknown], known[unknown] = self._meant([words[i] for i in unknown.tolist()])
        hashes[known] = self._words[places[known]]
        left, right, pair_queries = pairs(hashes, queries)
        found = (
            self._runs(self._word_offsets, places[known], queries[known]),
            self._runs(self._pair_offsets, buckets(left, right, self._bits), pair_queries),
        )
        of_words = len(found[0][0])
        starts, counts, owners = map(np.concatenate, zip(*found, strict=True))
        chosen = _rarest(counts, owners)
        counts = np.minimum(counts, MAX_POSTINGS)
        weights = np.log1p(self._count / counts)
        words_first = [chosen[chosen < of_words], chosen[chosen >= of_words]]
        rows = np.concatenate(
            [
                postings[spans(starts[some], counts[some])]
                for postings, some in zip((self._word_postings, self._pair_postings), words_first, strict=True)
            ]
        )
        chosen = np.concatenate(words_first)
        return _best(
            rows.astype(np.int64),
            np.repeat(owners[chosen], counts[chosen]),
            np.repeat(weights[chosen], counts[chosen]),
            len(titles),
            limit,
        )

    def _meant(self, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Place of the most frequent word one slip of the pen away from each unknown one, and where there is one."""
        spellings = [forms(word) for word in words]
        sums = np.array([crc32(form) for some in spellings for form in some], dtype=np.uint64) << np.uint64(32)
        starts, stops = (
            np.searchsorted(self._slips, sums),
            np.searchsorted(self._slips, sums | np.uint64(2**32 - 1), "right"),
        )
        near = self._slips[spans(starts, stops - starts)].astype(np.uint32)
        of = np.repeat(np.repeat(np.arange(len(words)), [len(some) for some in spellings]), stops - starts)
        order = np.lexsort((near, self._frequencies[near], of))
        places = np.zeros(len(words), dtype=np.int64)
        places[of[order]] = near[order]  # the last one stays
        return places, np.bincount(of, minlength=len(words)) > 0

    def _runs(
        self, bounds: np.ndarray, features: np.ndarray, queries: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Start and length of the postings of each query's distinct features, and the queries."""
        distinct = np.unique(queries << 32 | features.astype(np.int64))
        features = distinct & (2**32 - 1)
        starts = bounds[features].astype(np.int64)
        counts = bounds[features + 1].astype(np.int64) - starts
        some = counts > 0
        return starts[some], counts[some], distinct[some] >> 32


def _rarest(counts: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Places of each query's shortest runs, up to `MAX_POSTINGS` in all; one at least."""
    order = np.lexsort((counts, queries))
    counts, queries = counts[order], queries[order]
    first = np.ones(len(queries), dtype=bool)
    first[1:] = queries[1:] != queries[:-1]
    read = np.cumsum(counts)
    before = (read - counts)[first]
    read -= np.repeat(before, np.diff(np.append(np.flatnonzero(first), len(first))))
    return order[first | (read <= MAX_POSTINGS)]


def _best(rows: np.ndarray, queries: np.ndarray, weights: np.ndarray, count: int, limit: int) -> list[list[int]]:
    """For each of `count` queries the rows of largest summed weight.

    Sums are first taken over slots that rows share at random, which is many times as fast as over rows: what comes
    near the best in its slot is then summed up by itself.
    """
    slots = queries * _SLOTS + (rows & (_SLOTS - 1))
    sums = np.bincount(slots, weights, minlength=count * _SLOTS).reshape(count, _SLOTS)
    near = (sums >= SHARE * sums.max(axis=1, keepdims=True)).ravel()
    kept = np.flatnonzero(near[slots])
    both, places = np.unique(queries[kept] << 32 | rows[kept], return_inverse=True)
    scores = np.bincount(places, weights[kept])
    order = np.lexsort((both, -scores, both >> 32))
    bounds = np.searchsorted(both >> 32, np.arange(count + 1))
    found = both[order] & (2**32 - 1)
    return [found[start : min(stop, start + limit)].tolist() for start, stop in pairwise(bounds.tolist())]
