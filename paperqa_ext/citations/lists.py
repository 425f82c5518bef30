"""Citations in the lists and lines of an answer: which line announces what, and which units stand together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .fields import Title
from .groups import Group, are_titles, is_told
from .leads import Lead, announced, is_art, is_heading, is_stage, is_topic
from .markup import plain_title
from .patterns import CLAUSE_END
from .plain import bare_title
from .reading import title_citation, unit_citations
from .record import Citation
from .text import Text
from .title_patterns import IMPERATIVE, PAPER_IS, STOP_WORD
from .units import Unit, units
from .words import is_long, is_title_like

# "**2014 年**", over what was published in it
_YEAR_HEAD = re.compile(r"[*_# ]{0,6}(?P<year>(?:19|20)\d\d)[ ]?年?[*_ :]{0,6}")
_ENUMERATED = re.compile(r"[^\n;:]{3,80}:[ ]?(?=[^\n;]{8,300};)")
_PART = re.compile(r"(?<![^;: ])[^;\n ][^;\n]{8,400}")
_DEEPEST = 3  # of lists within lists


def listed_citations(text: Text, listed_starts: set[int], listed: bool) -> list[Citation]:
    """The citations in `text`, whose units at `listed_starts`, or the first, if `listed`, stand in a list of papers."""
    lines: list[tuple[Title, Unit]] | None = []
    found: list[list[Citation]] = []
    led = False  # a line before the lines says that they are papers
    reader = _Reader(text, listed_starts, papers=listed)
    for unit, cited in reader.read(0, text.stop, Lead.PAPERS if listed else Lead.NONE):
        head = text.flat[unit.start : unit.line_end]
        if lines == [] and not (led or unit.item or cited) and head[-1] == ":" and announced(head) is Lead.PAPERS:
            led = True
        elif lines is not None:
            title = bare_title(text, unit) if len(lines) < 100 and not any(map(is_told, cited)) else None
            words = plain_title(text.raw[title.start : title.end]) if title else ""
            whole = title and (not cited or f"{words}?".startswith(f"{cited[0].title}?") or words == cited[0].title)
            lines = [*lines, (title, unit)] if title and whole else None
            found.append(cited)
    # Nothing but lines that look like titles: they are.
    if lines and are_titles(text, lines, led):
        return [
            cited[0]
            if cited and len(cited[0].title or "") >= title.end - title.start
            else title_citation(text, title, unit.start, unit.end)
            for (title, unit), cited in zip(lines, found, strict=True)
        ]
    return reader.judged()


class _Reader:
    """Reads the units of a part of an answer, and gathers them in groups."""

    def __init__(self, text: Text, listed_starts: set[int], depth: int = 0, *, papers: bool = False) -> None:
        self.text, self.listed_starts, self.depth = text, listed_starts, depth
        self.papers = papers  # some were read already, so that the lists are of such, whatever is said of them
        self.groups: dict[tuple[int, ...], Group] = {}
        self.over: list[tuple[Group, int, Group]] = []  # a line that might be a title, and the list that it stands over

    def read(self, start: int, stop: int, lead: Lead) -> Iterator[tuple[Unit, list[Citation]]]:
        """The units in `start:stop`, each with what it cites by itself, under a line that announces `lead`."""
        text, part, art, begun, inner = self.text, 0, False, lead is Lead.PAPERS, lead
        above: Group | None = None
        year: int | None = None
        for unit in units(text.flat, start, stop):
            if text.spent:
                break
            head = text.flat[unit.start : min(unit.line_end, unit.start + 300)]
            leads = not unit.item or unit.heading
            inner = lead if leads else inner
            over = Lead.PAPERS if unit.paper else inner
            unit.listed = inner is Lead.PAPERS or unit.start in self.listed_starts
            cited = self._of_unit(unit, head, inner)
            told = any(map(is_told, cited))
            if told and not leads and not art:  # whatever the heading says: these are papers
                inner = Lead.PAPERS
            if year and not leads:
                cited = [one if one.year else replace(one, year=year) for one in cited]
            if leads and not told:
                part += 1
                stated = _YEAR_HEAD.fullmatch(head)
                year = int(stated["year"]) if stated else None
                said = announced(head)
                if said is Lead.OTHER and (self.papers or (lead is Lead.PAPERS and is_topic(head))):
                    said = Lead.NONE
                # A heading within a list of papers, "Theory", or a title over what is said of it
                within = bool(cited) or (said is Lead.NONE and (unit.heading or is_heading(head) or not begun))
                within |= said is Lead.PAPERS and is_stage(head)
                inner = lead if said is Lead.NONE and within else said
                lead = lead if within else said
                art = (said is not Lead.PAPERS and not self.papers and is_art(head)) or (art and within)
            begun = bool(cited) and not leads
            key = (unit.heading,) if unit.heading else (unit.item, unit.indent, part * unit.item)
            group = self.groups.setdefault(key, Group(over, art))
            if above and not leads and group is not above:
                self.over.append((above, len(above.units) - 1, group))
            above = group if (leads or _is_bold(text, unit)) and not told else None
            group.units.append(unit)
            group.cited.append(cited)
            yield unit, cited

    def judged(self) -> list[Citation]:
        """The citations in what was read, each list judged as a whole."""
        for group in self.groups.values():
            group.judge(self.text)
        for group, place, beneath in self.over:
            if any(beneath.cited) or not _is_strict(group.cited[place]):
                group.cited[place] = []
        return [citation for group in self.groups.values() for cited in group.cited for citation in cited]

    def _of_unit(self, unit: Unit, head: str, lead: Lead) -> list[Citation]:
        topic = unit.nested > 0 and len(head) < 60 and not self.text.hinted(unit.start, unit.line_end)
        if topic and self.depth < _DEEPEST:
            within = self._within(unit, head, lead)
            if 2 * sum(map(is_told, within)) > unit.nested or (
                2 * len(within) > unit.nested and not _is_strict_line(head)
            ):
                return within
        cited = unit_citations(self.text, unit)
        if unit.line_end >= unit.end:
            return cited or ([] if unit.item else self._enumerated(unit))
        if cited and (cited[0].span[0] < unit.line_end or unit.fields or self.depth == _DEEPEST):
            return cited
        # No title stands over these lines: each is on its own.
        beneath = self._within(unit, head, lead) if cited else list(self._of_lines(unit, head))
        return beneath if len(beneath) > len(cited) else cited

    def _enumerated(self, unit: Unit) -> list[Citation]:
        """The citations in "Three papers: A …; B …; C …"."""
        lead = _ENUMERATED.match(self.text.flat, unit.start, unit.line_end)
        named = PAPER_IS.match(self.text.flat, unit.start, unit.line_end)
        ids = "\0" in self.text.plain[unit.start : unit.line_end]
        start = lead.end() if lead else named.end() if named else unit.start
        papers = announced(lead[0]) is Lead.PAPERS if lead else self._are_titles(start, unit.line_end)
        if ids or not papers:
            return []
        group = Group(Lead.PAPERS, False)
        for part in _PART.finditer(self.text.flat, start, unit.line_end):
            item = Unit(part.start(), part.end(), part.end(), 0, True, True)
            group.units.append(item)
            group.cited.append(unit_citations(self.text, item))
        group.judge(self.text)
        return [citation for cited in group.cited for citation in cited]

    def _are_titles(self, start: int, end: int) -> bool:
        """Whether `start:end` are but titles between semicolons: three or more, each long."""
        parts = [part.strip(" .") for part in self.text.flat[start:end].split(";")]
        return (
            len(parts) > 2
            and all(is_title_like(part) and is_long(part) and len(part) < 200 for part in parts)
            and not any(IMPERATIVE.match(part) or STOP_WORD.match(part) or CLAUSE_END.search(part) for part in parts)
            and 2 * sum(is_title_like(part, strict=True) for part in parts) >= len(parts)
        )

    def _within(self, unit: Unit, head: str, lead: Lead) -> list[Citation]:
        """The citations in a list under a topic."""
        said = announced(head)
        reader = _Reader(self.text, self.listed_starts, self.depth + 1)
        for _ in reader.read(unit.line_end, unit.end, lead if said is Lead.NONE else said):
            pass
        return reader.judged()

    def _of_lines(self, unit: Unit, head: str) -> Iterator[Citation]:
        said = announced(head)
        for part in units(self.text.flat, unit.line_end, unit.end, nested=True):
            if self.text.spent:
                return
            part.listed = said is Lead.PAPERS or (unit.listed and said is Lead.NONE)
            cited = unit_citations(self.text, part)
            yield from (one for one in cited if said is not Lead.OTHER or is_told(one))


def _is_bold(text: Text, unit: Unit) -> bool:
    """Whether a numbered item is but words in bold: a heading, if a list is beneath it."""
    whole = unit.line_end == unit.end and text.flat.startswith("**", unit.start)
    return whole and text.flat.endswith("**", unit.start, unit.line_end)


def _is_strict(cited: list[Citation]) -> bool:
    return bool(cited) and is_title_like(cited[0].title or "", strict=True)


def _is_strict_line(head: str) -> bool:
    return is_title_like(head.strip(" *_:"), strict=True)
