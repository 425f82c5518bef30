"""Words that could stand in a title instead of others, by the titles of a corpus."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from random import Random

from citation_names import bare

SMALL = frozenset(
    "a an the and are is of on in to by at as or with from into over under that this these those their its between "
    "using based via towards toward for new some when what how why not can does".split()
)
_OPPOSITES = """supervised unsupervised|linear nonlinear|upper lower|strong weak|classical quantum|discrete continuous
finite infinite|local global|static dynamic|deterministic stochastic|homogeneous heterogeneous|sparse dense|image video
online offline|hot cold|high low|positive negative|convex nonconvex|directed undirected|periodic chaotic|early late
detection segmentation|classification regression|training inference|text speech|electron neutron|proton neutrino
spin charge|planet star|galaxy cluster|graph tree|matrix tensor|existence nonexistence|attack defense|near far
symmetric asymmetric|stability instability|commutative noncommutative|massive massless|inner outer|single double"""
_OTHER = dict(pair.split() for pair in re.split(r"[|\n]", _OPPOSITES))
_OTHER |= {other: word for word, other in _OTHER.items()}


class Words:
    """Words of titles.

    Attributes:
        known: how often each occurs, in lower case.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self._titles = titles
        self.known = Counter(word.lower() for title in titles for word in re.findall(r"[^\W\d_]+", title))

    def like(self, words: list[str], place: int, random: Random) -> str:
        """Another word that stands where this one does in a title, and is about as frequent."""
        old = core(words[place]).lower()
        new = random.choice(self._classes[self._class(words, place)])
        return "" if _akin(old, new) else new

    def _class(self, words: list[str], place: int) -> tuple[int, int]:
        where = 0 if place == 0 else 2 if place == len(words) - 1 else 1
        return where, int(math.log2(self.known[core(words[place]).lower()] or 1))

    @cached_property
    def _classes(self) -> dict[tuple[int, int], list[str]]:
        classes = defaultdict(list)
        for words, place in self._places():
            classes[self._class(words, place)].append(core(words[place]).lower())
        return {name: sorted(set(members)) for name, members in classes.items()}

    def near(self, words: list[str], place: int, random: Random) -> str:
        """An opposite, or a word that other titles have between the same two words: they are near in meaning."""
        old = core(words[place]).lower()
        if old in _OTHER:
            return _OTHER[old]
        options = [word for word in self._slots.get(_around(words, place), ()) if not _akin(old, word)]
        return random.choice(options) if options else ""

    @cached_property
    def _slots(self) -> dict[tuple[str, str], list[str]]:
        slots = defaultdict(list)
        for words, place in self._places():
            slots[_around(words, place)].append(core(words[place]).lower())
        return slots

    def _places(self) -> Iterator[tuple[list[str], int]]:
        for title in self._titles:
            words = title.split()
            yield from ((words, place) for place, word in enumerate(words) if content(word))


def core(word: str) -> str:
    """A word without the punctuation around it."""
    return word.strip("()[]{}.,:;?!'\"“”‘’`")


def content(word: str) -> bool:
    """Whether a word of a title says what it is about."""
    inner = core(word)
    return len(inner) > 3 and inner.isalpha() and inner.lower() not in SMALL


def _around(words: list[str], place: int) -> tuple[str, str]:
    before, after = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
    return core(before).lower(), core(after).lower()


def _akin(one: str, two: str) -> bool:
    """Whether two words may be forms of one (networks, Schroedinger): that is no change of content."""
    one, two = (re.sub(r"(?<=[aou])e", "", bare(word)) for word in (one, two))
    stem = max(4, min(len(one), len(two)) - 3)
    return one[:stem] == two[:stem]
