"""Authors compared: who is named in a citation and is not on the paper.

Two names are one person's if they share a family name and what else they say does not contradict. How a name is written
proves nothing: initials, order, accents, dropped or added middle names, particles, another script. So a name that could
be somebody's on the paper is, but each author answers to one name only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..sources.readable import readable
from .name_likeness import same
from .name_words import BRACKETS, LONGEST, Name, Words, is_pinyin, parse

_LONGEST_LIST = 100_000  # characters of an entry that holds several names
_FEW = 16  # authors that are looked through rather than looked up

_COMMA_INITIALS = re.compile(r",\s*((?:[^\W\d_]\b[. -]{0,3}){1,5}|[JS]r\.?)(?=,|$)")
_SEPARATOR = re.compile(r"[;；、&]|\\?\band\b|\s[和与]\s", re.IGNORECASE)


def strangers(stated: Sequence[str], real: Sequence[str]) -> list[str]:
    """Stated authors who are not on the paper.

    Args:
        stated: names as a citation writes them; "et al." and its like are nobody, and one entry may hold several names.
        real: the record's authors. Without any it contradicts nobody.

    Returns:
        The strangers as written, in order. A name that matches only an author another stated name has is one too.
    """
    if not real or _evidently_on(stated, real):
        return []
    return [name for name, on_paper in _compare(stated, real) if on_paper is False]


def agreement(stated: Sequence[str], real: Sequence[str]) -> float:
    """Share, 0 to 1, of the stated authors who can be told that are on the paper; 0 where nothing can be told."""
    told = [on_paper for _, on_paper in _compare(stated, real) if on_paper is not None] if real else []
    return sum(told) / len(told) if told else 0.0


def first_agrees(stated: Sequence[str], real: Sequence[str]) -> bool:
    """Whether the first stated author is the paper's first."""
    ours, theirs = _stated_names(stated[:1], _Authors.of(tuple(real[:1]))), _real_names(real[:1])
    return bool(ours and theirs) and same(parse(ours[0]), parse(theirs[0]))


class _Authors(NamedTuple):
    """A paper's authors, to be looked up by words they share with a name."""

    names: list[Name]
    by_key: dict[str, list[int]]
    by_stub: dict[str, list[int]]

    @staticmethod
    @lru_cache(maxsize=256)
    def of(real: tuple[str, ...]) -> _Authors:
        names = [name for name in map(parse, _real_names(real)) if name.spellings]
        by_key: dict[str, list[int]] = {}
        by_stub: dict[str, list[int]] = {}
        for number, name in enumerate(names if len(names) > _FEW else ()):
            for key in _keys(name):
                by_key.setdefault(key, []).append(number)
            for stub in _stubs(name):
                by_stub.setdefault(stub, []).append(number)
        return _Authors(names, by_key, by_stub)

    def like(self, name: Name) -> list[int]:
        """Numbers of the authors that `name` may mean, the likeliest first."""
        if len(self.names) <= _FEW:
            found = [number for number, author in enumerate(self.names) if same(name, author)]
            return sorted(found, key=lambda n: self.names[n].spellings != name.spellings)
        for index, keys, most in ((self.by_key, _keys(name), 256), (self.by_stub, _stubs(name), 32)):
            # Those that share most are compared, and not more: common names would make it quadratic.
            shared = Counter(number for key in keys for number in index.get(key, ()))
            found = [n for n, _ in shared.most_common(most) if same(name, self.names[n])]
            if found:
                return sorted(found, key=lambda n: self.names[n].spellings != name.spellings)
        return []


def _evidently_on(stated: Sequence[str], real: Sequence[str]) -> bool:
    """Whether the stated names are the paper's first ones, in its order: the usual case, told quickly."""
    if len(stated) > len(real):
        return False
    for ours, theirs in zip(stated, real, strict=False):
        if ours != theirs and (len(ours) > LONGEST or not same(parse(ours), parse(theirs))):
            return False
    return True


def _compare(stated: Sequence[str], real: Sequence[str]) -> list[tuple[str, bool | None]]:
    """Each stated name, and whether it is an author's; None where nobody can tell."""
    authors = _Authors.of(tuple(real))
    entries: dict[tuple[Words, ...], tuple[str, Name]] = {}  # a name written twice is one
    for text in _stated_names(stated, authors):
        name = parse(text)
        if name.spellings:
            entries.setdefault(name.spellings, (text, name))
    texts = [text for text, _ in entries.values()]
    names = [name for _, name in entries.values()]
    choices = [
        [place] if place < len(authors.names) and same(name, authors.names[place]) else authors.like(name)
        for place, name in enumerate(names)
    ]
    found = _assign(choices)
    if any(number is None and numbers for number, numbers in zip(found, choices, strict=True)):
        choices = [authors.like(name) for name in names]
        found = _assign_best(choices, _assign(choices))
    return [
        (text, True if number is not None else None if _may_be_any(name, authors.names) else False)
        for text, name, number in zip(texts, names, found, strict=True)
    ]


def _assign(choices: list[list[int]]) -> list[int | None]:
    """A choice for each, none taken twice, those with the fewest first."""
    found: list[int | None] = [None] * len(choices)
    taken: set[int] = set()
    for who in sorted(range(len(choices)), key=lambda who: len(choices[who])):
        choice = next((number for number in choices[who] if number not in taken), None)
        if choice is not None:
            found[who] = choice
            taken.add(choice)
    return found


def _assign_best(choices: list[list[int]], found: list[int | None]) -> list[int | None]:
    """`found`, unless another assignment serves more."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    ends = [0]
    for numbers in choices:
        ends.append(ends[-1] + len(numbers))
    columns = [number for numbers in choices for number in numbers]
    graph = csr_array(([1] * len(columns), columns, ends), shape=(len(choices), max(columns) + 1))
    best = [None if number < 0 else int(number) for number in maximum_bipartite_matching(graph, perm_type="column")]
    return best if best.count(None) < found.count(None) else found


def _may_be_any(name: Name, authors: list[Name]) -> bool:
    """Whether a name that matches none of the authors says nothing all the same."""
    if not authors:
        return True
    if name.is_group and not any(author.is_group for author in authors):
        return True  # records list a collaboration's members
    return not all(_comparable(name, author) or _comparable(author, name) for author in authors)


def _comparable(one: Name, other: Name) -> bool:
    """Whether two names are written so that one person's would look alike."""
    if one.script == other.script:
        return True
    return one.script == "han" and other.script == "latin" and all(map(is_pinyin, other.spellings[-1]))


def _stated_names(stated: Iterable[str], authors: _Authors) -> list[str]:
    """One name each from entries that may hold several, or a family name before the others."""
    names: list[str] = []
    for entry in stated:
        text = entry[:_LONGEST_LIST]
        text = readable(text) if "\\" in text else text
        text = " ".join(BRACKETS.sub(" ", text).split())
        for part in _SEPARATOR.split(text):
            names += _listed(part.replace("，", ","), authors) if "," in part or "，" in part else [part]
    return [name.strip()[:LONGEST] for name in names if name.strip()]


def _listed(text: str, authors: _Authors) -> list[str]:
    """The names in "Last, First", "First Last, First Last" or "Last, First, Last, First": as suits the paper."""
    parts = [part.strip() for part in _COMMA_INITIALS.sub(r" \1", text).split(",") if part.strip()]
    names: list[str] = []
    here = 0
    while here < len(parts):
        two = parts[here : here + 2]
        pair = " ".join(reversed(two))
        is_pair = len(two) == 2 and bool(authors.like(parse(pair)))
        if is_pair and all(" " in part for part in two):  # both may be whole names
            is_pair = None in _assign([authors.like(parse(part)) for part in two])
        names.append(pair if is_pair else two[0])
        here += 2 if is_pair else 1
    return names if any(authors.like(parse(name)) for name in names) or len(parts) > 2 else [text]


def _real_names(real: Iterable[str]) -> list[str]:
    return [part for name in real for part in (_SEPARATOR.split(name) if "and " in name else [name])]


def _keys(name: Name) -> set[str]:
    """What two spellings of a family name have in common: its words, joined or not."""
    keys: set[str] = set()
    for words in name.spellings:
        keys.update(word for word in words if len(word) > 1)
        keys.update(a + b for a, b in pairwise(words))
        keys.update(a + b + c for a, b, c in zip(words, words[1:], words[2:], strict=False))
        keys.update(words[-1:])
    return keys


def _stubs(name: Name) -> set[str]:
    """What a misspelt word keeps: one slip leaves its beginning or its end."""
    long = [word for words in name.spellings for word in words if len(word) >= 5]
    return {f"{word[:2]}-" for word in long} | {f"-{word[-2:]}" for word in long}
