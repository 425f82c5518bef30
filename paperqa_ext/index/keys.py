"""`Keys`: the rows of 64-bit keys, by a sorted array."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .arrays import load, save


def save_keys(directory: Path, name: str, keys: array[int]) -> np.ndarray:
    """Write the keys of all rows, to be read as `Keys`; the keys in ascending order."""
    values = np.frombuffer(keys, dtype=np.uint64)
    rows = np.argsort(values, kind="stable")
    save(directory, f"{name}_keys", values[rows])
    save(directory, f"{name}_rows", rows.astype(np.uint64))
    return values[rows]


class Keys:
    """Read-only keys of a directory.

    Raises:
        OSError, ValueError, EOFError: a file is missing or damaged, or the two do not belong together.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self._keys, self._rows = load(directory, f"{name}_keys"), load(directory, f"{name}_rows")
        if self._keys.shape != self._rows.shape:
            raise ValueError(f"its {name} keys disagree in length")

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, keys: Sequence[int]) -> list[list[int]]:
        """The rows of each key, ascending."""
        wanted = np.array(keys, dtype=np.uint64)
        order = np.argsort(wanted)  # neighbours are found in memory that is at hand already
        starts, stops = (np.empty(len(wanted), dtype=np.int64) for _ in range(2))
        starts[order] = np.searchsorted(self._keys, wanted[order])
        stops[order] = np.searchsorted(self._keys, wanted[order], "right")
        return [self._rows[start:stop].tolist() for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
