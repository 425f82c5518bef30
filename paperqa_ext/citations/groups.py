"""Lists judged as a whole: the items of a list are alike, so that some tell what the others are.

If some state authors or ids, the others are papers as well and are read again as such. If all could be titles, and
papers are announced or nothing else is, all are. A list of other things holds no papers but those that an id proves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .fields import Title
from .leads import Lead
from .parts import leads_with_names
from .patterns import HAN_CHAR, WORK_MARK
from .plain import bare_title
from .reading import title_citation, unit_citations
from .record import Citation
from .text import Text
from .title_patterns import ABBREVIATED, SCHOLARLY, STUDY
from .titles import whole_title
from .units import Unit
from .words import is_long, is_title_like

# Where one sentence ends and the next begins.
_SENTENCES = re.compile(r"[a-z)\]][.!?](?:\[[^\]\n]{1,8}\])?[ ]+[A-Z]|[\u3400-\u9fff]。[\u3400-\u9fff]")


_SINGLE = re.compile(r"[A-Z][\w-]{2,20}")
_ITALIC = re.compile(r"(?:([*_])[^*_\s][^*_\n]*\1|《[^《》\n]{4,}》(?:\([^()\n]{1,30}\))?)[。;]?[ ]*")
_READ = re.compile(r"[Rr]ead\b|\bpapers?\b|阅?读|论文")
# "Against method", among titles
_SHORT = re.compile(r"[A-Z][\w-]{1,20}(?: [\w-]{1,20}){0,3}")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|does|do|may|should|must)\b|[.!?]\Z")
# Items of so many words on average that are no sentences are titles.
_WORDY = 7


@dataclass(slots=True)
class Group:
    """Units of one form that stand together, with what each cites, and what the line above them announces."""

    lead: Lead
    art: bool
    units: list[Unit] = field(default_factory=list)
    cited: list[list[Citation]] = field(default_factory=list)

    @property
    def items(self) -> bool:
        """Whether the units are items of a list."""
        return bool(self.units) and self.units[0].item  # "Papers: ;" announces a list of none

    def judge(self, text: Text) -> None:
        """Read again, or drop, what the others of the list speak for or against."""
        if self.items and len(self.units) > 1 and not self.art and self._in_italics(text):
            self.lead = Lead.PAPERS
        if len(self.units) > 1:
            self._agree(text)
        proven = sum(any(one.arxiv_id or one.doi for one in cited) for cited in self.cited)
        if self.lead is Lead.OTHER and not self.art and 3 * proven >= 2 * len(self.units):
            self.lead = Lead.PAPERS  # whatever it is called
        if self.items and (self.lead is Lead.OTHER or self.art):
            self._doubt(text)
        elif self.items and self.lead is Lead.PAPERS:
            self._complete(text)
        elif self.items and all(_SINGLE.fullmatch(one.title or "") for cited in self.cited for one in cited):
            # "**GCN** (Kipf & Welling, 2017): spectral convolution"
            self.cited = [
                [one for one in cited if unit.read or one.arxiv_id or one.doi or one.url]
                for unit, cited in zip(self.units, self.cited, strict=True)
            ]

    def _in_italics(self, text: Text) -> bool:
        """Whether each unit is a title in italics and nothing else, whatever announces them."""
        if not all(_ITALIC.fullmatch(text.flat, unit.start, unit.end) for unit in self.units):
            return False
        if all(text.flat[unit.start] == "《" for unit in self.units):
            return self.lead is not Lead.OTHER
        titles = [(title, unit) for unit in self.units if (title := bare_title(text, unit))]
        return len(titles) == len(self.units) and are_titles(text, titles)

    def _agree(self, text: Text) -> None:
        told = [bool(cited) and (is_told(cited[0]) or cited[0].year is not None) for cited in self.cited]
        leading = sum(leads_with_names(text, unit.body, unit.line_end) for unit in self.units)
        signed = leading >= len(self.units) - (len(self.units) > 3)
        if not any(told) and self.items and not signed:
            if self.lead is not Lead.OTHER:
                self._agree_on_titles(text)
            return
        if not (any(told) or signed) or (not self.items and 2 * sum(told) < len(told)):
            return
        named = 2 * sum(bool(cited) and is_told(cited[0]) for cited in self.cited) >= sum(map(bool, self.cited))
        first = signed or sum(unit.before for unit in self.units) * 2 > sum(map(bool, self.cited))
        for place, unit in enumerate(self.units):
            cited = self.cited[place]
            if cited and not (unit.plain and ((first and not unit.before) or (named and not is_told(cited[0])))):
                continue
            if self.items or (
                text.hinted(unit.start, unit.line_end) and not _SENTENCES.search(text.plain, unit.start, unit.line_end)
            ):
                self.cited[place] = unit_citations(text, unit.as_paper(first)) or cited

    def _agree_on_titles(self, text: Text) -> None:
        """Take for titles all items of a list of which most can be nothing else; none, if nothing announces papers."""
        announced = self.lead is Lead.PAPERS
        titles = [(title, unit) for unit in self.units if (title := bare_title(text, unit, announced))]
        if 3 * len(titles) >= 2 * len(self.units) and are_titles(text, titles, announced):
            titles += [(title, unit) for unit in self.units if (title := bare_title(text, unit, announced, asks=True))]
            bare = {unit.start: title for title, unit in titles}
            for place, unit in enumerate(self.units):
                if not self.cited[place] and unit.start in bare:
                    self.cited[place] = [title_citation(text, bare[unit.start], unit.start, unit.end)]
        elif not announced:
            self.cited = [[] for _ in self.units]

    def _complete(self, text: Text) -> None:
        """Take for titles the lines of a word, "BERT", that are left in a list of papers."""
        words = [text.flat[unit.body : unit.end].strip(' *_".') for unit in self.units]
        left = [place for place, cited in enumerate(self.cited) if not (cited or self.units[place].heading)]
        if 3 * len(left) <= len(self.units) and all(_SHORT.fullmatch(words[place]) for place in left):
            for place in left:
                unit = self.units[place]
                title = whole_title(text, unit.body, unit.end)
                self.cited[place] = [title_citation(text, title, unit.start, unit.end)] if title else []

    def _doubt(self, text: Text) -> None:
        """Drop what neither an id proves nor, in a list of such, authors and a year."""
        signed = [cited[0] for cited in self.cited if cited and cited[0].authors]
        wordy = sum(_is_wordy(one.title or "") for one in signed)
        kept = not self.art and 2 * wordy >= len(self.units)
        self.cited = [
            [
                one
                for one in cited
                if one.arxiv_id
                or one.doi
                or SCHOLARLY.search(one.url or "")
                or (
                    one.authors
                    and one.year
                    and not self.art
                    and f"《{one.title}》" in one.text
                    and len(one.title or "") > 7
                )
                or (
                    self.art
                    and one.year
                    and (len(one.authors) > 1 or (one.authors and STUDY.search(one.title or "")))
                    and is_long(one.title or "")
                )
                or (one.authors and WORK_MARK.search(text.flat, unit.start, unit.line_end))
                or (kept and (one.year or unit.end == text.stop) and is_long(one.title or ""))
                or ((kept or unit.read or _is_read(text, unit, one)) and one.authors)
            ]
            for unit, cited in zip(self.units, self.cited, strict=True)
        ]


def are_titles(text: Text, lines: Sequence[tuple[Title, Unit]], announced: bool = False) -> bool:
    """Whether lines that could each be a title are: most are long and, if no papers are announced, in capitals."""
    words = [text.flat[title.start : title.end] for title, _ in lines]
    strict = [line for line in words if is_title_like(line, strict=True)]
    capitals = announced or 2 * len(strict) >= len(words)
    alone = len(words) == 1 and len(words[0].split()) > 7 and _FINITE.search(words[0]) is None
    wordy = (len(words) > 1 or alone) and sum(len(line.split()) for line in words) >= _WORDY * len(words)
    return (capitals or wordy) and 2 * sum(map(is_long, words)) >= len(words)


def _is_read(text: Text, unit: Unit, citation: Citation) -> bool:
    """Whether what stands before a citation in its item says that it is to be read."""
    return _READ.search(text.flat, unit.start, max(unit.start, citation.span[0])) is not None


def _is_wordy(title: str) -> bool:
    """Whether a title is more than the name of a thing: 基于扩散的方法, "Theory of Planned Behavior (TPB)"."""
    if HAN_CHAR.search(title):
        return is_long(title) or len(title.split()) > 3
    return len(title.split()) > 3 and not ABBREVIATED.search(title)


def is_told(citation: Citation) -> bool:
    """Whether more than a title and a year is stated."""
    return bool(citation.authors or citation.arxiv_id or citation.doi or citation.url)
