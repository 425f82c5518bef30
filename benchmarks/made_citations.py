"""Citations whose truth is known, made out of real records: right ones, written in many ways, and fakes of many kinds.

The records fall into two halves by a hash of their ids, so that what was tuned on one is measured on the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from citation_names import AUTHORS, bare, given, people, strangers
from citation_noise import SAME, VARIANTS
from title_words import SMALL, Words, content, core

from paperqa_ext.citations import Citation
from paperqa_ext.papers import Paper

HALVES = ("tune", "held_back")
TITLE_FLAGS = ("fabricated", "altered_title")
FIELD_FLAGS = ("metadata_error",)
FLAGS = (*TITLE_FLAGS, *FIELD_FLAGS)
_REMOVED = 25  # one record of so many is kept from the index
_FRAMES = (
    "{} for {}|Towards {} via {}|{}: {} with {}|A Survey of {} in {}|{} and {}|On the {} of {}|{}-Aware {} for {}"
    "|Learning {} from {}|{} meets {}"
).split("|")
_INSERTED = "Robust|Deep|Adaptive|Quantum|Hierarchical|Multi-Scale|Bayesian|Distributed|Stochastic|Federated|Fractional"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of citations and what is asked of a checker.

    Attributes:
        name: of the kind.
        bar: share of real papers that may be flagged at most, of fakes that must be at least; None: nothing is asked.
        group: of kinds, counted together, too.
        flags: verdicts that are right for a fake; empty for real papers, where any flag is a false accusation.
    """

    name: str
    bar: float | None
    group: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A citation of a kind."""

    kind: str
    citation: Citation


SHARED = "title shared by papers"
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        *(Kind(name, 0.001, "written alike") for name in SAME),
        *(Kind(name, 0.015, "misspelt, cut, extended") for name in VARIANTS),
        *(Kind(f"authors: {name}", 0.001, "names, year, id as usual") for name in AUTHORS),
        Kind("year + 1", 0.001, "names, year, id as usual"),
        Kind("id with version", 0.001, "names, year, id as usual"),
        Kind(SHARED, 1 / 249, "title shared"),
        Kind("invented", 0.995, "no such paper", TITLE_FLAGS),
        Kind("chimera", 0.995, "no such paper", TITLE_FLAGS),
        Kind("real, not in the index", 0.995, "no such paper", TITLE_FLAGS),
        Kind("a word replaced", 0.97, "title altered", TITLE_FLAGS),
        Kind("a near word instead", 0.97, "title altered", TITLE_FLAGS),
        Kind("two words replaced", 0.97, "title altered", TITLE_FLAGS),
        Kind("a word inserted", 0.97, "title altered", TITLE_FLAGS),
        Kind("authors of another", 0.99, "wrong field", FIELD_FLAGS),
        Kind("an author added", 0.99, "wrong field", FIELD_FLAGS),
        Kind("id of another", 0.99, "wrong field", FIELD_FLAGS),
        Kind("no such id", 0.99, "wrong field", FIELD_FLAGS),
        Kind("year off by 3 or more", 0.99, "wrong field", FIELD_FLAGS),
        Kind("another given name", None, "given name", FIELD_FLAGS),
    )
}


def removed(paper: Paper) -> bool:
    """Whether this record is kept from the index, to be cited as a paper that the index should have."""
    return int.from_bytes(_hash(paper)[1:4], "big") % _REMOVED == 0


def half(paper: Paper) -> str:
    """The half that this record belongs to, one of `HALVES`."""
    return HALVES[_hash(paper)[0] & 1]


def _hash(paper: Paper) -> bytes:
    return blake2b(paper.id.encode(), digest_size=4).digest()


def title_key(title: str) -> str:
    """Letters and digits of a title, by which two are the same."""
    return "".join(c for c in bare(title).casefold() if c.isalnum())


class Maker:
    """Makes citations of records.

    Args:
        papers: all real records; those `removed` must not be in the index.
        which: the half whose records are cited.
        seed: of all choices.
    """

    def __init__(self, papers: Sequence[Paper], which: str, seed: int = 0) -> None:
        self.papers = [paper for paper in papers if paper.authors and paper.published and paper.id]
        self._titles = Counter(title_key(paper.title) for paper in self.papers)
        self._half = [paper for paper in self.papers if half(paper) == which]
        self._years = min(paper.year for paper in self.papers), max(paper.year for paper in self.papers) - 1
        self._which, self._seed = which, seed
        self._random = Random()
        self._words = Words([paper.title for paper in self.papers])

    def made(self, kind: str, number: int) -> list[Made]:
        """Up to `number` citations of a kind, as many as there are records for; all of `SHARED`."""
        self._random = Random(f"{self._seed}-{self._which}-{kind}")
        if kind == SHARED:
            shared = [paper for paper in self.papers if self._titles[title_key(paper.title)] > 1 and not removed(paper)]
            return [Made(kind, cited(paper.title, paper.authors[:5], paper.year)) for paper in shared]
        make, found = self._recipe(kind), list[Made]()
        for paper in self._random.sample(self._half, len(self._half)):
            if len(found) == number:
                break
            if removed(paper) != (kind == "real, not in the index") or self._titles[title_key(paper.title)] > 1:
                continue
            citation = make(paper)
            if citation is not None:
                found.append(Made(kind, citation))
        return found

    def _recipe(self, kind: str) -> Callable[[Paper], Citation | None]:
        if noise := SAME.get(kind) or VARIANTS.get(kind):
            return lambda paper: self._real(paper, noise(paper, self._random, self._words.known), kind)
        if names := AUTHORS.get(kind.removeprefix("authors: ")):
            return lambda paper: self._renamed(paper, names(paper, self._random)) if people(paper) else None
        return {
            "year + 1": lambda paper: cited(paper.title, self._some(paper), paper.year + 1),
            "id with version": self._version,
            "invented": self._invented,
            "chimera": self._chimera,
            "real, not in the index": self._absent,
            "a word replaced": lambda paper: self._altered(paper, 1, self._words.like),
            "a near word instead": lambda paper: self._altered(paper, 1, self._words.near),
            "two words replaced": lambda paper: self._altered(paper, 2, self._words.like),
            "a word inserted": self._inserted,
            "authors of another": self._swapped,
            "an author added": self._added,
            "id of another": lambda paper: cited(paper.title, self._some(paper), paper.year, self._any().id),
            "no such id": self._no_id,
            "year off by 3 or more": self._wrong_year,
            "another given name": self._forename,
        }[kind]

    # Real papers.

    def _real(self, paper: Paper, title: str, kind: str) -> Citation | None:
        key = title_key(title)
        if (title == paper.title) != (kind == "exact") or (self._titles[key] and key != title_key(paper.title)):
            return None  # nothing was changed, or another paper has this title
        year = self._random.choice((paper.year, paper.year, paper.year + 1, None))
        return cited(title, self._some(paper), year, self._random.choice((paper.id, None, None, None)))

    def _renamed(self, paper: Paper, authors: tuple[str, ...]) -> Citation | None:
        return cited(paper.title, authors, paper.year) if authors != paper.authors[:6] else None

    def _version(self, paper: Paper) -> Citation:
        return cited(paper.title, self._some(paper), paper.year, f"{paper.id}v{self._random.randint(1, 4)}")

    def _some(self, paper: Paper) -> tuple[str, ...]:
        return paper.authors[: self._random.choice((0, 1, 2, 3, 6, 100))]

    def _any(self) -> Paper:
        return self._random.choice(self.papers)

    # Fakes.

    def _fake(self, title: str, paper: Paper, year: int | None = None) -> Citation | None:
        """A title that no record has, with authors that may be right, as those of LLMs often are."""
        if self._titles[title_key(title)]:
            return None
        draw = self._random.random()
        authors = self._some(paper) if draw < 0.6 else self._some(self._any()) if draw < 0.8 else self._nobody()
        year = min(year or paper.year, self._years[1])
        return cited(title, authors, year, paper.id if self._random.random() < 0.1 else None)

    def _nobody(self) -> tuple[str, ...]:
        drawn = [self._random.choice(self._any().authors) for _ in range(2 * self._random.randint(1, 3))]
        pairs = zip(drawn[::2], drawn[1::2], strict=True)
        return tuple(f"{given(one)[0]} {given(two)[1]}".strip() for one, two in pairs)

    def _invented(self, paper: Paper) -> Citation | None:
        phrases = [self._phrase(self._any()) for _ in range(3)]
        frame = self._random.choice(_FRAMES)
        return self._fake(frame.format(*phrases), self._any(), self._random.randint(*self._years))

    def _phrase(self, paper: Paper) -> str:
        words = [word for word in paper.title.split() if core(word).lower() not in SMALL and core(word)]
        start = self._random.randrange(max(1, len(words) - 1))
        return " ".join(core(word) for word in words[start : start + 2]) or "Learning"

    def _chimera(self, paper: Paper) -> Citation | None:
        one, two = paper.title.split(), self._any().title.split()
        if min(len(one), len(two)) < 6:
            return None
        head, tail = one[: (len(one) + 1) // 2], two[len(two) // 2 :]
        return self._fake(" ".join([*head, *tail]), paper)

    def _absent(self, paper: Paper) -> Citation | None:
        if paper.year > self._years[1]:
            return None
        return cited(paper.title, self._some(paper), paper.year, self._random.choice((paper.id, None, None)))

    def _altered(self, paper: Paper, number: int, other: Callable[[list[str], int, Random], str]) -> Citation | None:
        words = paper.title.split()
        places = [place for place, word in enumerate(words) if content(word)]
        if len(words) < 4 or len(places) <= number:
            return None
        for place in self._random.sample(places, len(places)):
            if number and (new := other(words, place, self._random)):
                old = core(words[place])
                new = new.upper() if old.isupper() else new.capitalize() if old[0].isupper() else new
                words[place] = words[place].replace(old, new)
                number -= 1
        return None if number else self._fake(" ".join(words), paper)

    def _inserted(self, paper: Paper) -> Citation | None:
        words = paper.title.split()
        new = self._random.choice(_INSERTED.split("|"))
        if len(words) < 4 or new.lower() in paper.title.lower():
            return None
        place = self._random.choice([place for place, word in enumerate(words) if content(word)] or [0])
        return self._fake(" ".join([*words[:place], new, *words[place:]]), paper)

    def _swapped(self, paper: Paper) -> Citation | None:
        authors = self._some(self._any())
        return cited(paper.title, authors, paper.year) if authors and strangers(authors, paper) else None

    def _added(self, paper: Paper) -> Citation | None:
        source = self._any()
        other = self._random.choice(source.authors)
        if not (strangers((other,), paper) and people(paper) and people(source)):
            return None
        kept = list(paper.authors[: self._random.choice((1, 2, 3, 100))])
        kept.insert(self._random.randint(0, len(kept)), other)
        return cited(paper.title, tuple(kept), paper.year)

    def _no_id(self, paper: Paper) -> Citation:
        month = f"{paper.year % 100:02}{self._random.randint(1, 12):02}"
        number = self._random.randint(60_000, 99_999)
        numbers = (
            f"{month}.{number}",
            f"{month[:2]}{self._random.randint(13, 99)}.0{number // 10}",
            f"{month}.{number // 100}",
        )
        if paper.year < 2015:  # ids of four digits
            numbers = (f"{self._random.randint(16, 24)}05.{number}", *numbers[1:])
        return cited(paper.title, self._some(paper), paper.year, self._random.choice(numbers))

    def _wrong_year(self, paper: Paper) -> Citation | None:
        year = paper.year + self._random.choice((-1, 1)) * self._random.randint(3, 9)
        return cited(paper.title, self._some(paper), year) if self._years[0] <= year <= self._years[1] else None

    def _forename(self, paper: Paper) -> Citation | None:
        authors = list(paper.authors[:4])
        place = self._random.randrange(len(authors))
        (first, family), (other, _) = given(authors[place]), given(self._random.choice(self._any().authors))
        full = all(re.match(r"[^\W\d_]{4,}", name) for name in (first, other))
        if not full or bare(first[0]) == bare(other[0]) or not people(paper) or not strangers((other,), paper):
            return None
        authors[place] = f"{other} {family}"
        return cited(paper.title, tuple(authors), paper.year)


def cited(title: str, authors: Sequence[str] = (), year: int | None = None, arxiv_id: str | None = None) -> Citation:
    """A citation outside any answer."""
    return Citation(title, (0, len(title)), title, tuple(authors), year, arxiv_id)
