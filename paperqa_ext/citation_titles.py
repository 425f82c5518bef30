"""The titles that a unit of an answer cites, by the most explicit shape it has.

That is a `Title:` field, else a reference (APA, GB/T 7714), else titles in delimiters (bold, quotes, 《》, link), else
a plain title. The less explicit the shape, the more has to speak for its being a title: authors, year or id close by,
a list of papers, capitals.
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
        leads, book = match.start() == unit.start, match.lastgroup == "book"
        title = _inside(text, match, inline=not leads and not book)
        words = text.flat[title.start : title.end] if title else ""
        if title is None or words.casefold() in seen:
            continue
        before = text.flat[max(unit.start, match.start() - 40) : match.start()]
        cued = before.rstrip(" ,:*_")[-1:].isalpha() and CUE_BEFORE.search(before) is not None
        # Most words in quotes have no sign of a paper nearby: pass them by before looking closer.
        hinted = cued or text.hinted(max(head, match.start() - 60), min(unit.end, match.end() + 150))
        if not leads and not book and not (hinted and _title_like(words)):
            continue
        stop = min(unit.end, match.end() + 1000)
        next_book = text.flat.find("《", match.end(), stop)
        found = facts(text, title, head, next_book if next_book >= 0 else stop)
        head = match.end()
        if book:
            venue = VENUE_BEFORE.search(before) or text.flat.startswith("上", match.end())
            wanted = not venue and (found.near or leads or _title_like(words))
        elif leads:
            wanted = found.near or _heads_item(text, unit, match.end(), words)
        else:
            wanted = found.near or (cued and not seen)
        if wanted:
            seen.add(words.casefold())
            head = max(head, found.end)
            yield title
    if not seen and unit.end == text.stop and (unit.item or unit.listed):
        yield from _unclosed(text, unit)


def _inside(text: Text, match: re.Match[str], inline: bool) -> Title | None:
    """The title that the delimiters of `match` hold; within a line, one in lower case is none."""
    width = len(match["bold"] or "*")
    start, end = match.start() + width, match.end() - (2 if match["link"] else width)
    if text.flat[end - 1] == ":" or (inline and text.flat[start].islower()):
        return None
    inner = _trim(text, start, end)
    return Title(match.start(), *inner) if inner and not NO_TITLE.match(text.flat, *inner) else None


def _heads_item(text: Text, unit: Unit, end: int, words: str) -> bool:
    """Whether `words`, delimited up to `end` at the start of `unit`, are a title though nothing near says so."""
    described = DESCRIBED.match(text.flat, end, end + 4) is not None
    if _title_like(words, strict=True):
        return unit.listed or bool(unit.fields) or (unit.item and not described)
    return unit.listed and not described and _title_like(words)


def _unclosed(text: Text, unit: Unit) -> Iterator[Title]:
    """A title whose closing delimiter the generation limit has cut off."""
    rest = UNCLOSED.match(text.flat, unit.start, unit.end)
    if rest and (inner := _trim(text, *rest.span("title"))):
        yield Title(unit.start, *inner, open=True)


def _plain(text: Text, unit: Unit) -> Iterator[Title]:
    end = _cut(text, unit.start, unit.line_end)
    inner = _trim(text, unit.start, end)
    if inner is None or NO_TITLE.match(text.flat, *inner):
        return
    words = text.flat[inner[0] : inner[1]]
    if "《" in words or STOP_WORD.match(words) or text.flat[end - 1] == ":":
        return
    title = Title(unit.start, *inner)
    strict = _title_like(words, strict=True)
    ended = text.flat[end - 1] in ".。!?"
    if strict and unit.item and end == unit.line_end and (unit.listed or not ended):
        yield replace(title, open=end == text.stop and not ended)
    elif end == unit.end and not unit.listed:
        return
    elif (strict or (unit.item and _title_like(words))) and facts(text, title, unit.start, unit.end).near:
        yield title
    elif unit.item and unit.listed and end == unit.line_end == text.stop and not ended and WORDS.match(words):
        yield replace(title, open=True)


def _title_like(words: str, strict: bool = False) -> bool:
    """Long enough for a title; with `strict` also capitalised like one, or free of Chinese clause marks."""
    if len(HAN_CHAR.findall(words)) >= 4:
        return not strict or not CLAUSE_MARK.search(words)
    latin = WORDS.findall(words)
    if len(latin) < (3 if strict else 2) or words[0].islower():
        return False
    long = [word for word in latin if len(word) > 3]
    return not strict or sum(not word.islower() for word in long) >= 0.7 * len(long)


def _trim(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """The title proper within `start:end`: without markers, quotes, link, label, number, "(2022)" and full stop."""
    flat = text.flat
    while True:
        before = start, end
        while start < end and flat[start] in " *_":
            start += 1
        while start < end and (flat[end - 1] in " *_,;:。" or (flat[end - 1] == "." and flat[end - 2] != ".")):
            end -= 1
        if wrapped := QUOTED.match(flat, start, end) or LINKED.match(flat, start, end):
            start, end = wrapped.span("title")
        label = FIELD.match(flat, start, end) or NUMBER.match(flat, start, end)
        if label and (label.lastgroup or "title") == "title":
            start = label.end()
        bracket = flat.rfind("(", max(start, end - 60), end)
        dated = bracket > start and flat[end - 1] == ")" and BRACKETED_YEAR.match(text.plain, bracket, end)
        # A second year in brackets after it is the paper's, so this one is the title's.
        if dated and not BRACKETED_YEAR.search(text.plain, end, end + 150):
            end = bracket
        if (start, end) == before:
            return (start, end) if end > start else None


def _cut(text: Text, start: int, end: int) -> int:
    """Where an undelimited title ends: before a year, an id, a label, or names that authors' marks follow."""
    end = text.label_start(start + 1, min(end, start + 400))
    for match in CUT.finditer(text.plain, start, end):
        if match.start() == start:
            continue
        if match["maybe"] is None or match[0].startswith(".") or _names_follow(text, match, end):
            return match.start()
    return end


def _names_follow(text: Text, cut: re.Match[str], end: int) -> bool:
    """Whether what follows `cut` is sure to be authors, not more of the title."""
    found = read_names(text, cut.end(), end)
    if not found or found.et_al:
        return found.et_al
    if not AFTER_NAMES.match(text.plain, found.end):
        return False
    full = all(" " in name or HAN_CHAR.match(name) for name in found.names)
    dated = BRACKETED_YEAR.match(text.plain, found.end + 1, end) is not None
    return "by" in cut[0].lower() or (full and (dated or len(found.names) > 1))
