"""What questions can be asked of a set of papers, and which paper belongs to which split. Pure and seeded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from .errors import DatasetError
from .papers import Paper
from .titles import words
from .topics import Topic, TopicMatcher, relevance

# Share of the topic × year cells that are kept for the test set, besides the topics wholly held out for it.
TEST_SHARE = 0.1
HELD_OUT_SHARE = 0.06  # of the papers, at most, for topics wholly held out
HELD_OUT_TOPIC_SHARE = 0.012  # of the papers, at most, for one of them: the big topics are needed in training
MAX_TITLE = 180  # characters


def rank(*parts: object) -> int:
    """A number that looks drawn at random and depends on nothing but `parts`: not on order, platform or Python version.

    >>> rank(0, "a") == rank(0, "a") != rank(1, "a")
    True
    """
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def share(*parts: object) -> float:
    """`rank` as a number in [0, 1)."""
    return rank(*parts) / 2**64


@dataclass(frozen=True, slots=True)
class Cell:
    """The papers of one topic and year that one split may cite.

    Attributes:
        topic: the topic.
        year: of the papers' first versions.
        papers: most relevant to the topic first.
        complete: these are all papers of the topic and year that the records hold.
    """

    topic: Topic
    year: int
    papers: tuple[Paper, ...]
    complete: bool


class Corpus:
    """Papers that answers may cite, split by paper.

    A cell (topic and year) belongs to one split, and a paper to the split of the cell of its main topic; all papers of
    a held-out topic belong to test. So no paper is cited, and no topic and year asked for, in two splits.

    Args:
        papers: records that may be cited.
        others: records that may not (of titles only): they count for what is known to exist.
        matcher: finds the topics of a paper.
        val_ratio: share of val in train and val together.
        seed: another seed gives another split.

    Attributes:
        last: date of the latest record, as `Paper.published`.
        skipped: how many papers are never cited, by reason.
        papers: the citable papers of each split.
        held_out: English names of the topics that only test asks about.
    """

    def __init__(
        self, papers: Sequence[Paper], others: Iterable[Paper], matcher: TopicMatcher, val_ratio: float, seed: int
    ) -> None:
        self.seed = seed
        self.val_ratio = val_ratio
        self.skipped: Counter[str] = Counter()
        self.last = ""
        self._totals: Counter[tuple[str, int]] = Counter()
        self._titles: Counter[str] = Counter()
        topics: dict[str, list[Topic]] = {}
        citable = []
        for known, paper in _tagged(papers, others):
            found = matcher.match(paper)
            self.last = max(self.last, paper.published)
            self._titles[_key(paper.title)] += 1
            self._totals.update((topic.en, paper.year) for topic in found)
            reason = _not_citable(paper) if known else "title only"
            if reason:
                self.skipped[reason] += known
            else:
                topics[paper.id] = found
                citable.append(paper)
        if not citable:
            raise DatasetError(
                "no record can be cited in an answer: " + ", ".join(f"{n} {why}" for why, n in self.skipped.items()),
                remedy="Give a source with more arXiv records.",
            )
        self.held_out = self._hold_out(topics)
        self.papers: dict[str, list[Paper]] = {"train": [], "val": [], "test": []}
        self._unseen_topic: set[str] = set()
        cells: dict[tuple[Topic, int, str], list[Paper]] = defaultdict(list)
        for paper in sorted(citable, key=lambda paper: paper.id):
            found = topics[paper.id]
            main = max(found, key=lambda topic: relevance(paper, topic), default=None)
            if any(topic.en in self.held_out for topic in found):
                self._unseen_topic.add(paper.id)
                split = "test"
            else:
                split = self.split_of(main.en, paper.year) if main else self.split_of(paper.id, 0)
            self.papers[split].append(paper)
            for topic in found if not _REMARK.match(paper.title) else ():
                if self.split_of(topic.en, paper.year) == split:
                    cells[topic, paper.year, split].append(paper)
        self._years: dict[str, set[int]] = defaultdict(set)
        for name, year in self._totals:
            self._years[name].add(year)
        self._cells: dict[str, list[Cell]] = defaultdict(list)
        for (topic, year, split), members in cells.items():
            members.sort(key=lambda paper: (-relevance(paper, topic), paper.id))
            complete = len(members) == self._totals[topic.en, year]
            self._cells[split].append(Cell(topic, year, tuple(members), complete))

    def _hold_out(self, topics: dict[str, list[Topic]]) -> frozenset[str]:
        sizes = Counter(topic.en for found in topics.values() for topic in found)
        held: set[str] = set()
        room = HELD_OUT_SHARE * len(topics)
        for name in sorted(sizes, key=lambda name: rank(self.seed, "held out", name)):
            if 2 <= sizes[name] <= min(room, HELD_OUT_TOPIC_SHARE * len(topics)):
                held.add(name)
                room -= sizes[name]
        return frozenset(held)

    def split_of(self, name: str, year: int) -> str:
        """The split that may ask about this topic and year (or, with year 0, cite the paper of this id)."""
        drawn = share(self.seed, "split", name, year)
        if name in self.held_out or drawn < TEST_SHARE:
            return "test"
        return "val" if drawn < TEST_SHARE + (1 - TEST_SHARE) * self.val_ratio else "train"

    def cells(self, split: str) -> list[Cell]:
        """Cells of a split in an order that the seed decides."""
        return sorted(self._cells[split], key=lambda cell: rank(self.seed, "cell", cell.topic.en, cell.year))

    def shuffled(self, split: str, purpose: str) -> list[Paper]:
        """Papers of a split in an order that the seed and `purpose` decide."""
        return sorted(self.papers[split], key=lambda paper: rank(self.seed, purpose, paper.id))

    def novelty(self, split: str, topic: str | None = None, paper: Paper | None = None) -> str:
        """What training has seen of a question about `topic` or `paper`, as `Example.cell`."""
        if split == "train":
            return "seen_paper"
        unseen = topic in self.held_out if topic else paper is not None and paper.id in self._unseen_topic
        return "unseen_topic" if unseen else "unseen_paper"

    def unique_title(self, paper: Paper) -> bool:
        """Whether the title names this record and no other."""
        return self._titles[_key(paper.title)] == 1

    def years(self, topic: str) -> list[int]:
        """Years of which the records hold a paper on `topic`, ascending."""
        return sorted(self._years[topic])


# True records, and nobody's answer to "what should I read".
_REMARK = re.compile(
    r"(?:comments? (?:on|to)|(?:a )?reply to|response to|erratum|errata|corrigendum|addendum|correction|proceedings)\b",
    re.IGNORECASE,
)


def _tagged(papers: Iterable[Paper], others: Iterable[Paper]) -> Iterator[tuple[bool, Paper]]:
    yield from ((True, paper) for paper in papers)
    yield from ((False, paper) for paper in others)


def _key(title: str) -> str:
    return " ".join(words(title))


def _not_citable(paper: Paper) -> str | None:
    if paper.withdrawn:
        return "withdrawn"
    if re.search(r"[$\\^{}]", paper.title):
        return "LaTeX in title"
    if len(paper.title) > MAX_TITLE:
        return "long title"
    return None


_OPENING = re.compile(
    r"^(?:(?:In|With) this (?:paper|work|article|study|letter|report|note), )?"
    r"(?P<subject>[Ww]e|[Tt]his (?:paper|work|article|study|letter|report|note))(?= (?:"
    r"also |first |then |here )?(?:propose|present|introduce|develop|describe|show|prove|study|investigate|examine"
    r"|explore|analy[sz]e|demonstrate|report|establish|derive|consider|address|design|construct|compute|evaluate"
    r"|provide|review|survey|discuss|extend|apply|characteri[sz]e|formulate|offer|conduct|compare|obtain|determine"
    r"|find|measure|argue|apply)(?:s|es)?\b)"
)
# What speaks in the first person or leans on the sentences before cannot stand alone; nor does mark-up.
_NOT_ALONE = re.compile(
    r"\b(?:[Ww]e|[Oo]urs?|us|I|my|this|these|those|such|proposed|above|former|latter|also|then)\b"
    r"|[$\\^_{}~`*\"“”]|https?:"
)
_COINED = re.compile(r"\w*[a-z][A-Z]\w*|[A-Z]{2,}[a-z]\w*")  # names such as DiffBench, in mixed case


def description(paper: Paper) -> str | None:
    """One sentence of the abstract on what the paper does, made impersonal and not naming it; None if there is none.

    >>> description(Paper("2201.01234", "Foo", abstract="We propose a new and fast method for sparse systems."))
    'The authors propose a new and fast method for sparse systems.'
    """
    name = _key(paper.title.partition(":")[0])
    for sentence in re.split(r"(?<=[a-z)\d][.!?])\s+(?=[A-Z])", paper.abstract):
        opening = _OPENING.match(sentence)
        if opening is None or not sentence.endswith("."):
            continue
        subject = "The authors" if opening["subject"].lower() == "we" else f"The {opening['subject'].split()[1]}"
        text = subject + sentence[opening.end() :]
        named = f" {name} " in f" {_key(text)} " or any(word in text for word in _COINED.findall(paper.title))
        if 60 <= len(text) <= 260 and not named and not _NOT_ALONE.search(text):
            return text
    return None
