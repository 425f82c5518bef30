"""What a token does to free text: go on, open a citation, or write what may stand in a citation only.

A small automaton over bytes (Aho and Corasick, 1975) follows the text; for each of its states and each token it is
known beforehand where the token leads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BOLD, QUOTED = "**", "《"
CLOSING = {BOLD: "**", QUOTED: "》"}
# In lower case and with 0 for every digit: ids and links of arXiv, which outside of citations would be the model's own,
# and what a prompt's records begin with, or "[A]" as some models write, after which there would be one of its own.
_BARRED = ("arxiv:", "arxiv-", "arxiv]", "arxiv.org/", "0000.000", "/0000000", "\n[")
# List items that begin. What has a number is a citation; with no paper left to cite they would all be filled with
# something else.
_NUMBERED = ("\n0.", "\n00.", "\n0)", "\n00)", "\n0、")
_ITEMS = (*_NUMBERED, "\n- ", "\n* ")
_FOLD = bytes(ord("0") if chr(byte).isdigit() else byte for byte in bytes(range(256)).lower())


class FreeText:
    """The automaton for one vocabulary.

    Args:
        tokens: the bytes of each token by its id (`Spelling.tokens`).

    Attributes:
        start: the state of a line that is empty so far, as the first one is.
        after_citation: the state of a text that ends with a citation.
        barred: by state, the tokens that may never follow: they write an id or a link, begin a numbered item with
            something else than a citation, or go on in one piece where a citation opens.
        unfinished: by state, the tokens that may not follow before anything is cited: besides those that are barred,
            they write nothing, and so may end the text.
        exhausted: by state, the tokens that may not follow when nothing is left to cite: besides those that are barred,
            they open a citation or begin a list item.
    """

    def __init__(self, tokens: Sequence[bytes]) -> None:
        numbered = [text.encode() for text in _NUMBERED]
        opened = [f"{item}{space}{mark}".encode() for item in _NUMBERED for space in ("", " ") for mark in CLOSING]
        patterns = [*(text.encode() for text in (BOLD, QUOTED, *_BARRED, *_ITEMS)), *opened]
        places = sorted({pattern[:end] for pattern in patterns for end in range(len(pattern) + 1)})
        number = {place: state for state, place in enumerate(places)}
        self._opened = {len(places): BOLD, len(places) + 1: QUOTED}
        barred = len(places) + 2
        ends = {BOLD.encode(): len(places), QUOTED.encode(): len(places) + 1}
        ends |= {pattern.encode(): barred for pattern in _BARRED}
        begins = {pattern.encode() for pattern in _ITEMS}
        goto = np.full((barred + 1, 256), barred, dtype=np.uint8)
        item = np.zeros((barred + 1, 256), dtype=bool)
        for place, state in number.items():
            strict = any(map(place.startswith, numbered))
            for byte in range(256):
                text = place + _FOLD[byte : byte + 1]
                suffixes = [text[start:] for start in range(len(text) + 1)]
                stop = next((ends[suffix] for suffix in suffixes if suffix in ends), None)
                if stop is None and (text in number or not strict):
                    stop = next(number[suffix] for suffix in suffixes if suffix in number)
                goto[state, byte] = barred if stop is None else stop
                item[state, byte] = any(suffix in begins for suffix in suffixes)
        self._moves, items = _moves(goto, item, tokens, len(places))
        self.start, self.after_citation = number[b"\n"], number[b""]
        silent = np.array([not token for token in tokens])
        self.barred = [np.flatnonzero(row == barred) for row in self._moves]
        self.unfinished = [np.flatnonzero((row == barred) | silent) for row in self._moves]
        self.exhausted = [np.flatnonzero(row) for row in items | (self._moves >= len(places))]

    def follow(self, state: int, token: int) -> int | str:
        """The state after `token`, or the mark (`BOLD`, `QUOTED`) with which it has opened a citation.

        A token that is barred (as padding may be) counts for nothing, nor do ids beyond the vocabulary.
        """
        if token >= self._moves.shape[1]:
            return state
        after = int(self._moves[state, token])
        return self._opened.get(after, after if after < len(self._moves) else state)


def _moves(goto: np.ndarray, item: np.ndarray, tokens: Sequence[bytes], states: int) -> tuple[np.ndarray, np.ndarray]:
    """(states, tokens) where each token leads from each state, and whether it begins a list item on its way."""
    lengths = np.array([len(token) for token in tokens])
    order = np.argsort(-lengths, kind="stable")
    letters = np.frombuffer(b"".join(tokens), dtype=np.uint8)
    starts = (np.cumsum(lengths) - lengths)[order]
    moves = np.repeat(np.arange(states, dtype=np.uint8)[:, None], len(tokens), axis=1)
    items = np.zeros(moves.shape, dtype=bool)
    for place in range(lengths.max(initial=0)):
        longer = np.count_nonzero(lengths > place)  # the tokens that have this byte come first
        byte = letters[starts[:longer] + place]
        items[:, :longer] |= item[moves[:, :longer], byte]
        moves[:, :longer] = goto[moves[:, :longer], byte]
    back = np.argsort(order)
    return moves[:, back], items[:, back]
