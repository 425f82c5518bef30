"""Titles as comparable words: LaTeX, Unicode, case and punctuation folded; every script kept."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

_FORMATTING = re.compile(
    r"\\(?:math(?:cal|bb|bf|rm|it|sf|frak|scr|tt)|text(?:bf|it|rm|sc|tt|sf)?|emph|operatorname|boldsymbol|bm|rm|bf|it|sf"
    r"|tt|em|sc|left|right|big|ensuremath|mbox|hbox|sl|cal|overline|underline)(?![A-Za-z])",
    re.IGNORECASE,
)
_ACCENT = re.compile(r"\\(?:[`'^\"~=.]|[uvHtcdbrk](?![A-Za-z]))\s*")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_HYPHEN_BREAK = re.compile(r"(?<=[a-z])-\s*\n\s*(?=[a-z])")
_WORD = re.compile(r"[^\W_]+")
_GREEK = {
    ord(unicodedata.lookup(f"GREEK SMALL LETTER {name}")): f" {name.lower()} "
    for name in (
        "ALPHA BETA GAMMA DELTA EPSILON ZETA ETA THETA IOTA KAPPA MU NU XI OMICRON PI RHO SIGMA TAU UPSILON PHI CHI "
        "PSI OMEGA"
    ).split()
}
# "lamda" is the Unicode name; LaTeX and people write lambda. Variant forms fold to the plain letter.
_GREEK |= {ord("λ"): " lambda ", ord("ς"): " sigma ", ord("ϵ"): " epsilon ", ord("ϕ"): " phi ", ord("ϑ"): " theta "}
# Signs that readable titles hold where LaTeX spells them out.
_MATHEMATICAL = {
    ord(sign): f" {name} "
    for sign, name in zip("∞×ℓ→≥≤∘·∼∂±", "infty times ell to geq leq circ cdot sim partial pm".split(), strict=True)
}
# Letters that NFKD does not take apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"})

STOPWORDS = frozenset(
    "a an and are as at be by do does for from how in into is it its of on or over than that the their this to under "
    "using via we what when with without".split()
)


def fold(text: str) -> str:
    """Lower-case `text` without LaTeX mark-up, accents and compatibility forms; other scripts stay as they are."""
    if "\\" in text:
        text = _COMMAND.sub(r" \1 ", _ACCENT.sub("", _FORMATTING.sub("", text)))
    text = text.replace("{", "").replace("}", "")
    if text.isascii():
        return text.lower()
    text = text.translate(_MATHEMATICAL)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = "".join(char for char in text if not unicodedata.combining(char))
    return text.translate(_LETTERS).translate(_GREEK)


def words(title: str) -> list[str]:
    """Folded words of a title.

    >>> words(r"Ab-initio $\\alpha$-Décay: A \\textbf{Survey}")
    ['ab', 'initio', 'alpha', 'decay', 'a', 'survey']
    """
    return _WORD.findall(fold(_HYPHEN_BREAK.sub("", title) if "\n" in title else title))


def content_words(title_words: list[str]) -> list[str]:
    """Words that carry the meaning of a title."""
    return [word for word in title_words if word not in STOPWORDS]


def title_key(title_words: list[str]) -> int:
    """64-bit key equal for titles that differ in case, punctuation, spacing, hyphens, LaTeX or accents only."""
    return word_hash("".join(title_words))


def word_hash(word: str) -> int:
    """Stable 64-bit hash (blake2b), the same on every machine and in every run."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
