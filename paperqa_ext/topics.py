"""A bilingual glossary of research topics, and which topics a paper is about."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .errors import SourceError
from .papers import Paper

TOPICS = Path(__file__).parent / "data" / "topics.csv"
COLUMNS = ("topic_en", "topic_zh", "keywords")
# "Large language models (LLMs)" is two hits and one mention, so two hits do not show what a paper is about.
MIN_ABSTRACT_HITS = 3


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


def load_topics(path: Path = TOPICS) -> list[Topic]:
    """The topics of a glossary, in file order.

    Args:
        path: UTF-8 CSV with the columns `topic_en`, `topic_zh` and `keywords` (phrases separated by `;`).

    Raises:
        SourceError: the file cannot be read, a column is missing, a cell is empty, or a name is given twice.
    """
    topics: list[Topic] = []
    seen: dict[tuple[str, str], int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for column in COLUMNS:
                if column not in (reader.fieldnames or ()):
                    raise SourceError(
                        "no such column",
                        path=path,
                        line=1,
                        field=column,
                        remedy=f"Begin the glossary with the header {','.join(COLUMNS)}.",
                    )
            for row in reader:
                topics.append(_topic(row, path, reader.line_num))
                _check_new(topics[-1], seen, path, reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"cannot be read as CSV: {error}", path=path, remedy="Check that the file exists and is UTF-8 CSV."
        ) from error
    if not topics:
        raise SourceError("the glossary holds no topics", path=path, remedy="Add one topic a line below the header.")
    return topics


def _topic(row: dict[str, str | None], path: Path, line: int) -> Topic:
    en, zh, keywords = ((row[column] or "").strip() for column in COLUMNS)
    phrases = tuple(phrase.strip() for phrase in keywords.split(";") if _folded(phrase))
    for column, value in zip(COLUMNS, (en, zh, phrases), strict=True):
        if not value:
            raise SourceError(
                "the cell is empty", path=path, line=line, field=column, remedy="Fill the cell or remove the line."
            )
    return Topic(en, zh, phrases)


def _check_new(topic: Topic, seen: dict[tuple[str, str], int], path: Path, line: int) -> None:
    for column, name in (("topic_en", topic.en), ("topic_zh", topic.zh)):
        first = seen.setdefault((column, name.casefold()), line)
        if first != line:
            raise SourceError(
                f"{name!r} is already the topic of line {first}",
                path=path,
                line=line,
                field=column,
                remedy="Join the keywords of the two lines in one.",
            )


class TopicMatcher:
    """Finds the topics of papers, with one pass of one regular expression over title and abstract.

    Args:
        topics: the topics to look for; the bundled glossary if not given.
    """

    def __init__(self, topics: Iterable[Topic] | None = None) -> None:
        self.topics = list(load_topics() if topics is None else topics)
        owners: dict[str, set[int]] = {}
        for number, topic in enumerate(self.topics):
            for keyword in topic.keywords:
                owners.setdefault(_folded(keyword), set()).add(number)
        # The longest keyword wins at a position, so it also counts for the topics of the keywords that begin it.
        self._owners = {
            keyword: set().union(
                *(numbers for other, numbers in owners.items() if f"{keyword} ".startswith(f"{other} "))
            )
            for keyword in owners
        }
        self._pattern = _pattern(tuple(owners))

    def match(self, paper: Paper) -> list[Topic]:
        """Topics of `paper`, in glossary order: those named in the title, or at least three times in the abstract."""
        title, abstract = self._count(paper.title), self._count(paper.abstract)
        found = set(title) | {number for number, hits in abstract.items() if hits >= MIN_ABSTRACT_HITS}
        return [self.topics[number] for number in sorted(found)]

    def _count(self, text: str) -> Counter[int]:
        hits = self._pattern.finditer(_lowered(text))
        return Counter(number for hit in hits for number in self._owners[hit[1].replace("-", " ")])


def relevance(paper: Paper, topic: Topic) -> float:
    """How much `paper` is about `topic`, for ranking: 1 if the title names it, plus n/(n+1) for n hits in the abstract.

    So every paper that names the topic in its title ranks before every one that does not; 0 if it names it nowhere.
    """
    pattern = _pattern(tuple(map(_folded, topic.keywords)))
    in_abstract = sum(1 for _ in pattern.finditer(_lowered(paper.abstract)))
    return bool(pattern.search(_lowered(paper.title))) + in_abstract / (in_abstract + 1)


@lru_cache(maxsize=1024)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    """Group 1 is the longest keyword that begins at a word; zero-width, so that keywords may overlap."""
    # No hyphen before: "non-convex optimization" is not convex, a "Kirchhoff-type system" no type system.
    return re.compile(rf"(?<![\w-])(?=({_alternation(keywords)})(?:s|es)?(?!\w))")


def _alternation(words: Iterable[str]) -> str:
    """Any of `words`, the longest first, branching letter by letter: one step a letter, however many words."""
    tails: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        tails.setdefault(word[:1], []).append(word[1:])
    ends = tails.pop("", None) is not None
    branches = [("[ -]" if head == " " else re.escape(head)) + _alternation(rest) for head, rest in tails.items()]
    if len(branches) == 1 and not ends:
        return branches[0]
    return f"(?:{'|'.join(branches + [''] * ends)})" if branches else ""


def _lowered(text: str) -> str:
    return re.sub(r"[\u2010-\u2015]", "-", re.sub(r"\s+", " ", text.lower()))


def _folded(keyword: str) -> str:
    return re.sub(r"[ -]+", " ", _lowered(keyword)).strip()
