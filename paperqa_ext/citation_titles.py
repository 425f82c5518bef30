"""The titles that a unit of an answer cites, by the most explicit shape it has.

That is a `Title:` field, else a reference (APA, GB/T 7714), else titles in delimiters (bold, quotes, 《》, link), else a
plain title. The less explicit the shape, the more has to speak for its being a title: authors, year or id close by, a
list of papers, capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .citation_fields import Title, facts, read_names
from .citation_patterns import (
    AFTER_NAMES,
    APA,
    APA_TITLE_END,
    BRACKETED_YEAR,
    CLAUSE_MARK,
    CUE_BEFORE,
    CUT,
    DELIMITED,
    DESCRIBED,
    FIELD,
    FOUR_DIGITS,
    GBT,
    GBT_NAMES_END,
    HAN_CHAR,
    LINKED,
    NO_TITLE,
    NUMBER,
    QUOTED,
    STOP_WORD,
    UNCLOSED,
    VENUE_BEFORE,
    WORDS,
)
from .citation_text import Text, Unit


def titles(text: Text, unit: Unit) -> list[Title]:
    """The titles cited in `unit`, in order."""
    shapes = (_field_titles, _reference, _delimited, _plain)
    return next((found for shape in shapes if (found := list(shape(text, unit)))), [])


def _field_titles(text: Text, unit: Unit) -> Iterator[Title]:
    for kind, value, end in unit.fields:
        if kind == "title" and (title := _trim(text, value, _cut(text, value, end))):
            yield Title(value, *title)


def _reference(text: Text, unit: Unit) -> Iterator[Title]:
    """APA and its like (authors, year, title) and GB/T 7714 (authors, title, [J])."""
    if not FOUR_DIGITS.search(text.plain, unit.start, unit.line_end):
        return
    title = None
    if match := GBT.match(text.flat, unit.start, unit.line_end):
        if names_end := GBT_NAMES_END.search(text.flat, unit.start, match.end("title")):
            title = _trim(text, names_end.end(), match.end("title"))
    elif match := APA.match(text.plain, unit.start, unit.line_end):
        names = read_names(text, match.start("names"), match.end("names"))
        if names and names.end >= match.end("names") - 2:
            title = _trim(text, match.end(), _apa_title_end(text, match.end(), unit.line_end))
    if title:
        yield Title(title[0], *title)


def _apa_title_end(text: Text, start: int, stop: int) -> int:
    if quoted := DELIMITED.match(text.flat, start, stop):
        return quoted.end()
    end = APA_TITLE_END.search(text.plain, start + 3, stop)
    return end.start() if end else stop


def _delimited(text: Text, unit: Unit) -> Iterator[Title]:
    seen: set[str] = set()
    head = unit.start
    for match in DELIMITED.finditer(text.flat, unit.start, unit.end):
        title = _inside(text, match)
        if title is None:
            continue
        words = text.flat[title.start : title.end]
        leads = match.start() == unit.start
        book = match.lastgroup == "book"
        if words.casefold() in seen or (not (leads or book) and match[0].strip("*_\"'“「『[")[:1].islower()):
            continue
        cued = _is_cued(text, unit, match.start())
        # Most words in quotes have no sign of a paper nearby: pass them by before looking closer.
        hinted = text.hinted(max(head, match.start() - 60), min(unit.end, match.end() + 150))
        if not (leads or book) and not (_title_like(words) and (hinted or cued)):
            continue
        stop = min(unit.end, match.end() + 1000)
        next_book = text.flat.find("《", match.end(), stop)
        found = facts(text, title, head, next_book if next_book >= 0 else stop)
        head = match.end()
        if book:
            wanted = (found.near or leads or _title_like(words)) and not _is_venue(text, unit, match)
        elif leads:
            wanted = found.near or _heads_item(text, unit, match.end(), words)
        else:
            wanted = found.near or (cued and not seen)
        if wanted:
            seen.add(words.casefold())
            head = max(head, found.end)
            yield title
    if not seen and unit.end == text.stop and (unit.item or unit.listed):
        rest = UNCLOSED.match(text.flat, unit.start, unit.end)
        if rest and (cut := _trim(text, rest.start("title"), rest.end("title"))):
            yield Title(unit.start, *cut, open=True)
