"""Writing of `Postings`: the words of titles and their neighbours, and which titles have them.

Words have a dictionary; pairs of neighbouring content words share buckets, since most pairs are of one title only and
their names would take more room than where they are. A wrong bucket mate costs a few postings and decides nothing: the
title meant shares several features.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from ..titles import STOPWORDS, word_hash
from .arrays import Codes, offsets, save

MAX_WORD_FREQUENCY = 20_000  # words in more titles than this tell nothing apart
MAX_PAIR_FREQUENCY = 5_000
_SHORTEST, _LONGEST = 4, 32  # letters of words that are looked up misspelt
_FEWEST_BITS = 12  # of buckets: in a small index as well most pairs have one of their own
_STOPWORDS = np.array(sorted(map(word_hash, STOPWORDS)), dtype=np.uint64)


class PostingsWriter:
    """Gathers the words of titles, to be read as `Postings`."""

    def __init__(self) -> None:
        self._codes = Codes()
        self._flat = array("I")
        self._lengths = array("I")

    def extend(self, titles: Sequence[list[str]]) -> None:
        """Add titles, each by its `titles.words`."""
        codes = self._codes
        self._flat.extend([codes[word] for title in titles for word in title])
        self._lengths.extend(map(len, titles))

    def save(self, directory: Path) -> None:
        """Write the files of the postings into an existing directory."""
        lengths = np.frombuffer(self._lengths, dtype=np.uint32)
        hashes = np.fromiter(map(word_hash, self._codes), dtype=np.uint64, count=len(self._codes))
        order = np.argsort(hashes)
        places = np.empty(len(order), dtype=np.uint32)
        places[order] = np.arange(len(order), dtype=np.uint32)
        save(directory, "words", hashes[order])
        words = zip(self._codes, places.tolist(), strict=True)
        slips = array("Q", (crc32(form) << 32 | place for word, place in words for form in forms(word)))
        save(directory, "slips", np.sort(np.frombuffer(slips, dtype=np.uint64)))
        flat = places[np.frombuffer(self._flat, dtype=np.uint32)]
        frequencies = _save_postings(directory, "word", flat, lengths, len(order), MAX_WORD_FREQUENCY)
        save(directory, "word_frequencies", frequencies)
        rows = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
        left, right, pair_rows = pairs(hashes[order][flat], rows)
        bits = max(len(left).bit_length() - 1, _FEWEST_BITS)
        pair_counts = np.bincount(pair_rows, minlength=len(lengths))
        _save_postings(directory, "pair", buckets(left, right, bits), pair_counts, 1 << bits, MAX_PAIR_FREQUENCY)


def _save_postings(
    directory: Path, name: str, features: np.ndarray, lengths: np.ndarray, count: int, limit: int
) -> np.ndarray:
    """Write which rows have each of `count` features, unless they are more than `limit`; the number of rows of each.

    Args:
        features: of all rows, one row after the other.
        lengths: number of features of each row.
    """
    from scipy import sparse  # a fifth of a second, which those who only read an index need not wait

    ones = np.ones(len(features), dtype=np.int8)
    by_row = sparse.csr_array(
        (ones, features.astype(np.int32), offsets(lengths).astype(np.int64)), (len(lengths), count)
    )
    by_feature = by_row.tocsc()
    rows, bounds = by_feature.indices, by_feature.indptr
    again = np.zeros(len(rows), dtype=bool)  # a word twice in a title counts once
    again[1:] = rows[1:] == rows[:-1]
    again[bounds[:-1][np.diff(bounds) > 0]] = False
    repeated = np.searchsorted(bounds, np.flatnonzero(again), "right") - 1
    frequencies = np.diff(bounds) - np.bincount(repeated, minlength=count)
    kept = frequencies <= limit
    save(directory, f"{name}_offsets", offsets(np.where(kept, frequencies, 0)))
    save(directory, f"{name}_postings", rows[~again][np.repeat(kept, frequencies)])
    return frequencies


def forms(word: str) -> list[bytes]:
    """The word, and what is left of it without any one letter: two words one slip apart share a form."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return []
    return [word.encode(), *{(word[:i] + word[i + 1 :]).encode() for i in range(len(word))}]


def pairs(hashes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hashes of the left and of the right word of each two content words that follow each other in a row, and the row.

    Args:
        hashes: of the words of all rows, one row after the other.
        rows: of the words.
    """
    content = ~np.isin(hashes, _STOPWORDS)
    hashes, rows = hashes[content], rows[content]
    together = rows[1:] == rows[:-1]
    return hashes[:-1][together], hashes[1:][together], rows[1:][together]


def buckets(left: np.ndarray, right: np.ndarray, bits: int) -> np.ndarray:
    """Order-free bucket of neighbouring words, from their hashes."""
    with np.errstate(over="ignore"):
        both = np.minimum(left, right) * np.uint64(0x9E3779B97F4A7C15) ^ np.maximum(left, right)
    return both >> np.uint64(64 - bits)
