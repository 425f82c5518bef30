"""The titles that a unit of an answer cites, by the most explicit shape it has.

That is a `Title:` field, else a reference (APA, GB/T 7714), else titles in delimiters (bold, quotes, 《》, link), else
a plain title. The less explicit the shape, the more has to speak for its being a title: authors, year or id close by,
a list of papers, capitals.
"""

from __future__ import annotations

from collections.abc import Iterator

from .fields import Title
from .marked import marked_titles
from .parts import reads_as_names, title_part
from .plain import plain_title_line, sentence_titles
from .references import reference
from .text import UNIT_COST, Text, end_of
from .title_patterns import DELIMITED, IS_SAID, LEAD, RUN_END
from .units import Unit
from .words import trimmed


def titles(text: Text, unit: Unit) -> list[Title]:
    """The titles cited in `unit`, in order."""
    if text.spent:
        return []
    text.cost += UNIT_COST
    unit.body = end_of(LEAD, text.plain, unit.start, unit.line_end)
    if RUN_END.search(text.plain, unit.body, unit.line_end) is None:
        unit.runs = False
    elif not unit.item and not DELIMITED.search(text.flat, unit.body, unit.end):
        found = list(sentence_titles(text, unit))
        if len(found) > 1:
            return found
    shapes = (_field_titles, reference, marked_titles, plain_title_line, sentence_titles)
    for shape in shapes:
        found = list(shape(text, unit))
        if shape is reference:
            found = [title for title in found if not reads_as_names(text, title.start, title.end)]
        if found:
            unit.plain = shape is plain_title_line
            return found
    return []


def whole_title(text: Text, start: int, end: int) -> Title | None:
    """The title that `start:end` is, whatever it looks like."""
    inner = trimmed(text, start, end)
    return Title(start, *inner) if inner else None


def _field_titles(text: Text, unit: Unit) -> Iterator[Title]:
    for kind, value, end in unit.fields:
        title = trimmed(text, value, title_part(text, value, end).end) if kind == "title" else None
        # "Title: A short line that says …" tells what to write.
        if title and (len(unit.fields) > 1 or not unit.item or IS_SAID.match(text.flat, *title) is None):
            yield Title(value, *title)
