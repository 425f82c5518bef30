"""Titles without marks: a line that is one, and capitals in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .abstention import denied
from .citation_fields import Title, facts, read_names
from .citation_patterns import AFTER_NAMES, HAN_CHAR, WORDS
from .citation_text import TITLE_COST, Text
from .citation_title_patterns import (
    AND,
    BETWEEN,
    CUE_VERB,
    CUT,
    DASH,
    DATED,
    IMPERATIVE,
    LOOSE_END,
    NO_TITLE,
    QUOTE,
    RUN,
    RUN_CUED,
    STOP_WORD,
    VENUE,
)
from .citation_units import Unit
from .citation_words import is_long, is_title_like, looks_cut, trimmed


def plain_title_line(text: Text, unit: Unit) -> Iterator[Title]:
    """The title that the first line of `unit` is, or begins with, and that no marks set off."""
    end = unmarked_end(text, unit.body, unit.line_end)
    inner = trimmed(text, unit.body, end)
    if inner is None or NO_TITLE.match(text.flat, *inner):
        return
    words = text.flat[inner[0] : inner[1]]
    if "《" in words or "**" in words or STOP_WORD.match(words) or text.flat[end - 1] == ":":
        return
    if not unit.item and (QUOTE.search(words) or (end < text.stop and LOOSE_END.search(words))):
        return
    if not unit.item and denied(text.flat, *inner):
        return
    if unit.item and unit.listed and (dash := DASH.search(words)) and is_long(words[: dash.start()]):
        # "Title - what it is about"
        end = inner[0] + dash.start()
        inner, words = (inner[0], end), words[: dash.start()]
    title = Title(unit.body, *inner)
    strict = is_title_like(words, strict=True)
    ended = text.flat[end - 1] in ".。!?"
    whole = end == unit.line_end or DASH.match(text.flat, end) is not None
    alone = strict and whole and not VENUE.match(words) and not IMPERATIVE.match(words)
    if 0 < len(HAN_CHAR.findall(words)) < 6:
        alone = False
    if alone and unit.listed and (unit.item or not ended) and not unit.heading:
        yield replace(title, open=unit.item and end == text.stop and not ended and looks_cut(words))
    elif (
        alone
        and unit.item
        and not ended
        and not unit.advice
        and is_long(words)
        and not (unit.heading and not unit.fields)
    ) or (unit.listed and unit.item and whole and not ended and not unit.heading and _is_phrase(words)):
        yield replace(title, open=end == text.stop and looks_cut(words))
    elif end == unit.end and not unit.listed:
        return
    elif strict or (unit.item and is_title_like(words, lower=unit.listed)):
        found = facts(text, title, unit.start, unit.end)
        told = bool(found.authors or found.id or found.link)
        if found.near and (told or not ((unit.heading and not unit.fields) or unit.advice)):
            yield title
            return
    if (
        not strict
        and unit.item
        and unit.listed
        and end == unit.line_end == text.stop
        and not ended
        and WORDS.match(words)
    ):
        yield replace(title, open=True)


def sentence_titles(text: Text, unit: Unit) -> Iterator[Title]:
    """Titles in a sentence that no marks set off: "I recommend Attention Is All You Need (Vaswani et al., 2017)"."""
    if named := RUN_CUED.search(text.plain, unit.body, unit.line_end):
        start, end = named.span("title")
        while loose := LOOSE_END.search(text.flat[start:end]):
            end = start + len(text.flat[start : start + loose.start()].rstrip())
        if is_title_like(text.flat[start:end], strict=True):
            yield Title(start, start, end)
            return
    at = unit.body
    if not unit.runs:
        return
    for run in RUN.finditer(text.plain, unit.body, unit.line_end):
        text.cost += TITLE_COST
        if text.spent:
            return
        start, end = run.span("title")
        if stop := STOP_WORD.match(text.plain, start, end):
            start = stop.end() + 1
        words = text.flat[start:end]
        dated = run["names"] is None
        if dated and start > at and text.flat[start - 2 : start - 1] not in (";", "."):
            continue
        joined = at > unit.body and BETWEEN.fullmatch(text.flat, at, start)
        if len(words.split()) < 4 and not joined and not CUE_VERB.search(text.flat[max(at, start - 30) : start]):
            continue
        if is_title_like(words, strict=True) and not VENUE.match(words) and not denied(text.flat, start, end):
            at = text.flat.find(")", run.end()) + 1
            yield Title(start, start, end)


def _is_phrase(words: str) -> bool:
    """Whether `words`, in a list of papers, could be a title in the case of a sentence."""
    return (
        len(words.split()) > 3 and not IMPERATIVE.match(words) and not VENUE.match(words) and not STOP_WORD.match(words)
    )


def bare_title(text: Text, unit: Unit) -> Title | None:
    """The title that `unit` is and nothing else: a line of capitalised words or, in Chinese, that names a study."""
    body = max(unit.start, unit.body)
    if unit.end > unit.line_end or not (inner := trimmed(text, body, unit.line_end)):
        return None
    words = text.flat[inner[0] : inner[1]]
    if (
        text.flat[inner[1] : unit.line_end].strip(' *_"”」》.')
        or NO_TITLE.match(words)
        or STOP_WORD.match(words)
        or IMPERATIVE.match(words)
    ):
        return None
    if VENUE.match(words) or not is_title_like(words, strict=True):
        return None
    return Title(body, *inner)


def unmarked_end(text: Text, start: int, end: int) -> int:
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
    joined = len(found.names) > 1 and AND.search(text.plain, found.start, found.end) is not None
    sure = sum(" " in name or HAN_CHAR.match(name) is not None for name in found.names)
    full = joined or sure >= max(1, len(found.names) - 1)  # the last may be the venue: "…, Ryan Bell, JMLR 2015"
    dated = DATED.match(text.plain, found.end, end) is not None
    return "by" in cut[0].lower() or (full and (dated or len(found.names) > 1))
