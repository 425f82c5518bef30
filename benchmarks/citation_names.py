"""The ways in which LLMs and people write the names of a paper's authors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from random import Random

from paperqa_ext.papers import Paper

Names = Callable[[Paper, Random], tuple[str, ...]]
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe", "å": "aa"}
_NO_PEOPLE = re.compile(r"[\d()]|collab|team|group|consort|project|\b(?:for|and|jr)\b|(?:\S+ ){5}", re.IGNORECASE)


def bare(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def given(name: str) -> tuple[str, str]:
    """Given names and family name, by the last space and particles before it."""
    parts = name.split()
    place = len(parts) - 1
    while place > 1 and parts[place - 1].islower():
        place -= 1
    return " ".join(parts[:place]), " ".join(parts[place:])


def _initials(first: str, dot: str) -> str:
    return dot[1:].join(part[0] + dot[:1] for part in re.split(r"[ -]", first) if part)


def _each(write: Callable[[str, str], str]) -> Names:
    return lambda paper, random: tuple(write(*given(name)).strip(" ,") for name in paper.authors[:6])


AUTHORS: Mapping[str, Names] = {
    "initials": _each(lambda first, family: f"{_initials(first, '. ')} {family}"),
    "initials behind": _each(lambda first, family: f"{family}, {_initials(first, '.')}"),
    "Vancouver": _each(lambda first, family: f"{family} {_initials(first, '')}"),
    "Last, First": _each(lambda first, family: f"{family}, {first}"),
    "Last First": _each(lambda first, family: f"{family} {first}"),
    "family names": _each(lambda first, family: family),
    "capitals": _each(lambda first, family: f"{first} {family.upper()}"),
    "middle names dropped": _each(lambda first, family: f"{first.partition(' ')[0]} {family}"),
    "accents of authors": lambda paper, random: tuple(map(bare, paper.authors[:6])),
    "umlauts written out": lambda paper, random: tuple(
        bare("".join(UMLAUTS.get(c, c) for c in name)) for name in paper.authors[:6]
    ),
    "et al.": lambda paper, random: paper.authors[: random.choice((1, 1, 2, 3))],
    "order": lambda paper, random: tuple(random.sample(paper.authors, len(paper.authors))),
    "hyphens of names": lambda paper, random: tuple(name.replace("-", " ") for name in paper.authors[:6]),
}


def people(paper: Paper) -> bool:
    """Whether the authors are people with given and family names, neither cut to a letter nor swapped."""
    return all(
        len(given(name)[1].strip(".")) > 1 and " " in name and not _NO_PEOPLE.search(name) for name in paper.authors
    )


def strangers(names: Sequence[str], paper: Paper) -> bool:
    """Whether no part of these names is a part of one of the authors' names."""
    return not _parts(names) & _parts(paper.authors)


def _parts(names: Sequence[str]) -> set[str]:
    return {part for name in names for part in re.findall(r"\w{2,}", bare(name).casefold())}
