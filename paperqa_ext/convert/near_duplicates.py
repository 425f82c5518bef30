"""Texts that say nearly the same, found by MinHash (Broder 1997) and locality-sensitive hashing."""

from __future__ import annotations

from itertools import pairwise

from ..titles import words

THRESHOLD = 0.8  # of the Jaccard similarity of two texts' sets of words and neighbouring pairs of words
_PERMUTATIONS, _BANDS, _SEED = 128, 16, 42


class NearDuplicates:
    """Remembers texts and tells new ones from near-duplicates."""

    def __init__(self) -> None:
        from rensa import RMinHashDeduplicator

        self._seen = RMinHashDeduplicator(
            threshold=THRESHOLD, num_perm=_PERMUTATIONS, use_lsh=True, num_bands=_BANDS, seed=_SEED
        )
        self._number = 0

    def is_new(self, text: str) -> bool:
        """Whether no text remembered is nearly `text`, which is then remembered too."""
        from rensa import RMinHash

        told = words(text)
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update([*told, *(f"{left} {right}" for left, right in pairwise(told))])
        self._number += 1
        return bool(self._seen.add(str(self._number), sketch))
