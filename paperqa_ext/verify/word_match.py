"""Whether two words of titles are one: ways of spelling it, or a slip of the pen that makes no other word of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ..titles import STOPWORDS

Frequencies = Callable[[Sequence[str]], list[int]]

COMMONER = 500  # times as frequent as a word is what it may be a slip for: slips are in titles, too
_MOST_EDITS = 3
# Plurals, then British, American and written-out spellings, brought to one form that need not be a word.
_FORMS = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?<=..)ies$", "y"),
        (r"(?<=.[^siu])s$", ""),
        (r"(?<=..)is(?=(?:e|ed|er|ing|ation|ational|able)$)", "iz"),
        (r"(?<=..)ys(?=(?:e|ed|er|ing)$)", "yz"),
        (r"(?<=.)our(?=$|a|i|e|l)", "or"),
        (r"(?<=.[bt])re(?=d?$)", "er"),
        (r"(?<=.)ogue$", "og"),
        (r"(?<=..[aeiou])ll(?=(?:ed|er|ing)$)", "l"),
        (r"(?<=..)ence$", "ense"),
        (r"^sulph", "sulf"),
        (r"^aluminium$", "aluminum"),
        (r"^grey", "gray"),
        (r"([aou])e", r"\1"),
        (r"e$", ""),
    )
)
_NEGATIONS = (
    "un",
    "in",
    "im",
    "ir",
    "il",
    "a",
    "an",
    "non",
    "dis",
    "anti",
    "de",
    "up",
    "out",
    "sub",
    "bi",
    "co",
    "pre",
)


def same_word(word: str, real: str) -> bool:
    """Whether two folded words are spellings or numbers (singular, plural) of one word.

    >>> same_word("behaviour", "behavior"), same_word("theories", "theory"), same_word("schroedinger", "schrodinger")
    (True, True, True)
    """
    return word == real or (word[:1] == real[:1] and _form(word) == _form(real))


@lru_cache(maxsize=1 << 14)
def _form(word: str) -> str:
    for pattern, form in _FORMS:
        word = pattern.sub(form, word)
    return word


def resembles_one(word: str, reals: Sequence[str]) -> bool:
    """Whether `same_word` or `is_slip` is possible for one of several words, told without any frequency."""
    near = process.extract(word, reals, scorer=OSA.distance, processor=None, score_cutoff=_MOST_EDITS, limit=4)
    return any(edits <= _allowed(real) or same_word(word, real) for real, edits, _ in near)


def is_slip(word: str, real: str, frequencies: Frequencies) -> bool:
    """Whether `word` is a slip of the pen for `real`: a few edits that do not make another known word of it.

    Args:
        frequencies: number of titles with each word, as `ReferenceIndex.document_frequencies`.
    """
    allowed = _allowed(real)
    edits = OSA.distance(word, real, score_cutoff=allowed)
    if edits > allowed or not (word + real).isalpha():
        return False
    if real in STOPWORDS and word not in STOPWORDS and len(real) > 2:
        return edits == 1
    if any(word == prefix + real or real == prefix + word for prefix in _NEGATIONS):
        return False
    count, real_count = frequencies([word, real])
    return count == 0 or (edits == 1 and len(real) >= 6 and count * COMMONER <= real_count)


def _allowed(real: str) -> int:
    """Edits that leave a word readable."""
    length = len(real)
    return _MOST_EDITS if length >= 9 else 2 if length >= 5 else 1 if length >= 3 or real in STOPWORDS else 0


def is_slip_of_run(run: str, real: str) -> bool:
    """Whether `run` is a slip for `real`: neighbouring words without the spaces between them, told by letters alone."""
    allowed = 2 if len(real) >= 16 else 1 if len(real) >= 6 else 0
    return (run + real).isalpha() and OSA.distance(run, real, score_cutoff=allowed) <= allowed
