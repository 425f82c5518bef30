"""An answer made the one that is shown: its citations verified, and those that are not, struck through.

Struck text is GitHub's Markdown, `~~…~~`, followed by why and by the nearest real paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..citations import Citation, extract
from ..citations.patterns import HAN_CHAR
from ..index import ReferenceIndex
from ..metrics import CheckedCitation
from ..prompts import Lang, citation_line
from ..verify import NEAR, verify_all
from ..verify.title_search import find_titles

Fault = Literal["metadata_error", "altered_title", "fabricated", "unverifiable", "truncated"]

# fault → what is said of the citation, and what leads to the real paper
_WHY: dict[Lang, dict[Fault, tuple[str, str]]] = {
    "en": {
        "metadata_error": ("not as cited", "the record says:"),
        "altered_title": ("no paper has this title", "the nearest is"),
        "fabricated": ("no such paper found", "the nearest is"),
        "unverifiable": ("could not be verified", "near it is"),
        "truncated": ("cut off", "near it is"),
    },
    "zh": {
        "metadata_error": ("引用有误", "真实记录为"),
        "altered_title": ("没有这个标题的论文", "最接近的是"),
        "fabricated": ("查无此论文", "最接近的是"),
        "unverifiable": ("无法核实", "相近的有"),
        "truncated": ("未写完", "相近的有"),
    },
}
_SHOWN: dict[Lang, tuple[str, str]] = {"en": (" ({why})", " ({why}; {lead} {line})"),
                                       "zh": ("（{why}）", "（{why}；{lead} {line}）")}  # fmt: skip
_OTHERS: dict[Lang, str] = {"en": "Not verified:", "zh": "未能核实："}
_SUMMARY: dict[Lang, tuple[str, str]] = {
    "en": ("✓ {n} of {n} citations verified.", "✗ {verified} of {n} citations verified."),
    "zh": ("✓ {n} 条引用全部核实。", "✗ {n} 条引用中 {verified} 条得到核实。"),
}  # fmt: skip
_PIECE = re.compile(r"[^\s|](?:[^\n|]*[^\s|])?")  # of a line or a cell of a table: `~~` reaches over neither
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_ITEM = re.compile(r"(?:\d{1,3}[.)、]|[-*+•]|#{1,6})\s")


@dataclass(frozen=True, slots=True)
class Verified:
    """An answer with its citations checked.

    Attributes:
        text: the answer with the unverified citations struck through.
        checked: its citations with their verdicts, in order; the spans count characters of the answer as it was.
    """

    text: str
    checked: tuple[CheckedCitation, ...]


def verify_answer(answer: str, index: ReferenceIndex) -> Verified:
    """Check the citations of an answer and strike out those that are not verified."""
    checked = _check(_citations(answer), index)
    return Verified(_marked(answer, 0, len(answer), checked, index), checked)


class VerifiedStream:
    """An answer verified while it is written: what can still change is held back.

    Args:
        index: of real records.
        hold: show a paragraph or an item of a list only once it is complete and verified. Else everything is shown at
            once, and unverified citations are named at the end: for answers whose citations are real by construction.
    """

    def __init__(self, index: ReferenceIndex, *, hold: bool) -> None:
        self._index, self._hold = index, hold
        self._answer = ""
        self._shown = 0  # characters of the answer, struck or not
        self._struck: list[tuple[int, int]] = []

    def feed(self, piece: str) -> str:
        """Take the next piece of the answer; what can be shown now."""
        self._answer += piece
        return self._show(self._settled() if self._hold else len(self._answer))

    def end(self) -> tuple[str, tuple[CheckedCitation, ...]]:
        """What remains to be shown, and all citations, checked in the whole answer."""
        rest = self._show(len(self._answer))
        checked = _check(_citations(self._answer), self._index)
        # Read as a whole, an answer may cite what its beginning does not.
        missed = [one for one in checked if not any(_overlap(one.citation.span, span) for span in self._struck)]
        lang = language(self._answer)
        notes = [
            f"- {struck(' '.join(one.citation.text.split()))}{why}" for one, why in _faults(missed, lang, self._index)
        ]
        if notes:
            rest += "\n\n" + "\n".join([_OTHERS[lang], "", *notes])
        return rest, checked

    def _settled(self) -> int:
        """Where the last complete paragraph or item of a list ends, outside of code."""
        start = self._answer.rfind("\n", self._shown) + 1
        line = self._answer[start:]
        if start <= self._shown or self._answer.count("```", 0, start) % 2:
            return self._shown
        begins = _ITEM.match(line) or (line[:1].strip() and self._answer.endswith("\n\n", 0, start))
        return start if begins else self._shown

    def _show(self, stop: int) -> str:
        start = self._shown
        if not self._hold or start == stop:
            self._shown = stop
            return self._answer[start:stop]
        found = [citation for citation in _citations(self._answer) if citation.span[1] > start]
        stop = min([stop, *(one.span[0] for one in found if one.span[0] < stop < one.span[1])])
        checked = _check([citation for citation in found if citation.span[1] <= stop], self._index)
        self._struck += [one.citation.span for one in checked if one.verdict.label != "verified"]
        self._shown = max(start, stop)
        return _marked(self._answer, start, self._shown, checked, self._index)


def summary(labels: Sequence[str], lang: Lang) -> str:
    """One sentence on how many citations, by the labels of their verdicts, are verified; empty if there are none."""
    verified = sum(label == "verified" for label in labels)
    return _SUMMARY[lang][verified < len(labels)].format(n=len(labels), verified=verified) if labels else ""


def language(text: str) -> Lang:
    """The language of a text: Chinese if anything in it is."""
    return "zh" if HAN_CHAR.search(text) else "en"


def struck(text: str) -> str:
    """`text` struck through, line by line and cell by cell, its links no longer links.

    >>> struck("**A** [arXiv:1](https://arxiv.org/abs/1)")
    '~~**A** arXiv:1~~'
    """
    text = _LINK.sub(r"\1", text).replace("~", "∼")
    if text.count("**") % 2:
        text = text.replace("**", "")
    return _PIECE.sub(r"~~\g<0>~~", text)


def _citations(answer: str) -> list[Citation]:
    """The citations in an answer; one whose bold title the answer does not close is cut off."""
    found = extract(answer)
    start = answer.rfind("\n") + 1
    if found and found[-1].span[1] > start and answer.count("**", start) % 2:
        found[-1] = replace(found[-1], truncated=True)
    return found


def _check(citations: Sequence[Citation], index: ReferenceIndex) -> tuple[CheckedCitation, ...]:
    return tuple(map(CheckedCitation, citations, verify_all(citations, index)))


def _marked(answer: str, start: int, stop: int, checked: Iterable[CheckedCitation], index: ReferenceIndex) -> str:
    """A part of the answer with the unverified of its citations struck through."""
    shown, place = [], start
    for one, why in _faults(checked, language(answer), index):
        first, last = max(one.citation.span[0], start), one.citation.span[1]
        shown += [answer[place:first], struck(answer[first:last]), why]
        place = last
    return "".join(shown) + answer[place:stop]


def _faults(
    checked: Iterable[CheckedCitation], lang: Lang, index: ReferenceIndex
) -> Iterator[tuple[CheckedCitation, str]]:
    """The unverified citations, each with why and with the nearest real paper."""
    for one in checked:
        if one.verdict.label != "verified":
            fault: Fault = "truncated" if one.citation.truncated else one.verdict.label
            why, lead = _WHY[lang][fault]
            line = _nearest(one, index)
            yield one, _SHOWN[lang][line is not None].format(why=why, lead=lead, line=line)


def _nearest(checked: CheckedCitation, index: ReferenceIndex) -> str | None:
    """The record that is meant or nearest; what could not be verified has one only if that is near indeed."""
    verdict, title = checked.verdict, checked.citation.title
    paper = index.by_id(verdict.matched_id) if verdict.matched_id else None
    if paper is None and title:
        [found] = find_titles([title], [None], index)
        if found.rows and (verdict.label != "unverifiable" or found.likeness != "other" or found.similarity >= NEAR):
            paper = index.paper(found.rows[0])
    return citation_line(paper) if paper else None


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
