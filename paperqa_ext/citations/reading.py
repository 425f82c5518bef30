"""The citations that a unit of an answer makes: its titles, each with what is said of it."""

from __future__ import annotations

from itertools import zip_longest

from .fields import Title, facts
from .markup import plain_name, plain_title
from .record import Citation
from .text import UNIT_COST, Text, end_of
from .title_patterns import CLOSING
from .titles import titles
from .units import Unit


def unit_citations(text: Text, unit: Unit) -> list[Citation]:
    """The citations in `unit`."""
    if unit.end - unit.start < 4:
        text.cost += UNIT_COST
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
            text.cited.add(citation.title.casefold())
    return cited


def title_citation(text: Text, title: Title, start: int, end: int) -> Citation:
    """The citation of `title`, read within `start:end`."""
    return _citation(text, title, start, end)[0]


def _citation(text: Text, title: Title, head: int, stop: int) -> tuple[Citation, int]:
    """The citation of `title`, read within `head:stop`, and where it ends."""
    said = facts(text, title, head, stop)
    start = min(title.outer, said.start)
    end = end_of(CLOSING, text.plain, max(title.end, said.end), stop)
    cited = text.raw[start:end]
    citation = Citation(
        text=cited,
        span=(start, end),
        title=plain_title(text.raw[title.start : title.end]),
        authors=tuple(map(plain_name, said.authors)) if "\\" in cited or "~" in cited else said.authors,
        year=said.year,
        arxiv_id=said.id.value if said.id else None,
        truncated=title.open,
        doi=said.link.doi if said.link else None,
        url=said.link.url if said.link else None,
    )
    return citation, end
