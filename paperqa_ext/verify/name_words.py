"""A person's name as comparable words: ASCII, lower case, without what is no part of the name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from ..sources.readable import readable

Words = tuple[str, ...]

LONGEST = 200  # characters of a name that are read; some records hold a page
BRACKETS = re.compile(r"[(\[（【<][^()\[\]（）【】<>]*[)\]）】>]?")
_NOT_A_NAME = re.compile(
    r"\S+@\S+|https?:\S+|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b|\b(?:orcid|corresponding author)\b:?"
    r"|\bet\.? al(?:ii|ia)?\b"
    r"|\b(?:and )?(?:\d+ )?(?:more )?(?:others|colleagues|co-?authors|co-?workers|collaborators)\b"
    r"|等\s*\d*\s*[人位]?\s*(?:作者|学者|著)?\s*$|\b(?:ph|m|sc)\.\s?d\.|,\s*md$",
    re.IGNORECASE,
)
# What stands where an author is not known.
_UNKNOWN = re.compile(
    r"(?:anonymous|unknown|unnamed|various|multiple|several)(?: (?:authors?|researchers?|contributors?))?|authors?|n/?a"
    r"|none|tb[ad]|佚名|无名氏|[未不][知详明](?:作者)?|匿名(?:作者)?|作者(?:未知|不详|匿名)|多位作者",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z .'-]+")
# What may be more than one name: "A; B", "A, B, C", "Ann Lee, Bo Chen".
_SEVERAL = re.compile(r"[;；、，&]|,[^,]*[^,\s][^,]*,|^\s*\w+[.\s]+\w.*,\s*\w{2,}\s+\w{2,}")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]{2}")
# Scripts, and the dot that parts foreign names in Han.
_UNREADABLE = re.compile(r"[\u0370-\u1cff\u1f00-\u1fff\u3040-\u318f\uac00-\ud7ff·•・‧]")
_EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj"})
# To lower case, apostrophes gone, everything else that is no letter a space.
_FOLD = {code: chr(code).lower() if chr(code).isalpha() else " " for code in range(128)} | {ord(c): "" for c in "'`´’"}

_GROUPS = frozenset("collaboration collaborations consortium team group project contributors investigators".split())
_DROPPED = frozenset("jr sr ii iii iv dr prof professor mr mrs ms phd dipl others colleagues".split())
_DROPPED_OF_GROUPS = _GROUPS | frozenset("the for on behalf of".split())
PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le el al bin ibn ter ten y e zu af av st".split()
)
_RESPELT = {"lv": "lu", "lyu": "lu", "nv": "nu", "nyu": "nu"}  # ways to write lü and nü
_SPECIAL = _DROPPED | _GROUPS | _RESPELT.keys() | {"and", "et"}
# Characters that are read otherwise in names than alone, or in two ways.
_READINGS = {ord(char): f" {reading} " for char, reading in zip(
    "单曾解仇查区朴翟盖乐朝长重行覃茜晟柏俞贾尉繁员种",
    "shan zeng xie qiu zha ou piao zhai ge yue zhao chang chong hang tan xi cheng bo yu jia yu po yun chong".split(),
    strict=True,
)}  # fmt: skip


class Name(NamedTuple):
    """A name taken apart.

    Attributes:
        spellings: its words in ASCII, one tuple for each way to write them; empty words are left out.
        script: `latin`, `han`, or `other`, which nobody can spell back.
        is_group: a collaboration.
    """

    spellings: tuple[Words, ...]
    script: str
    is_group: bool


NOBODY = Name((), "latin", False)


@lru_cache(maxsize=1 << 16)
def parse(name: str) -> Name:
    """The words of one name, "First Last" or "Last, First"; no spellings if it is nobody's, or several people's."""
    name = name[:LONGEST]
    if _UNKNOWN.fullmatch(name):
        return NOBODY
    if not _PLAIN.fullmatch(name):
        if "\\" in name:
            name = readable(name)
        name = _NOT_A_NAME.sub(" ", BRACKETS.sub(" ", name))
        if _SEVERAL.search(name):
            return NOBODY
        last, comma, first = name.partition(",")
        if comma:
            name = f"{first} {last}"
    if name.isascii():
        script, texts = "latin", [name]
    elif _UNREADABLE.search(name):
        script, texts = "other", [_romanised(name)]
    elif _HAN.search(name) and not _LATIN.search(name):
        script, texts = "han", [_romanised(name), _romanised(name.translate(_READINGS))]
    else:
        name = _HAN.sub(" ", name)  # "张三 San Zhang"
        script, texts = "latin", [anyascii(name), anyascii(name.lower().translate(_EXPANDED))]
    spellings = [tuple(text.translate(_FOLD).split()) for text in texts]
    is_group = not _GROUPS.isdisjoint(spellings[0])
    if not _SPECIAL.isdisjoint(spellings[0]):
        spellings = [_essential(words, _DROPPED_OF_GROUPS if is_group else _DROPPED) for words in spellings]
        spellings += [tuple(_RESPELT.get(word, word) for word in words) for words in spellings]
    return Name(tuple(dict.fromkeys(filter(None, spellings))), script, is_group)


def _essential(words: Words, dropped: frozenset[str]) -> Words:
    """The words without titles and the like; none if they are several names."""
    if "and" in words:
        return ()
    words = tuple(_NOT_A_NAME.sub(" ", " ".join(words)).split())
    return tuple(word for word in words if word not in dropped)


def _romanised(name: str) -> str:
    """`name` in ASCII, a word for each character of Han."""
    return anyascii(_HAN.sub(lambda match: f" {anyascii(match[0])} ", name))


@lru_cache(maxsize=1 << 14)
def is_pinyin(word: str) -> bool:
    """Whether a word is one or two syllables of Chinese, or an initial."""
    return len(word) == 1 or _pinyin().fullmatch(word) is not None


@lru_cache(maxsize=1)
def _pinyin() -> re.Pattern[str]:
    syllables = {anyascii(chr(code)).lower() for code in range(0x4E00, 0x9FA6)}
    syllables = {syllable for syllable in syllables if re.search("[aeiou]", syllable) and syllable.isalpha()}
    any_of = "|".join(sorted(syllables, key=lambda syllable: (-len(syllable), syllable)))
    return re.compile(rf"(?:{any_of})(?:(?![aeiou])(?:{any_of}))?")
