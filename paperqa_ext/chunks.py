"""Predictions files cut into units of work: consecutive lines, with the dataset rows they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .asked import Asked
from .predictions import lines

_ANSWERS = 256
_BYTES = 1 << 18  # an answer may be large


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines of a predictions file.

    Attributes:
        file: the predictions.
        first: row of the first of the lines in the file, from 0.
        lines: with their numbers.
        asked: the dataset row of each, if they are known.
    """

    file: Path
    first: int
    lines: Sequence[tuple[int, bytes]]
    asked: Sequence[Asked] | None


def chunks_of(
    files: Sequence[tuple[Path, Sequence[Asked] | None]], size: int, *, progress: bool = False
) -> Iterator[Chunk]:
    """Stream the chunks of files, at least one of each.

    Args:
        files: with their dataset rows, if they are known.
        size: of all files in bytes, decompressed.
        progress: show a progress bar on stderr, if that is a terminal.

    Raises:
        PredictionsError: as of `predictions.lines`.
    """
    from tqdm import tqdm

    disable = None if progress else True  # None: if there is no terminal
    with tqdm(total=size, desc="checking", unit="B", unit_scale=True, disable=disable) as bar:
        for file, asked in files:
            first, size = 0, 0
            taken: list[tuple[int, bytes]] = []
            for row, line in enumerate(lines(file)):
                if len(taken) == _ANSWERS or size > _BYTES:
                    yield Chunk(file, first, taken, _part(asked, first, len(taken)))
                    bar.update(size)
                    first, size, taken = row, 0, []
                taken.append(line)
                size += len(line[1])
            yield Chunk(file, first, taken, _part(asked, first, len(taken)))
            bar.update(size)


def _part(asked: Sequence[Asked] | None, first: int, number: int) -> Sequence[Asked] | None:
    part = None if asked is None else asked[first : first + number]
    return part if part is not None and len(part) == number else None  # a file that grew meanwhile ends in an error
