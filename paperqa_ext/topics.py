"""A bilingual glossary of research topics, and which topics a paper is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick, Implementation

from .errors import SourceError
from .glossary import empty_cell, read_glossary
from .papers import Paper

TOPICS = Path(__file__).parent / "data" / "topics.csv"
# Phrases that sound like topics and that no paper names, for questions whose right answer is to say so.
INVENTED_TOPICS = Path(__file__).parent / "data" / "invented_topics.csv"
# "Large language models (LLMs)" is two hits and one mention, so two hits do not show what a paper is about.
MIN_ABSTRACT_HITS = 3
_MIN_RELEVANCE = MIN_ABSTRACT_HITS / (MIN_ABSTRACT_HITS + 1)  # which the title alone exceeds

_NAMES = ("topic_en", "topic_zh")
_COLUMNS = (*_NAMES, "keywords")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015"
# No hyphen before: "non-convex optimization" is not convex, a "Kirchhoff-type system" no type system.
_begins = re.compile(r"(?<![\w-])").match
_ends = re.compile(r"(?:s|es)?(?!\w)").match


@dataclass(frozen=True, slots=True)
class Topic:
    """A research topic.

    Attributes:
        en: English name, as it is put in a question.
        zh: Chinese name, as it is put in a question.
        keywords: English phrases, any of which names the topic; case, hyphens and a plural `s` do not count.
    """

    en: str
    zh: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InventedTopic(Topic):
    """A phrase that sounds like a topic and that no paper names.

    Attributes:
        near: English names of the real topics that one who asks for it may want instead.
    """

    near: tuple[str, ...]


def load_topics(path: Path = TOPICS) -> list[Topic]:
    """The topics of a glossary, in file order.

    Args:
        path: UTF-8 CSV with the columns `topic_en`, `topic_zh` and `keywords` (phrases separated by `;`).

    Raises:
        SourceError: the file cannot be read, a column is missing, a cell is empty, or a name is given twice.
    """
    return [
        Topic(en, zh, _phrases(path, line, "keywords", keywords))
        for line, (en, zh, keywords) in read_glossary(path, _COLUMNS, unique=_NAMES)
    ]


def extended_topics(path: Path) -> list[Topic]:
    """The bundled topics and those of another glossary.

    Raises:
        SourceError: as `load_topics` does, or a name is a bundled topic's already.
    """
    topics = load_topics()
    names = {name.casefold() for topic in topics for name in (topic.en, topic.zh)}
    for topic in (further := load_topics(path)):
        for column, name in zip(_NAMES, (topic.en, topic.zh), strict=True):
            if name.casefold() in names:
                raise SourceError(
                    f"{name!r} is a bundled topic already", path=path, field=column,
                    remedy=f"Remove the line, or add its keywords to {TOPICS.name}.",
                )  # fmt: skip
    return topics + further


def load_invented_topics(path: Path = INVENTED_TOPICS) -> list[InventedTopic]:
    """The invented topics of a glossary, in file order.

    Args:
        path: as `load_topics` reads it, with one more column, `near` (English names of bundled topics, separated by
            `;`).

    Raises:
        SourceError: as `load_topics` does, or a topic is near to one that is not in the bundled glossary.
    """
    real = {topic.en for topic in load_topics()}
    topics: list[InventedTopic] = []
    for line, (en, zh, keywords, names) in read_glossary(path, (*_COLUMNS, "near"), unique=_NAMES):
        near = _phrases(path, line, "near", names)
        for name in near:
            if name not in real:
                raise SourceError(
                    f"there is no topic {name!r}", path=path, line=line, field="near",
                    remedy=f"Write a `topic_en` of {TOPICS.name}, to the letter.",
                )  # fmt: skip
        topics.append(InventedTopic(en, zh, _phrases(path, line, "keywords", keywords), near))
    return topics


def _phrases(path: Path, line: int, column: str, cell: str) -> tuple[str, ...]:
    """The phrases of a cell, of which there is at least one."""
    phrases = tuple(phrase.strip() for phrase in cell.split(";") if _folded(phrase))
    if not phrases:
        raise empty_cell(path, line, column)
    return phrases


class TopicMatcher:
    """Finds the topics of papers, in one pass over title and abstract however many keywords there are.

    A topic is named wherever one of its keywords stands as words of their own, once a place. Keywords may overlap.

    Args:
        topics: the topics to look for; the bundled glossary if not given.
    """

    def __init__(self, topics: Iterable[Topic] | None = None) -> None:
        self.topics = list(load_topics() if topics is None else topics)
        owners: dict[str, list[int]] = {}
        for number, topic in enumerate(self.topics):
            for keyword in {_folded(keyword): None for keyword in topic.keywords}:
                owners.setdefault(keyword, []).append(number)
        self._keywords, self._owners = list(owners), list(owners.values())
        self._automaton = BytesAhoCorasick(list(map(_bytes, owners)), implementation=Implementation.DFA)

    def __reduce__(self) -> tuple[Callable[..., TopicMatcher], tuple[list[Topic]]]:
        return TopicMatcher, (self.topics,)  # the automaton cannot be pickled; building it takes milliseconds

    def hits(self, paper: Paper) -> list[tuple[int, float]]:
        """Number in `topics` and relevance of each topic of `paper`, in glossary order.

        Its topics are those named in the title, or at least three times in the abstract. Relevance, for ranking, is 1
        if the title names the topic, plus n/(n+1) for n places in the abstract: papers that name it in their titles
        rank before all others.
        """
        return [found for found in sorted(self._relevance(paper).items()) if found[1] >= _MIN_RELEVANCE]

    def match(self, paper: Paper) -> list[Topic]:
        """Topics of `paper`, in glossary order: those named in the title, or at least three times in the abstract."""
        return [self.topics[number] for number, _ in self.hits(paper)]

    def _relevance(self, paper: Paper) -> dict[int, float]:
        title = _lowered(paper.title)
        text = f"{title}\n{_lowered(paper.abstract)}"  # no keyword holds a line break
        places = {
            (number, start)
            for keyword, start, end in self._automaton.find_matches_as_indexes(_bytes(text), overlapping=True)
            if _begins(text, start) and _ends(text, end) and _spaced(text[start:end]) == self._keywords[keyword]
            for number in self._owners[keyword]
        }
        if not places:
            return {}
        found = {number: 1.0 for number, start in places if start < len(title)}
        for number, n in Counter(number for number, start in places if start > len(title)).items():
            found[number] = found.get(number, 0.0) + n / (n + 1)
        return found


def _lowered(text: str) -> str:
    """`text` in lower case, with its white space folded and its dashes as hyphens."""
    text = text.lower()
    if not text.isascii():
        for dash in _DASHES:
            text = text.replace(dash, "-")
    # Seldom, and folding takes as long as all the rest.
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text


def _bytes(text: str) -> bytes:
    """One byte a character, so that places in the two are the same; those without one become `?`."""
    return _spaced(text).encode("latin-1", "replace")


def _spaced(text: str) -> str:
    return text.replace("-", " ")


def _folded(keyword: str) -> str:
    return re.sub(r"[ -]+", " ", _lowered(keyword)).strip()
