"""An answer with its inventions replaced by real papers: the chosen side where no sample is clean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..asked import Asked
from ..index import ReferenceIndex
from ..index.search import TopicIndex
from ..metrics import CheckedAnswer, CheckedCitation
from ..papers import Paper
from ..prompts import citation_line
from ..seeding import rank
from .grades import grade, on_target

KINDS = frozenset({"recommend", "category", "author"})  # whose questions a search can answer
_SPARE = 8  # papers looked at beyond those needed
# What may stand before a citation that has its line to itself: a mark of a list, and what only says "title".
_LEAD = re.compile(r"(?P<mark>\s*(?:(?:[-+•*]|\d{1,2}[.)、])\s*)?)\W*(?:title|paper|标题|题目|论文)?\W*", re.IGNORECASE)

Check = Callable[[str, Asked], CheckedAnswer]


@dataclass(frozen=True)
class Repairer:
    """Repairs answers whose question is known.

    Attributes:
        index: the records.
        topics: searches them.
        check: an answer's text and its question, to the checked answer.
        avoid: `Paper.key` of papers that must not be named.
    """

    index: ReferenceIndex
    topics: TopicIndex
    check: Check
    avoid: frozenset[str]

    def __call__(self, answer: CheckedAnswer) -> CheckedAnswer | None:
        """The answer with real papers on what was asked for in the places of all that is not, the rest as it was.

        A line under a citation goes with it: it describes the paper that was invented. None where the question is of a
        kind that no search answers, a citation stands in running text, too few papers are found, or the result is not
        clean by the same check.
        """
        asked = answer.asked
        if asked is None or asked.kind not in KINDS or not asked.answerable:
            return None
        good, cited = [], set[str]()
        for checked in answer.citations:
            paper_id = checked.verdict.matched_id or ""
            if checked.verdict.label == "verified" and on_target(checked, asked) and paper_id not in cited:
                good.append(checked)
                cited.add(paper_id)
        bad = [checked for checked in answer.citations if checked not in good]
        lines = list(_lines(answer.predict, bad))
        if len(lines) < len(bad):
            return None
        papers = self._papers(asked, len(bad), self.avoid | cited)
        if len(papers) < len(bad):
            return None
        repaired = self.check(_replaced(answer.predict, lines, papers), asked)
        return repaired if grade(repaired, asked) == "clean" else None

    def _papers(self, asked: Asked, number: int, avoid: frozenset[str]) -> list[Paper]:
        """Papers that the check finds to be of what was asked for; of the best ones, some drawn for the question."""
        hits = self.topics.search(
            asked.topic or "",
            years=asked.years,
            categories=[asked.category] if asked.category else [],
            authors=[asked.author] if asked.author else [],
            limit=4 * number + _SPARE,
        )
        papers = self.index.papers([hit.row for hit in hits if hit.whole])
        papers = [paper for paper in papers if paper.id and paper.key not in avoid]
        listed = self.check("\n".join(citation_line(paper, n) for n, paper in enumerate(papers, 1)), asked)
        fitting = {
            checked.verdict.matched_id
            for checked in listed.citations
            if checked.verdict.label == "verified" and on_target(checked, asked)
        }
        found = [paper for paper in papers if paper.id in fitting][: number + _SPARE]
        return sorted(found, key=lambda paper: rank(asked.id, paper.key))[:number]


def _lines(text: str, citations: Sequence[CheckedCitation]) -> Iterator[tuple[int, int]]:
    """What of the text each citation takes that has lines to itself: from after the mark of its list to its end."""
    for checked in citations:
        start, end = checked.citation.span
        begin = text.rfind("\n", 0, start) + 1
        lead = _LEAD.fullmatch(text, begin, start)
        if lead is None:
            continue
        indent = len(lead["mark"]) - len(lead["mark"].lstrip())
        end = _line_end(text, end)
        while end < len(text):
            following = text[end + 1 : _line_end(text, end + 1)]
            if not following.strip() or len(following) - len(following.lstrip()) <= indent:
                break
            end += 1 + len(following)
        yield lead.end("mark"), end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _replaced(text: str, places: Sequence[tuple[int, int]], papers: Sequence[Paper]) -> str:
    """The text with citation lines in the places; one that an earlier one covers stays out."""
    parts, done = [], 0
    for (start, end), paper in zip(places, papers, strict=True):
        if start < done:
            continue
        parts += [text[done:start], citation_line(paper)]
        done = end
    return "".join([*parts, text[done:]])
