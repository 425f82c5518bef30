"""Rows of preference data: the question as in an alpaca row, with two answers to it, or one and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def encode_pair(
    instruction: str,
    system: str,
    history: Sequence[tuple[str, str]],
    *,
    chosen: str,
    rejected: str,
    beside: Mapping[str, Any],
) -> bytes:
    """A row for DPO, of the format `dpo`: a JSON object in UTF-8, without a line break.

    Args:
        instruction: the question.
        system: the system prompt.
        history: (question, answer) of each turn before.
        chosen: the better answer.
        rejected: the other.
        beside: further columns, which no training reads.
    """
    return orjson.dumps(_before(instruction, system, history) | {"chosen": chosen, "rejected": rejected} | dict(beside))


def encode_judged(
    instruction: str,
    system: str,
    history: Sequence[tuple[str, str]],
    *,
    output: str,
    desirable: bool,
    beside: Mapping[str, Any],
) -> bytes:
    """A row for KTO, of the format `kto`: a JSON object in UTF-8, without a line break.

    Args:
        instruction: the question.
        system: the system prompt.
        history: (question, answer) of each turn before.
        output: the answer.
        desirable: what it is worth.
        beside: further columns, which no training reads.
    """
    return orjson.dumps(_before(instruction, system, history) | {"output": output, "kto_tag": desirable} | dict(beside))


def _before(instruction: str, system: str, history: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {"instruction": instruction, "input": "", "system": system, "history": history}
