"""Papers of the index that are what a `Request` asks for; where there are none, what comes near."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from ..index import DEFAULT_INDEX, ReferenceIndex
from ..index.search import Hit, TopicIndex
from ..index.topic_query import TopicQuery, nearest_topics, read_query
from ..index.topic_writer import name_parts
from ..papers import Paper
from ..verify.title_search import find_titles
from .request import Request, read_request
from .rerank import Reranker

RECORDS = 5  # retrieved unless more are asked for
_RERANKED = 50  # of the best hits, those that a re-ranker puts in order
_POOL = 500  # hits looked through for a first author
_DESCRIBED = 0.5  # of the words of a description, the share that its paper must have
_NARRATOR = re.compile(r"\b(?:the authors?['’]?|their|they|them|the (?:paper|work|article|study))\b", re.IGNORECASE)
_TITLE = 0.6  # similarity of a title that may have been meant
_NAMES, _NAME = 3, 70  # similar names told, and how similar in percent


@dataclass(frozen=True, slots=True)
class Near:
    """What would match, where nothing does.

    Attributes:
        years: of which there are papers on what is asked for, ascending.
        topics: names of topics that resemble what was asked for, in the language of the question.
        authors: names that resemble the author asked for.
    """

    years: tuple[int, ...] = ()
    topics: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found.

    Attributes:
        rows: (papers,) int64, of the papers in the reference index.
        papers: best first, each with what the index keeps of its abstract.
        whole: they are what is asked for; else (of titles only) the nearest that there is.
        near: what would match; empty where papers were found.
        last: date of the index's latest record, as `Paper.published`.
    """

    rows: np.ndarray
    papers: list[Paper]
    whole: bool
    near: Near = field(default_factory=Near)
    last: str = ""


class Retriever:
    """Finds papers for requests; for many threads at once.

    Args:
        directory: of a reference index with a topic part.
        reranker: puts papers on a topic in order; as BM25 ranks them if None.

    Raises:
        IndexUnavailableError: there is no such index.
    """

    def __init__(self, directory: str | Path = DEFAULT_INDEX, reranker: Reranker | None = None) -> None:
        self.index = ReferenceIndex(directory)
        self.topics = TopicIndex(directory)
        self._reranker = reranker

    def read(self, question: str, history: Sequence[str] = (), answers: Sequence[str] = ()) -> Request:
        """`read_request`, with the year of the latest record for now."""
        return read_request(question, history, answers, now=int(self.index.coverage.last[:4]))

    def retrieve(self, request: Request, limit: int = RECORDS) -> Retrieved:
        """The papers that are what is asked for, and no others.

        A paper is on a topic of the glossary if `topics.TopicMatcher` says so; on other words if it has them all, most
        of them in the title. A name given in full is not that of an author of whom the records have initials.

        Args:
            request: what is asked for.
            limit: the most papers, unless the request asks for more.
        """
        limit = max(limit, request.count or 0)
        if request.names_papers or ((request.sure or request.ordinal) and request.last_shown):
            return self._named(request, limit)
        if request.open:
            return self._retrieved([])
        query = self.topics.read(request.query)
        rows = self._search(request, query, limit)
        if not rows and request.authors and not self._search(replace(request, years=None), TopicQuery(), 1):
            # "Optimization by Simulated Annealing": a topic with capitals.
            meant = _joined(query, [read_query(name) for name in request.authors])
            rows = self._search(replace(request, authors=()), self.topics.read(meant), limit)
        return self._retrieved(rows, near=Near() if rows else self._near(request, query))

    def _retrieved(self, rows: Sequence[int], whole: bool = True, near: Near | None = None) -> Retrieved:
        openings = self.topics.openings(rows)
        papers = [replace(p, abstract=text) for p, text in zip(self.index.papers(rows), openings, strict=True)]
        return Retrieved(
            np.array(rows, dtype=np.int64), papers, whole and bool(rows), near or Near(), self.index.coverage.last
        )

    def _named(self, request: Request, limit: int) -> Retrieved:
        """Papers named by id, title, description or as those of the last answer."""
        if request.description:
            query = self.topics.read(_NARRATOR.sub(" ", request.description))
            hits = self._hits(replace(query, years=None), request, limit, strict=False)
            return self._retrieved([hit.row for hit in hits if hit.share >= _DESCRIBED])
        ids = request.ids if request.names_papers else _chosen(request)
        rows = [row for row in self.index.rows_of_ids(ids) if row is not None]
        whole = len(rows) == len(ids)
        for found in find_titles(request.titles, [None] * len(request.titles), self.index):
            exact = found.likeness != "other"
            whole = whole and exact and bool(found.rows)
            rows += found.rows[:limit] if exact or found.similarity >= _TITLE else []
        return self._retrieved(list(dict.fromkeys(rows)), whole)

    def _search(self, request: Request, query: TopicQuery, limit: int) -> list[int]:
        """Rows of the papers that are what is asked for."""
        filters = request.authors or request.categories or request.years
        if query.unused or not (query.concepts or filters):
            return []
        many = _POOL if request.authors else _RERANKED if self._reranker or request.newest else 0
        hits = self._hits(query, request, limit + many + len(request.shown))
        papers = dict(zip((hit.row for hit in hits), self.index.papers([hit.row for hit in hits]), strict=True))
        rows = [row for row, paper in papers.items() if paper.id not in request.shown or not request.more]
        if request.authors:
            rows = [row for row in rows if _written_by(papers[row], request)]
        if request.newest:
            rows.sort(key=lambda row: papers[row].published, reverse=True)
        elif self._reranker and query.concepts:
            rows = self._reranked(request, rows[: limit + _RERANKED])
        return rows[:limit]

    def _hits(self, query: TopicQuery, request: Request, limit: int, strict: bool = True) -> list[Hit]:
        if not strict and not query.concepts:
            return []
        return self.topics.search(
            query, years=request.years, categories=request.categories, authors=request.authors, limit=limit,
            strict=strict,
        )  # fmt: skip

    def _reranked(self, request: Request, rows: Sequence[int]) -> list[int]:
        assert self._reranker is not None
        found = self._retrieved(rows)
        scores = self._reranker.scores(request.text, found.papers)
        order = sorted(range(len(rows)), key=lambda place: -scores[place])
        return [rows[place] for place in order]

    def _near(self, request: Request, query: TopicQuery) -> Near:
        years: Sequence[int] = ()
        if request.years and request.authors:
            rows = self._search(replace(request, years=None), query, _POOL)
            years = sorted({paper.year for paper in self.index.papers(rows)})
        elif request.years and not query.unused:
            years = self.topics.years(query, categories=request.categories)
        return Near(tuple(years), () if years else _topics_like(request), tuple(self._names_like(request)))

    def _names_like(self, request: Request) -> list[str]:
        """Names of the records that may be meant by the authors asked for."""
        found: dict[str, None] = {}
        for name in request.authors:
            names = {author for paper in self.index.papers(self.topics.of_family(name)) for author in paper.authors}
            others = sorted(names - {name})
            found |= dict.fromkeys([other for other in others if _same_name(other, name)][:_NAMES])
            best = process.extract(name, others, scorer=fuzz.ratio, limit=_NAMES, score_cutoff=_NAME)
            found |= dict.fromkeys(other for other, *_ in best)
        return list(found)


def _topics_like(request: Request) -> tuple[str, ...]:
    """Topics of the glossary that were asked for with other words, or else that resemble those words."""
    if request.topics:
        return tuple(concept.name for concept in request.query.concepts if concept.topic)
    said = (" " if request.lang == "en" else "").join(concept.name for concept in request.query.concepts)
    return tuple(nearest_topics(said)) if said else ()


def _chosen(request: Request) -> tuple[str, ...]:
    """Ids of the last answer that are asked about: one of them by its place, or all."""
    if request.ordinal is None:
        return request.last_shown
    place = request.ordinal - 1 if request.ordinal > 0 else request.ordinal
    return request.last_shown[place : place + 1 or None]


def _joined(query: TopicQuery, others: Iterable[TopicQuery]) -> TopicQuery:
    concepts = dict.fromkeys((*query.concepts, *(concept for other in others for concept in other.concepts)))
    return replace(query, concepts=tuple(concepts))


def _written_by(paper: Paper, request: Request) -> bool:
    """Whether all authors asked for are among the paper's, the first one first if that is asked."""
    if request.first_author and not (paper.authors and _same_name(request.authors[0], paper.authors[0])):
        return False
    return all(any(_same_name(name, author) for author in paper.authors) for name in request.authors)


def _same_name(asked: str, author: str) -> bool:
    """Whether `asked` names `author`: the family name alone does, an initial stands for a name, but not the reverse."""
    (family, given), (other_family, other_given) = name_parts(asked), name_parts(author)
    return family == other_family and (given == other_given or (len(given) < 2 and other_given.startswith(given)))
