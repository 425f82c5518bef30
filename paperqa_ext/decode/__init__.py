"""Citations that cannot be invented: while a model generates, a citation can only become that of a real paper.

`open_trie` compiles the titles of an index for a tokenizer; `citing_processor` makes of it a logits processor for
transformers' `generate` (after De Cao et al., Autoregressive Entity Retrieval, arXiv:2010.00904). Every token sequence
it lets through in a citation spells, byte for byte, the canonical line of a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import PaperQAError
from .processor import CitingProcessor
from .trie import TokenTrie
from .trie_writer import open_trie

__all__ = ["TokenTrie", "citing_processor", "open_trie"]


def citing_processor(
    trie: TokenTrie, tokenizer: Any, rows: Sequence[np.ndarray | None] | None = None, *, must_cite: bool = False
) -> CitingProcessor:
    """A logits processor that keeps the citations of one `generate` call to real papers; see `CitingProcessor`.

    Args:
        trie: from `open_trie`.
        tokenizer: of the model; the one `trie` was opened with.
        rows: for each sequence of the batch, the rows of the index that it may cite, None for all; without `rows` all
            sequences may cite all.
        must_cite: each sequence with rows of its own cites one of them, after a line of text at most.

    Raises:
        PaperQAError: the tokenizer has another vocabulary.
    """
    if len(tokenizer) != len(trie.spelling):
        raise PaperQAError(
            f"the tokenizer has {len(tokenizer):,} tokens, the titles were compiled for {len(trie.spelling):,}",
            remedy="Open the trie with the tokenizer of the model.",
        )
    return CitingProcessor(trie, rows, must_cite=must_cite)
