"""Arrays as memory-mapped files, each integer as small as its array allows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np


def save(directory: Path, name: str, values: np.ndarray | array) -> None:
    """Write `values` (unsigned integers, any shape) to `name`.npy in the smallest type that holds them all."""
    numbers = np.asarray(values)
    np.save(directory / f"{name}.npy", numbers.astype(np.min_scalar_type(numbers.max(initial=0)), copy=False))


def load(directory: Path, name: str) -> np.ndarray:
    """The read-only array that `save` wrote; what is never read of it is never in memory.

    Raises:
        OSError, ValueError, EOFError: the file is missing or damaged.
    """
    return np.asarray(np.load(directory / f"{name}.npy", mmap_mode="r"))


def offsets(lengths: np.ndarray | array) -> np.ndarray:
    """(n + 1,) where each of n runs of the given lengths begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.uint64)]).astype(np.uint64)


def spans(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(sum of lengths,) positions `start, start + 1, …` of every run, one run after the other.

    >>> spans(np.array([7, 2]), np.array([2, 3])).tolist()
    [7, 8, 2, 3, 4]
    """
    lengths = lengths.astype(np.int64)  # unsigned and signed together make floats
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts.astype(np.int64) - ends + lengths, lengths)


class Codes(dict[str, int]):
    """Numbers strings in the order in which they are first asked for.

    >>> codes = Codes()
    >>> [codes[name] for name in ("b", "a", "b")], list(codes)
    ([0, 1, 0], ['b', 'a'])
    """

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code


class Text:
    """Strings gathered one after the other, to be read as `Strings`."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._text = bytearray()
        self._lengths = array("I")
        self.extend(texts)

    def extend(self, texts: Iterable[str]) -> None:
        """Add strings; each takes the next place."""
        encoded = [text.encode() for text in texts]
        self._lengths.extend(map(len, encoded))
        self._text += b"".join(encoded)

    def save(self, directory: Path, name: str) -> None:
        """Write the strings to `name`.txt, and where each begins to `name`.npy."""
        (directory / f"{name}.txt").write_bytes(self._text)
        save(directory, name, offsets(self._lengths))


class Strings:
    """The strings that a `Text` saved, memory-mapped.

    Raises:
        OSError, ValueError, EOFError: a file is missing or damaged.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self._offsets = load(directory, name)
        path = directory / f"{name}.txt"
        size = path.stat().st_size
        if self._offsets.ndim != 1 or not len(self._offsets) or size != self._offsets[-1]:
            raise ValueError(f"{path.name} is not as long as {name}.npy says")
        # An empty file cannot be mapped.
        self._text = np.memmap(path, mode="r").data if size else memoryview(b"")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def get(self, rows: np.ndarray | Sequence[int]) -> list[str]:
        """The strings in these places; about 0.3 µs each."""
        places = np.asarray(rows, dtype=np.int64)
        bounds = zip(self._offsets[places].tolist(), self._offsets[places + 1].tolist(), strict=True)
        text = self._text
        return [str(text[start:stop], "utf-8") for start, stop in bounds]
