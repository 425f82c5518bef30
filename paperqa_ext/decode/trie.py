"""`TokenTrie`: the titles of an index as token sequences in order, so that what may follow is found by ranges.

Nothing but four arrays per title is kept: where its tokens are, its row, and how many tokens it shares with the title
before it. In a range of titles that begin alike, a new branch begins wherever no more than that beginning is shared,
which NumPy finds at the speed of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import numpy as np

from ..index import ReferenceIndex
from ..index.arrays import load
from ..prompts import citation_line, line_title
from .free_text import BOLD, CLOSING, FreeText
from .spelling import Spelling

END = 0  # in the stored sequences, where a title ends; a token is stored as its id + 1
_WIDE = 512  # titles in a range from which on its branches are remembered


@dataclass(frozen=True, slots=True)
class Candidates:
    """Papers that may be cited, in the order of their titles' tokens.

    Attributes:
        tokens: (all tokens of all titles,) as stored: id + 1, and `END` after each title.
        starts: (n,) where each candidate's title begins in `tokens`.
        rows: (n,) each candidate's row in the reference index.
        shared: (n,) how many tokens, `END` among them, each title shares with the one before it.
    """

    tokens: np.ndarray
    starts: np.ndarray
    rows: np.ndarray
    shared: np.ndarray
    _wide: dict[tuple[int, int, int], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def branches(self, first: int, last: int, depth: int) -> tuple[np.ndarray, np.ndarray]:
        """How candidates `first:last`, which share their first `depth` tokens, go on.

        Returns:
            (m,) the next tokens as stored, ascending, and (m + 1,) where the candidates of each begin, then `last`.
        """
        if (found := self._wide.get((first, last, depth))) is not None:
            return found
        bounds = np.flatnonzero(self.shared[first + 1 : last] == depth)
        bounds = np.concatenate(([first], bounds + (first + 1), [last]))
        found = self.tokens[self.starts[bounds[:-1]].astype(np.int64) + depth], bounds
        if last - first >= _WIDE:
            self._wide[first, last, depth] = found
        return found

    def title(self, place: int) -> list[int]:
        """The token ids of a candidate's title."""
        stored = self.tokens[int(self.starts[place]) :]
        return [int(token) - 1 for token in takewhile(lambda token: token != END, stored)]


class TokenTrie:
    """The compiled titles of an index for one tokenizer, memory-mapped; made by `open_trie`.

    Args:
        directory: written by `trie_writer.write_trie`.
        index: the reference index whose titles they are.
        spelling: of the tokenizer.

    Attributes:
        candidates: all papers of the index that have a title.

    Raises:
        OSError, ValueError, EOFError: a file is missing or damaged.
    """

    def __init__(self, directory: Path, index: ReferenceIndex, spelling: Spelling) -> None:
        self.index, self.spelling, self.free_text = index, spelling, FreeText(spelling.tokens)
        tokens, starts, rows, shared, self._places = (
            load(directory, name) for name in ("tokens", "starts", "rows", "shared", "places")
        )
        if not len(starts) == len(rows) == len(shared) or len(self._places) != len(index):
            raise ValueError("its columns disagree in length")
        self.candidates = Candidates(tokens, starts, rows, shared)

    def subset(self, rows: np.ndarray | Sequence[int]) -> Candidates:
        """The candidates in these rows of the index, in any order; takes about a nanosecond for each of all titles."""
        everything = self.candidates
        places = np.unique(self._places[np.asarray(rows, dtype=np.int64)]).astype(np.int64)
        places = places[: np.searchsorted(places, len(everything))]  # those without a title are beyond the end
        shared = np.zeros(len(places), dtype=everything.shared.dtype)
        if len(places) > 1:
            between = everything.shared[: places[-1] + 1]
            shared[1:] = np.minimum.reduceat(between, places[:-1] + 1)
        return Candidates(everything.tokens, everything.starts[places], everything.rows[places], shared)

    def line(self, row: int, mark: str) -> tuple[str, str]:
        """The canonical line of the record in `row`, set off with `mark`: its title, and all that follows."""
        paper = self.index.paper(row)
        title, line = line_title(paper.title), citation_line(paper)
        return title, CLOSING[mark] + line[len(f"{BOLD}{title}{BOLD}") :]
