"""What tells the words of a title from others, and a title from its marks."""

from __future__ import annotations

import re
from functools import lru_cache

from .patterns import BRACKETED_YEAR, FIELD, HAN_CHAR, WORDS, YEAR_DIGITS
from .text import Text
from .title_patterns import (
    BLANK,
    BLANK_SIGNS,
    CLAUSE_MARK,
    LINKED,
    LOOSE_END,
    MANY,
    NO_TITLE,
    NUMBER,
    QUOTED,
    STUDY,
)

# "**2019: Title**"
_YEAR_LEAD = re.compile(rf"{YEAR_DIGITS}(?:[ ]?年)?[ ]?[:–—|-][ ](?=[^\n]{{12}})")
# "Attention Is All You Need (注意力就是一切)"
_GLOSS = re.compile(
    r"(?<=[A-Za-z?!]) ?\((?=[^()\n]{0,40}?[\u3400-\u9fff]{2})(?:[^()A-Za-z]{0,8}"
    r"|[A-Za-z\d-]{2,16}[:：])[\u3400-\u9fff][^()\n]{1,120}\)\Z"
)
# "Title.pdf 第3页"
_FILE = re.compile(r"\.(?:pdf|docx?|txt)\b[^\n]{0,12}\Z", re.IGNORECASE)
_PRONOUN = re.compile(r"(?:You|I|We|It|This|These|Those|There|When|If|Some|Another)\b")
# Within a title in capitals these are not.
_SMALL = frozenset("with from using through into over under beyond towards toward without between upon".split())


def trimmed(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """The title proper within `start:end`: without markers, quotes, link, label, number, "(2022)" and full stop."""
    flat = text.flat
    while True:
        before = start, end
        while start < end and flat[start] in " *_|/":
            start += 1
        while start < end and (
            flat[end - 1] in " *_,;:。|/–—[("
            or flat[end - 2 : end] == " -"
            or (flat[end - 1] == "." and flat[end - 2] != ".")
        ):
            end -= 1
        if start < end and flat[start] == "[" and flat.find("]", start, end) == end - 1:  # **[Title]**
            start, end = start + 1, end - 1
        if wrapped := QUOTED.match(flat, start, end) or LINKED.match(flat, start, end):
            start, end = wrapped.span("title")
        label = FIELD.match(flat, start, end) or NUMBER.match(flat, start, end)
        if label is None and flat[start : start + 1] in ("1", "2"):
            label = _YEAR_LEAD.match(flat, start, end)
        if label and (label.lastgroup or "title") == "title":
            start = label.end()
        if file := _FILE.search(flat, max(start, end - 24), end):
            end = file.start()
        bracket = flat.rfind("(", max(start, end - 60), end)
        dated = (
            bracket > start
            and flat[end - 1] == ")"
            and flat[end - 2] != "版"
            and BRACKETED_YEAR.match(text.plain, bracket, end)
        )
        # A second year in brackets after it is the paper's, so this one is the title's.
        line_end = text.plain.find("\n", end, end + 150)
        if dated and not BRACKETED_YEAR.search(text.plain, end, line_end if line_end > 0 else end + 150):
            end = bracket
        elif flat[end - 1 : end] == ")" and (gloss := _GLOSS.search(flat, start, end)):
            end = gloss.start()
        if (start, end) == before:
            return (start, end) if end > start else None


@lru_cache(maxsize=4096)
def is_title_like(words: str, strict: bool = False, lower: bool = False) -> bool:
    """Whether `words` could be a title: long enough, not in lower case unless `lower`.

    With `strict` also capitalised like one or, in Chinese, free of marks that end a clause.
    """
    if len(HAN_CHAR.findall(words)) >= 4:
        return not strict or not CLAUSE_MARK.search(words)
    latin = WORDS.findall(words)
    if " " not in words and not HAN_CHAR.search(words):
        return False
    if len(latin) < (3 if strict else 2) or (starts_low(words) and not (lower and len(latin) > 2)):
        return False
    long = [word for word in latin if len(word) > 3 and word not in _SMALL]
    return not strict or sum(not word.islower() for word in long) >= 0.7 * len(long)


@lru_cache(maxsize=4096)
def is_no_title(words: str) -> bool:
    """Whether `words` are the words of a link, a label, a task, a blank to be filled in, or speak of many papers."""
    return (
        NO_TITLE.match(words) is not None
        or (any(map(words.__contains__, BLANK_SIGNS)) and BLANK.search(words, 0, 80) is not None)
        or (words[-6:].endswith(("papers", "Papers", "论文", "文章", "文献")) and MANY.match(words) is not None)
    )


def starts_low(words: str) -> bool:
    """Whether the first word is in lower case, unlike "beta-VAE:", "m1:" and "word2vec"."""
    first = words.split(maxsplit=1)[0] if words.strip() else ""
    return first[:1].islower() and first.rstrip(",.").replace("-", "").isalpha() and first[1:].islower()


def is_long(words: str) -> bool:
    """Whether `words` are more than a name of a concept: four words, or eight characters of Chinese on a study."""
    if len(HAN_CHAR.findall(words)) >= 4:
        return len(words) >= 8 and STUDY.search(words) is not None
    return (
        len(words.split()) > 3
        or (":" in words and len(words.split()) > 2)
        or words.split()[-1:] in (["Networks"], ["Models"])
    )


def is_capitalised(words: str) -> bool:
    """Whether `words` are a title though they begin like a sentence: "You Only Look Once: Unified Object Detection"."""
    return _PRONOUN.match(words) is not None and is_title_like(words, strict=True) and is_long(words)


def is_notion(words: str) -> bool:
    """Whether `words` are but a few Chinese characters, with an abbreviation perhaps: 图卷积网络（GCN）"""
    han = len(HAN_CHAR.findall(words))
    return 0 < han < 8 and (len(WORDS.findall(words)) < 2 or (words[han : han + 1] == "(" and words[-1] == ")"))


def looks_cut(words: str) -> bool:
    """Whether a title at the very end of an answer reads as if more were to come."""
    return LOOSE_END.search(words) is not None or not is_long(words)
