"""Whether a real paper is what a question asked for: of its year, topic, category and author.

A paper is of a topic, as it is in the dataset, if its title names the topic in words of the glossary or its abstract
does so three times. The reference index keeps titles only; which topics abstracts name is known to its topic part. From
an index without that part, a paper that the reference answer does not cite and whose title does not name the topic
counts as off it: the precision is then a lower bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from .asked import Asked
from .errors import IndexUnavailableError
from .index import ReferenceIndex
from .index.search import TopicIndex
from .metrics import CheckedAnswer, CheckedCitation
from .metrics.answers import DECIDED, REAL
from .papers import Paper
from .titles import words
from .topics import Topic, TopicMatcher
from .verify.names import strangers


def judge(answers: Sequence[CheckedAnswer], index: ReferenceIndex) -> list[CheckedAnswer]:
    """The same answers, with `on_constraint` of the citations whose question is known and asks for something.

    A question that names its papers (look-up, comparison, whether one exists) asks for none of this here: what it
    gives away can be repeated without knowing it.
    """
    asking = [(n, answer.asked) for n, answer in enumerate(answers) if answer.asked and _constrains(answer.asked)]
    meant = iter(_rows([c for n, _ in asking for c in answers[n].citations], index))
    rows = {n: [next(meant) for _ in answers[n].citations] for n, _ in asking}
    wanted = sorted({row for lists in rows.values() for found in lists for row in found})
    papers = dict(zip(wanted, index.papers(wanted), strict=True))
    of_topic: dict[str, set[int]] = defaultdict(set)
    for n, asked in asking:
        if asked.topic:
            of_topic[asked.topic].update(row for found in rows[n] for row in found)
    on_topic = {topic: _on_topic(topic, found, papers, index) for topic, found in of_topic.items()}
    judged = list(answers)
    for n, asked in asking:
        fit = {row for found in rows[n] for row in found if _fits(papers[row], asked)}
        if asked.topic:
            fit = {row for row in fit if row in on_topic[asked.topic] or papers[row].key in asked.paper_ids}
        citations = (
            replace(c, on_constraint=not fit.isdisjoint(found)) if c.verdict.label in DECIDED else c
            for c, found in zip(answers[n].citations, rows[n], strict=True)
        )
        judged[n] = replace(answers[n], citations=tuple(citations))
    return judged


def knows_topics(index: ReferenceIndex) -> bool:
    """Whether the index has the topic part, on which the judgement of topics depends."""
    return _topics(index.path, index.coverage.hash) is not None


def _constrains(asked: Asked) -> bool:
    return not asked.names_papers and any((asked.topic, asked.years, asked.category, asked.author))


def _rows(citations: Sequence[CheckedCitation], index: ReferenceIndex) -> list[list[int]]:
    """For each citation the rows of the papers it means: one, or of those without an id all of the title, or none."""
    ids = [(c.verdict.matched_id or "") if c.verdict.label in REAL else "" for c in citations]
    titles = [
        words(c.citation.title or "") if c.verdict.label in REAL and not id else []
        for c, id in zip(citations, ids, strict=True)
    ]
    found = zip(index.rows_of_ids(ids), index.rows_of_titles(titles), strict=True)
    return [titled if row is None else [row] for row, titled in found]


def _fits(paper: Paper, asked: Asked) -> bool:
    """Whether a paper is of the year, the category (cross-lists and the archive of all in it count) and the author."""
    if asked.years and not asked.years[0] <= paper.year <= asked.years[1]:
        return False
    if asked.category and not any(f"{name}.".startswith(f"{asked.category}.") for name in paper.categories):
        return False
    return not asked.author or (bool(paper.authors) and not strangers([asked.author], paper.authors))


def _on_topic(topic: str, rows: set[int], papers: Mapping[int, Paper], index: ReferenceIndex) -> set[int]:
    """Those of `rows` whose papers are of a topic."""
    matcher, number = _matcher(topic)
    titled = {row for row in rows if any(found == number for found, _ in matcher.hits(papers[row]))}
    topics = _topics(index.path, index.coverage.hash)
    return titled if topics is None else titled | topics.about(topic, rows - titled)


@lru_cache(maxsize=1024)
def _matcher(topic: str) -> tuple[TopicMatcher, int]:
    """A matcher and the number of the topic in it: of one that the glossary lacks, its name is all that names it."""
    names = [known.en for known in _glossary().topics]
    return (_glossary(), names.index(topic)) if topic in names else (TopicMatcher([Topic(topic, topic, (topic,))]), 0)


@lru_cache(maxsize=1)
def _glossary() -> TopicMatcher:
    return TopicMatcher()


@lru_cache(maxsize=8)
def _topics(directory: Path, hash: str) -> TopicIndex | None:
    """The topic part of the index that now has this hash."""
    try:
        return TopicIndex(directory)
    except IndexUnavailableError:  # a reference index need not have this part
        return None
