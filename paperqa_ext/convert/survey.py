"""What planning must know of each paper, as arrays: a few dozen bytes a paper, so that millions fit into memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..categories import load_categories
from ..papers import Paper
from ..seeding import hash64
from ..titles import title_key, words
from ..topics import TopicMatcher

MAX_TITLE = 180  # characters of a title that an answer cites
# Why a paper is not cited, by its number in `Survey.status`.
STATUS = (
    "citable",
    "withdrawn",
    "LaTeX in title",
    "long title",
    "title in capitals",
    "same title and first author",
    "",
)
CITABLE, WITHDRAWN, LATEX, LONG, SHOUTED, REPEATED, OTHER = range(len(STATUS))

# Full names only: initials and single names are shared by too many people.
_FULL_NAME = re.compile(r"[^\W\d_][\w'’-]+(?: (?:[^\W\d_]\.|[\w'’-]+)){0,3} [^\W\d_][\w'’-]+")
# Mark-up that no reading has resolved.
_LATEX = re.compile(r"[$\\{}]")
# True records, and nobody's answer to "what should I read".
_REMARK = re.compile(
    r"(?:comments? (?:on|to)|(?:a )?reply to|response to|erratum|errata|corrigendum|addendum|correction|proceedings)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Survey:
    """Facts of `n` papers, in their order.

    Attributes:
        keys: (n,) uint64, `paper_key` of each.
        works: (n,) uint64, equal for papers of one title and first author.
        titles: (n,) uint64, equal for titles that differ in case, punctuation and the like only.
        dates: (n,) int32, `YYYYMMDD` of the first version; 0 for what is unknown of month and day.
        status: (n,) uint8, a place in `STATUS`.
        remarks: (n,) bool: an erratum, a comment on another paper and the like.
        category_counts: (n,) uint8, number of known categories of each; they follow each other in the next.
        categories: uint16, place of the category in `category_codes`, the primary one first.
        topic_counts: (n,) uint16, number of topics of each; their facts follow each other in the next two.
        topics: uint16, number of the topic in the glossary.
        relevance: float32, how much the paper is about it.
        author_counts: (n,) uint16, number of authors that may be asked about.
        authors: uint64, `author_key` of each.
    """

    keys: np.ndarray
    works: np.ndarray
    titles: np.ndarray
    dates: np.ndarray
    status: np.ndarray
    remarks: np.ndarray
    category_counts: np.ndarray
    categories: np.ndarray
    topic_counts: np.ndarray
    topics: np.ndarray
    relevance: np.ndarray
    author_counts: np.ndarray
    authors: np.ndarray

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def years(self) -> np.ndarray:
        """(n,) int32, year of the first version."""
        return self.dates // 10_000

    def topic_entries(self, topics: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row, topic and relevance of each paper and topic of it, for the first `topics` topics of the glossary."""
        rows = self._rows(self.topic_counts)
        wanted = self.topics < topics
        return rows[wanted], self.topics[wanted], self.relevance[wanted]

    def category_entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Row and category of each paper and category of it."""
        return self._rows(self.category_counts), self.categories

    def author_entries(self) -> tuple[np.ndarray, np.ndarray]:
        """Row and author of each paper and author of it."""
        return self._rows(self.author_counts), self.authors

    def _rows(self, counts: np.ndarray) -> np.ndarray:
        return np.repeat(np.arange(len(self), dtype=np.uint32), counts)

    def select(self, kept: np.ndarray) -> None:
        """Keep the papers for which `kept`, (n,) bool, holds."""
        masks = {
            "categories": np.repeat(kept, self.category_counts),
            "topics": np.repeat(kept, self.topic_counts),
            "relevance": np.repeat(kept, self.topic_counts),
            "authors": np.repeat(kept, self.author_counts),
        }
        for name in Survey.__slots__:
            setattr(self, name, getattr(self, name)[masks.get(name, kept)])


def paper_key(paper: Paper) -> int:
    """What tells a paper from others, as a number."""
    return hash64(paper.key)


def author_key(name: str) -> int:
    """Equal for names that differ in case only."""
    return hash64(name.casefold())


def askable_authors(paper: Paper) -> list[str]:
    """Authors of whom a question may ask."""
    return [name for name in paper.authors if _FULL_NAME.fullmatch(name)]


def survey(papers: Sequence[Paper], matcher: TopicMatcher, *, citable: bool = True) -> Survey:
    """The facts of `papers`; of papers that are only known to exist (`citable` false) no answer will cite one."""
    topics = [matcher.hits(paper) for paper in papers]
    authors = [[author_key(name) for name in askable_authors(paper)] for paper in papers]
    numbers = _category_numbers()
    categories = [[numbers[code] for code in paper.categories if code in numbers] for paper in papers]
    titles = [words(paper.title) for paper in papers]
    works = [
        hash64(f"{' '.join(title)}\n{''.join(p.authors[:1]).casefold()}")
        for title, p in zip(titles, papers, strict=True)
    ]
    return Survey(
        keys=np.array([paper_key(paper) for paper in papers], dtype=np.uint64),
        works=np.array(works, dtype=np.uint64),
        titles=np.array([title_key(title) for title in titles], dtype=np.uint64),
        dates=np.array([_date(paper.published) for paper in papers], dtype=np.int32),
        status=np.array([_status(paper) if citable else OTHER for paper in papers], dtype=np.uint8),
        remarks=np.array([bool(_REMARK.match(paper.title)) for paper in papers], dtype=bool),
        category_counts=np.array([len(found) for found in categories], dtype=np.uint8),
        categories=np.array([number for found in categories for number in found], dtype=np.uint16),
        topic_counts=np.array([len(found) for found in topics], dtype=np.uint16),
        topics=np.array([topic for found in topics for topic, _ in found], dtype=np.uint16),
        relevance=np.array([value for found in topics for _, value in found], dtype=np.float32),
        author_counts=np.array([len(found) for found in authors], dtype=np.uint16),
        authors=np.array([key for found in authors for key in found], dtype=np.uint64),
    )


@lru_cache(maxsize=1)
def category_codes() -> tuple[str, ...]:
    """Codes of all known categories, in the order in which surveys number them."""
    return tuple(load_categories())


@lru_cache(maxsize=1)
def _category_numbers() -> dict[str, int]:
    return {code: number for number, code in enumerate(category_codes())}


def concatenate(surveys: Iterable[Survey]) -> Survey:
    """One survey of several, in their order; they are emptied, so that no two copies of all facts exist at once."""
    parts = list(surveys)
    joined = []
    for name in Survey.__slots__:
        joined.append(np.concatenate([getattr(part, name) for part in parts]))
        for part in parts:
            setattr(part, name, joined[-1][:0])
    return Survey(*joined)


def _date(published: str) -> int:
    return int(published.replace("-", "").ljust(8, "0"))


def _status(paper: Paper) -> int:
    if paper.withdrawn:
        return WITHDRAWN
    if _LATEX.search(paper.title):
        return LATEX
    if len(paper.title) > MAX_TITLE:
        return LONG
    if paper.title.isupper() and " " in paper.title:
        return SHOUTED
    return CITABLE


def not_cited(status: np.ndarray) -> Counter[str]:
    """How many papers no answer cites, by reason."""
    numbers = np.bincount(status, minlength=len(STATUS)).tolist()
    return Counter({why: number for why, number in zip(STATUS[1:], numbers[1:], strict=True) if why and number})
