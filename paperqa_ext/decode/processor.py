"""`CitingProcessor`: the logits processor that keeps every citation of an answer to the papers of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PaperQAError
from .states import Course, InText, State
from .trie import TokenTrie

if TYPE_CHECKING:
    from torch import Tensor

_NEVER = float("-inf")


class CitingProcessor:
    """For `logits_processor` of transformers' `generate`; one serves one call.

    Text is free until `**` or `《` opens a citation, wherever that is; then the title of one of the candidates follows,
    and the rest of its canonical line (`prompts.citation_line`). Each candidate is cited once an answer; when all are,
    no citation opens and no list item begins. In free text no arXiv id or link can be written, and no numbered item but
    a citation. Where the generation limit falls into a citation, the answer ends with the beginning of a real line.

    Args:
        trie: of the index.
        rows: for each sequence of the batch, the rows of the index that it may cite, None for all; without `rows` all
            sequences may cite all. Beams and several answers to a prompt share its rows.
        must_cite: each sequence with rows of its own cites one of them, after a line of text at most.
    """

    def __init__(
        self, trie: TokenTrie, rows: Sequence[np.ndarray | None] | None = None, *, must_cite: bool = False
    ) -> None:
        self._courses = [
            Course(trie, trie.candidates) if some is None else Course(trie, trie.subset(some), must_cite)
            for some in ([None] if rows is None else rows)
        ]
        self._prompt = -1  # tokens of the prompt, known at the first step
        self._states: dict[tuple[int, bytes], State] = {}  # after the last step, by course and what was generated

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores, in place, with -inf for what may not follow: a copy would cost more than all else.

        Args:
            input_ids: (sequences, tokens) so far, prompts first.
            scores: (sequences, vocabulary) of the next token.
        """
        import torch

        # NumPy picks a few of many scores several times as fast as PyTorch does.
        shared = scores.device.type == "cpu" and scores.dtype == torch.float32
        table = scores.detach().numpy() if shared else scores
        for number, (course, state) in enumerate(self._follow(input_ids)):
            row = table[number]
            if isinstance(state, InText):
                row[course.barred(state)] = _NEVER
            else:
                allowed = course.allowed(state)
                kept = row[allowed]
                row[:] = _NEVER
                row[allowed] = kept
        return scores

    def _follow(self, input_ids: Tensor) -> list[tuple[Course, State]]:
        """The state of each sequence, from that of the one it continues: beams change places at every step."""
        sequences, length = input_ids.shape
        if self._prompt < 0:
            self._prompt = length
        each, rest = divmod(sequences, len(self._courses))
        if rest:
            raise PaperQAError(
                f"{sequences} sequences are generated, but candidates were given for {len(self._courses)}",
                remedy="Give the rows of each prompt in the batch, in order.",
            )
        generated = input_ids[:, self._prompt :].cpu().numpy()
        states: dict[tuple[int, bytes], State] = {}
        found = []
        for number, tokens in enumerate(generated):
            which, written = number // each, tokens.tobytes()
            course, key = self._courses[which], (which, written)
            if (state := states.get(key)) is None:
                before = self._states.get((which, written[: -tokens.itemsize])) if written else None
                state, missing = (course.start, tokens) if before is None else (before, tokens[-1:])
                for token in missing.tolist():
                    state = course.follow(state, token)
                states[key] = state
            found.append((course, state))
        self._states = states
        return found
