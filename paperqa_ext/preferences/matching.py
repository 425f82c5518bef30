"""Which two answers of a question make a pair: as long as each other, and different in what they cite.

A pair teaches whatever its sides differ in, and length is what DPO exploits first (Park et al. 2024, arXiv:2403.19159).
So each pair is matched in length, and all of them together are balanced.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..convert.tokens import answer_tokens
from ..metrics import CheckedAnswer
from ..titles import title_key, words

MAX_RATIO = 1.25  # of the longer to the shorter answer of a pair, in tokens
MAX_BIAS = 1.02  # geometric mean of chosen to rejected over many pairs, or its inverse
_LAYOUT = re.compile(r"^\s*\d{1,2}[.)、]|https?://[^\s)]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that may be a side of a pair.

    Attributes:
        answer: with its citations checked.
        tokens: its length.
        repaired: its fabrications were replaced by real papers.
    """

    answer: CheckedAnswer
    tokens: int
    repaired: bool = False

    @classmethod
    def of(cls, answer: CheckedAnswer, *, repaired: bool = False) -> Candidate:
        """The candidate that `answer` makes."""
        return cls(answer, answer_tokens(answer.predict), repaired)


def log_ratio(chosen: Candidate, rejected: Candidate) -> float:
    """Natural logarithm of the length of `chosen` in those of `rejected`: 0 if they are as long as each other."""
    return math.log(chosen.tokens / rejected.tokens)


def matched(
    chosen: Sequence[Candidate], rejected: Sequence[Candidate], max_ratio: float = MAX_RATIO
) -> list[tuple[Candidate, Candidate]]:
    """Pairs within the band, the nearest in length first; each answer is in one pair at most."""
    limit = math.log(max_ratio) + 1e-9
    near = [(abs(log_ratio(one, other)), i, j) for i, one in enumerate(chosen) for j, other in enumerate(rejected)]
    found, used = [], (set[int](), set[int]())
    for distance, i, j in sorted(near):
        if distance <= limit and i not in used[0] and j not in used[1]:
            found.append((chosen[i], rejected[j]))
            used[0].add(i)
            used[1].add(j)
    return found


def balanced(ratios: Sequence[float], max_ratio: float = MAX_RATIO) -> list[int]:
    """Places of the pairs to keep so that neither side is the longer one on the whole, in order.

    The pairs most to one side go first, until the mean is within `MAX_BIAS` and what chance may add to it among so few.

    Args:
        ratios: `log_ratio` of each pair.
        max_ratio: which none of them exceeds.
    """
    kept = sorted(range(len(ratios)), key=lambda place: ratios[place])
    total, bias, chance = math.fsum(ratios), math.log(MAX_BIAS), math.log(max_ratio)
    while kept and abs(total) > bias * len(kept) + chance * math.sqrt(len(kept)):
        total -= ratios[kept.pop(-1 if total > 0 else 0)]
    return sorted(kept)


def same_but_for_layout(one: CheckedAnswer, other: CheckedAnswer) -> bool:
    """Whether two answers say the same in other marks, or name the same titles: then no verdict tells them apart."""
    if title_key(_said(one)) == title_key(_said(other)):
        return True
    titles, others = (set(_titles(answer)) for answer in (one, other))
    return bool(titles) and titles == others


def _said(answer: CheckedAnswer) -> list[str]:
    return words(_LAYOUT.sub(" ", answer.predict))


def _titles(answer: CheckedAnswer) -> Iterator[int]:
    return (title_key(words(checked.citation.title or "")) for checked in answer.citations)
