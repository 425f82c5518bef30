"""Numbers that look drawn at random and depend on nothing but what they are drawn for: not on order or platform."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def hash64(text: str) -> int:
    """Stable 64-bit hash (blake2b)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def rank(*parts: object) -> int:
    """A 64-bit number drawn for `parts`.

    >>> rank(0, "a") == rank(0, "a") != rank(1, "a")
    True
    """
    return hash64("\x1f".join(map(str, parts)))


def share(*parts: object) -> float:
    """`rank` as a number in [0, 1)."""
    return rank(*parts) / 2**64


def pick(choices: Sequence[T], *parts: object) -> T:
    """One of `choices`, drawn for `parts`."""
    return choices[rank(*parts) % len(choices)]


def ranks(keys: np.ndarray, *parts: object) -> np.ndarray:
    """(n,) uint64: a number drawn for each key and `parts` (the finalizer of SplitMix64, over all keys at once)."""
    with np.errstate(over="ignore"):
        mixed = keys ^ np.uint64(rank(*parts))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def apportion(whole: int, shares: Sequence[float]) -> list[int]:
    """`whole` split by `shares`, largest remainder first.

    >>> apportion(5, [0.5, 0.25, 0.25])
    [3, 1, 1]
    """
    exact = [whole * part / sum(shares) for part in shares]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts
