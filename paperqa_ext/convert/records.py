"""Records on disk: every paper of the sources once, one JSON line each, read back by row number.

Millions of abstracts do not fit into memory, and their order of asking is not their order in the source. So they are
written once, as they are read, and fetched by offset when a question is about them.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import orjson
from tqdm import tqdm

from ..papers import Paper

Row = int
_BUFFER = 1 << 22  # bytes


class LineStore:
    """Lines of bytes in a temporary file, addressed by number; the file has no name and goes with the process.

    Args:
        directory: where the file lies; it needs about as much room as the lines.
    """

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115 (it lives as long as the store)
        self._starts, self._lengths = array("q"), array("q")
        self._size = 0
        self._unwritten = bytearray()  # the end of the lines, until it is worth a write

    def append(self, lines: bytes, lengths: np.ndarray) -> None:
        """Add lines, joined without separator; `lengths` holds the size of each in bytes."""
        lengths = lengths.astype(np.int64)
        self._starts.frombytes((self._size + np.cumsum(lengths) - lengths).tobytes())
        self._lengths.frombytes(lengths.tobytes())
        self._add(lines)

    def append_line(self, line: bytes) -> None:
        """Add one line."""
        self._starts.append(self._size)
        self._lengths.append(len(line))
        self._add(line)

    def _add(self, lines: bytes) -> None:
        self._size += len(lines)
        self._unwritten += lines
        if len(self._unwritten) > _BUFFER:
            self._write()

    def _write(self) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(self._unwritten)
        self._unwritten.clear()

    def __len__(self) -> int:
        return len(self._starts)

    def select(self, rows: np.ndarray) -> None:
        """Keep these rows only, in this order."""
        for numbers in (self._starts, self._lengths):
            numbers[:] = array("q", np.frombuffer(numbers, dtype=np.int64)[rows].tobytes())

    def lines(self, rows: Iterable[Row]) -> Iterator[bytes]:
        """The lines of these rows, in this order."""
        for row in rows:
            if self._unwritten:
                self._write()
            yield self._read(self._lengths[row], self._starts[row])

    def _read(self, length: int, start: int) -> bytes:
        if hasattr(os, "pread"):  # not on Windows
            return os.pread(self._file.fileno(), length, start)
        self._file.seek(start)
        return self._file.read(length)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


class Records(LineStore):
    """A `LineStore` of papers."""

    def add(self, papers: Iterable[Paper]) -> None:
        """Append papers."""
        self.append(*encode(papers))

    def papers(self, rows: Iterable[Row]) -> Iterator[Paper]:
        """The papers of these rows, in this order."""
        return map(decode, self.lines(rows))

    def every(self, doing: str) -> Iterator[Paper]:
        """All papers, with a progress bar that says what is being done with them."""
        papers = self.papers(range(len(self)))
        return iter(tqdm(papers, doing, len(self), unit=" records", unit_scale=True, disable=None, leave=False))


def encode(papers: Iterable[Paper]) -> tuple[bytes, np.ndarray]:
    """Papers as the lines and lengths that `LineStore.append` takes."""
    lines = [orjson.dumps(_fields(paper)) for paper in papers]
    return b"".join(lines), np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))


_fields = attrgetter(*Paper.__slots__)


def decode(line: bytes) -> Paper:
    """The paper of one line that `encode` wrote."""
    id_, title, authors, abstract, categories, *rest = orjson.loads(line)
    return Paper(id_, title, tuple(authors), abstract, tuple(categories), *rest)


def merge(papers: list[Paper]) -> Paper:
    """One record of several that have one id, oldest reading first.

    The last reading's title stands, since papers are retitled between snapshots and not back; a field that it lacks is
    taken from the latest reading that has it. The earliest date stays, and a withdrawal cannot be undone.
    """
    merged = papers[-1]
    for paper in reversed(papers[:-1]):
        merged = replace(
            merged,
            authors=merged.authors or paper.authors,
            abstract=merged.abstract or paper.abstract,
            categories=merged.categories or paper.categories,
            published=_earlier(merged.published, paper.published),
            withdrawn=merged.withdrawn or paper.withdrawn,
        )
    return merged


def _earlier(one: str, other: str) -> str:
    """The earlier of two dates; of a date and its own month or year, the finer."""
    shared = min(len(one), len(other))
    if one[:shared] == other[:shared]:
        return max(one, other, key=len)
    return min(one, other)
