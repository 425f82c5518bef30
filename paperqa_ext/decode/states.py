"""Where an answer stands: in free text, in a title, or in what follows it; and what may come next.

States are never changed, so that beams may share them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .free_text import BOLD
from .trie import END, Candidates, TokenTrie

_LETTER = "x"  # any that a title may end with
_FIRST = f"1. {BOLD}"
_LEAD = 32  # tokens of a line before the first citation, where there is to be one

Cited = tuple[int, ...]  # ascending places among the candidates
Lines = tuple[tuple[int, list[int]], ...]  # candidates, and token ids


@dataclass(frozen=True, slots=True)
class InText:
    """In free text, where the automaton is in `node`.

    Attributes:
        left: tokens until a citation opens by itself; None if that is left to the model.
    """

    node: int
    cited: Cited
    left: int | None = None


@dataclass(frozen=True, slots=True)
class InTitle:
    """In a title that opened with `mark`, `depth` tokens of it written.

    Attributes:
        next: (m,) token ids that continue the title, ascending.
        bounds: (m, 2) the candidates that remain after each.
        closing: of the titles that end here, the candidates and what their lines go on with.
    """

    mark: str
    depth: int
    next: np.ndarray
    bounds: np.ndarray
    closing: Lines
    cited: Cited


@dataclass(frozen=True, slots=True)
class InLine:
    """On the way to the end of the line, the same so far of all `lines`, `depth` tokens of it written."""

    lines: Lines
    depth: int
    cited: Cited


@dataclass(frozen=True, slots=True)
class InOpening:
    """On the way to the first citation, which the model has not opened: `tokens` are left of that."""

    tokens: list[int]


State = InText | InTitle | InLine | InOpening


class Course:
    """The states of an answer that may cite some candidates, each once.

    Args:
        trie: of all papers.
        candidates: of `trie`.
        must_cite: if there are candidates, the answer has one line, and not a long one, before it cites the first.
    """

    def __init__(self, trie: TokenTrie, candidates: Candidates, must_cite: bool = False) -> None:
        self._trie, self._candidates, self._text = trie, candidates, trie.free_text
        self.start: State = InText(trie.free_text.start, (), _LEAD if must_cite and len(candidates) else None)

    def allowed(self, state: InTitle | InLine | InOpening) -> np.ndarray:
        """The token ids that alone may follow, at least one."""
        if isinstance(state, InOpening):
            return np.array(state.tokens[:1])
        if isinstance(state, InLine):
            return np.array([line[state.depth] for _, line in state.lines])
        if not state.closing:
            return state.next
        return np.union1d(state.next, [line[0] for _, line in state.closing])

    def barred(self, state: InText) -> np.ndarray:
        """The token ids that may not follow in free text."""
        if state.left is not None:
            return self._text.unfinished[state.node]
        exhausted = len(state.cited) == len(self._candidates)
        return (self._text.exhausted if exhausted else self._text.barred)[state.node]

    def follow(self, state: State, token: int) -> State:
        """The state after `token`; after one that is not allowed (what pads an answer that was stopped) free text."""
        if isinstance(state, InText):
            after = self._text.follow(state.node, token)
            if isinstance(after, int):
                return InText(after, state.cited) if state.left is None else self._lead(after, state.left - 1)
            if len(state.cited) == len(self._candidates):
                return InText(self._text.after_citation, state.cited)
            return self._narrow(after, 0, len(self._candidates), 0, state.cited)
        if isinstance(state, InLine):
            return self._along(state.lines, token, state.depth, state.cited)
        if isinstance(state, InOpening):
            rest = state.tokens[1:]
            return InOpening(rest) if rest else self._narrow(BOLD, 0, len(self._candidates), 0, ())
        place = int(np.searchsorted(state.next, token))
        if place < len(state.next) and state.next[place] == token:
            first, last = map(int, state.bounds[place])
            return self._narrow(state.mark, first, last, state.depth + 1, state.cited)
        return self._along(state.closing, token, 0, state.cited)

    def _lead(self, node: int, left: int) -> State:
        """The state in which nothing has been cited yet, and has to be soon."""
        begun = node == self._text.start
        if left > 0 and not begun:
            return InText(node, (), left)
        [tokens] = (
            self._trie.spelling.encode([_FIRST], after="\n")
            if begun
            else (self._trie.spelling.encode([f"\n{_FIRST}"], after=_LETTER))
        )
        return InOpening(tokens)

    def _along(self, lines: Lines, token: int, depth: int, cited: Cited) -> State:
        lines = tuple([one for one in lines if one[1][depth] == token])
        longer = tuple([one for one in lines if len(one[1]) > depth + 1])
        if longer:  # a line that another one begins with, for want of an id, leaves it the way
            return InLine(longer, depth + 1, cited)
        return InText(self._text.after_citation, tuple(sorted({*cited, *(place for place, _ in lines)})))

    def _narrow(self, mark: str, first: int, last: int, depth: int, cited: Cited) -> State:
        """The state in which candidates `first:last` remain, of which one at least was not cited."""
        cited_here = cited[bisect_left(cited, first) : bisect_left(cited, last)]
        if last - first - len(cited_here) == 1:
            place = next(place for place in range(first, last) if place not in cited_here)
            return InLine(((place, self._line(place, depth, mark)),), depth, cited)
        stored, bounds = self._candidates.branches(first, last, depth)
        spans = np.stack((bounds[:-1], bounds[1:]), axis=1)
        if cited_here:
            left = np.diff(bounds)
            np.subtract.at(left, np.searchsorted(bounds, cited_here, "right") - 1, 1)
            stored, spans = stored[left > 0], spans[left > 0]
        closing: Lines = ()
        if stored[0] == END:
            closing = self._closings([place for place in range(*spans[0]) if place not in cited_here], mark)
            stored, spans = stored[1:], spans[1:]
        tokens = stored.astype(np.int64) - 1
        # A bracket that begins as another sign of the title does, in bytes: the longer title goes first.
        closing = tuple(line for line in closing if line[1][0] not in tokens) if len(tokens) else closing
        return InTitle(mark, depth, tokens, spans, closing, cited)

    def _line(self, place: int, depth: int, mark: str) -> list[int]:
        """The tokens of a candidate's whole line, as the tokenizer cuts it if that agrees with the first `depth`."""
        title, rest = self._trie.line(int(self._candidates.rows[place]), mark)
        [whole] = self._trie.spelling.encode([title + rest], after=mark)
        written = self._candidates.title(place)
        return whole if whole[:depth] == written[:depth] else written + self._closings([place], mark)[0][1]

    def _closings(self, places: Sequence[int], mark: str) -> Lines:
        """What follows the title on the lines of some candidates."""
        rests = [self._trie.line(row, mark)[1] for row in self._candidates.rows[places].tolist()]
        return tuple(zip(places, self._trie.spelling.encode(rests, after=_LETTER), strict=True))
