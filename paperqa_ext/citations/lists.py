"""Citations in the lists and lines of an answer.

The items of a list are alike: if some of them state authors or ids, the others are papers as well, and are read again
as such; if none does and its heading speaks of no papers, none is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from .fields import Title, facts
from .markup import plain_title
from .parts import leads_with_name
from .plain import bare_title
from .record import Citation
from .text import Text, end_of
from .title_patterns import ADVICE, CLOSING, PAPERS, THINGS, TOPIC
from .titles import titles
from .units import Unit, units
from .words import is_long, is_title_like


@dataclass(slots=True)
class _Group:
    """Units of one form that stand together, with what each cites."""

    papers: bool
    units: list[Unit] = field(default_factory=list)
    cited: list[list[Citation]] = field(default_factory=list)


def listed_citations(text: Text, listed_starts: set[int], listed: bool) -> list[Citation]:
    """The citations in `text`, whose units at `listed_starts`, or the first, if `listed`, stand in a list of papers."""
    groups: dict[tuple[int, ...], _Group] = {}
    every: list[_Group] = []
    bare: list[tuple[Title, Unit]] | None = []
    advice, part, any_found, papers, records = False, 0, False, listed, listed
    for unit in units(text.flat, 0, text.stop):
        if text.spent:
            break
        head = text.flat[unit.start : min(unit.line_end, unit.start + 300)]
        unit.listed, unit.advice = listed or unit.start in listed_starts, advice and not records
        cited = _of_unit(text, unit, head)
        if cited and unit.item:  # whatever the heading says: these are papers
            listed, advice = True, False
        if not cited and (not unit.item or unit.heading):
            part += not (unit.heading or text.hinted(unit.start, unit.line_end))
            head = TOPIC.sub(r"\g<papers>", head)
            papers = PAPERS.search(head) is not None
            advice = ADVICE.search(head) is not None or (not papers and THINGS.search(head) is not None)
            listed = papers and not advice
        key = (unit.heading,) if unit.heading else (unit.item, unit.indent, part)
        if key not in groups:
            groups[key] = _Group(papers or bool(listed_starts) or advice)
            every.append(groups[key])
        groups[key].units.append(unit)
        groups[key].cited.append(cited)
        any_found |= bool(cited)
        if bare is not None:
            title = None if any_found or len(bare) > 100 else bare_title(text, unit)
            bare = [*bare, (title, unit)] if title else None
    for group in every:
        if len(group.units) > 1:
            _agree(text, group)
    found = [citation for group in every for cited in group.cited for citation in cited]
    # Nothing but lines that look like titles: they are.
    lines = [text.flat[title.start : title.end] for title, _ in bare or ()]
    strict = [line for line in lines if is_title_like(line, strict=True)]
    long = 2 * sum(map(is_long, lines)) >= len(lines) and (strict == lines or (strict and len(lines) > 1))
    for title, unit in (bare or ()) if long else ():
        found.append(_citation(text, title, unit.start, unit.end)[0])
    return found


def _agree(text: Text, group: _Group) -> None:
    """Read again, as papers, the items of a list of papers that nothing was found in."""
    told = [bool(cited) and (_is_told(cited[0]) or cited[0].year is not None) for cited in group.cited]
    item = group.units[0].item
    if not any(told) or (not item and 2 * sum(told) < len(told)):
        return
    named = 2 * sum(bool(cited) and _is_told(cited[0]) for cited in group.cited) >= len(told)
    first = sum(unit.before for unit in group.units) * 2 > sum(map(bool, group.cited)) or all(
        leads_with_name(text, unit.body, unit.line_end) for unit in group.units
    )
    for place, unit in enumerate(group.units):
        cited = group.cited[place]
        if cited and not (unit.plain and ((first and not unit.before) or (named and not _is_told(cited[0])))):
            continue
        if not item and not text.hinted(unit.start, unit.line_end):
            continue
        again = Unit(
            **{name: getattr(unit, name) for name in ("start", "line_end", "end", "indent", "fields", "heading")},
            item=True,
        )
        again.listed = again.sure = True
        again.names_first = first
        if cited := unit_citations(text, again):
            group.cited[place] = cited


def _is_told(citation: Citation) -> bool:
    return bool(citation.authors or citation.arxiv_id or citation.doi or citation.url)


def _of_unit(text: Text, unit: Unit, head: str) -> list[Citation]:
    topic = unit.nested and not text.hinted(unit.start, unit.line_end) and len(head) < 60
    if topic and len(cited := [one for one in _of_parts(text, unit, head) if _is_told(one)]) * 2 > unit.nested:
        return cited
    cited = unit_citations(text, unit)
    # No title stands over these lines: each is on its own, as nested lists under a topic are.
    return cited if cited or unit.line_end >= unit.end else list(_of_parts(text, unit, head))


def _of_parts(text: Text, unit: Unit, head: str) -> Iterator[Citation]:
    for part in units(text.flat, unit.line_end, unit.end, nested=True):
        if text.spent:
            return
        part.listed = unit.listed or bool(PAPERS.search(head))
        yield from unit_citations(text, part)


def unit_citations(text: Text, unit: Unit) -> list[Citation]:
    """The citations in `unit`."""
    if unit.end - unit.start < 4:
        return []
    cited: list[Citation] = []
    found = titles(text, unit)
    unit.before = bool(found) and found[0].before is not None
    head = unit.start
    for title, following in zip_longest(found, found[1:]):
        stop = unit.end
        if following:
            stop = max(title.end, following.before.start) if following.before else following.outer
        citation, head = _citation(text, title, head, stop)
        if citation.title:
            cited.append(citation)
    return cited


def title_citation(text: Text, title: Title, start: int, end: int) -> Citation:
    """The citation of `title`, read within `start:end`."""
    return _citation(text, title, start, end)[0]


def _citation(text: Text, title: Title, head: int, stop: int) -> tuple[Citation, int]:
    """The citation of `title`, read within `head:stop`, and where it ends."""
    said = facts(text, title, head, stop)
    start = min(title.outer, said.start)
    end = end_of(CLOSING, text.plain, max(title.end, said.end), stop)
    citation = Citation(
        text=text.raw[start:end],
        span=(start, end),
        title=plain_title(text.raw[title.start : title.end]),
        authors=said.authors,
        year=said.year,
        arxiv_id=said.id.value if said.id else None,
        truncated=title.open,
        doi=said.link.doi if said.link else None,
        url=said.link.url if said.link else None,
    )
    return citation, end
