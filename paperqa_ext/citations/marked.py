"""Titles that marks set off: bold, italics, quotes, 《》, the words of a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .abstention import denied
from .books import is_container, is_paper
from .cues import is_cued, is_dated, is_defined, is_named, is_signed, is_term, is_theory, is_uttered, speaks
from .fields import Facts, Title, facts
from .names import leading_names, read_names
from .no_papers import CASE, LAW, OTHER_SITE, OTHER_SORT, VENUE, VENUE_BEFORE
from .patterns import FIELD, FOUR_DIGITS, HAN_CHAR, WORDS, YEAR_DIGITS
from .people import is_byline, is_sure, names_at
from .text import CANDIDATE_COST, TITLE_COST, Text
from .title_patterns import (
    ACRONYM_GAP,
    BETWEEN,
    DELIMITED,
    DESCRIBED,
    IN_VENUE,
    IS_CONTAINER,
    NAMES_END,
    NAMES_VENUE_END,
    UNCLOSED,
    UNCLOSED_CUED,
)
from .units import Unit
from .words import is_long, is_no_title, is_notion, is_title_like, starts_low, trimmed

# "Goffman's *Asylums* (1961)", "In *Orientalism* (1978), Said argues": one word may be a title
_OWNED = re.compile(r"(?:[^\W\d_a-z][\w-]+['’]s?|\b[Ii]n) \Z")
_DATED = re.compile(rf" \({YEAR_DIGITS}\)")
# "the 2014 film "
_ART_BEFORE = re.compile(
    r"\b(?:blog(?: posts?)?|tweets?|talks?|videos?|podcasts?|episodes?|films?|movies?|documentar(?:y|ies)"
    r"|novels?|plays?|operas?|musicals?|poems?|songs?|albums?|terms?|phrases?|words?|slogans?|mottos?|(?:TV"
    r"|television) (?:show|series)|video ?games?),? \Z"
)
_GLOSS_GAP = re.compile(r" [–—-] |[:：] ?")
_QUOTED_TAIL = re.compile(r"[A-Z][^\"“\n]{3,80}, [\"“](?P<title>[^\"“”\n]{8,250})[\"”]")
_SAID_WITHIN = re.compile(r"[，,] ?作者")
# "**Title (Ba et al., 2016):**"
_SIGNED_END = re.compile(r"\([^()]*(?:\d{4}|et al|等)[^()]*\):\Z")
# "*Extraordinary claims …* is a rule"
_SENTENCE_ON = re.compile(r" (?!(?:by|from|in|and|with|at|et)\b)[a-z]{2,}")
_SPOKEN_TO = re.compile(r"(?:You|Your|My|We|I)\b")
_PREPOSITION = re.compile(r"(?:In|At|From|As|Under|For|By|Within|Among)\b")


def marked_titles(text: Text, unit: Unit) -> Iterator[Title]:
    """The titles in `unit` that stand in marks."""
    seen: set[str] = set()
    head = since = unit.start
    previous, after_quote, previous_quote = -1, False, -1
    candidates = list(_candidates(text, unit))
    for place, (match, title, words) in enumerate(candidates):
        if text.spent:
            return
        following = candidates[place + 1][1] if place + 1 < len(candidates) else None
        stop = min(unit.end, match.end() + 1000)
        if following:
            stop = min(stop, following.before.start if following.before else following.outer)
        if place == 0 and following and _is_acronym(text, words, match, following):
            continue
        if (title.inline or not unit.item) and denied(text.flat, match.start(), match.end()):
            continue
        book, leads = match.lastgroup == "book", not title.inline
        before = text.flat[max(unit.start, match.start() - 40) : match.start()]
        cued = is_cued(text, unit, match, words)
        container = (
            match.lastgroup == "italic"
            and previous_quote >= 0
            and IS_CONTAINER.match(text.flat, previous_quote, match.start())
        )
        if container:
            continue
        joined = previous >= 0 and BETWEEN.fullmatch(text.flat, previous, match.start()) is not None
        found = facts(text, title, head, max(stop, match.end()))
        strict = is_title_like(words, strict=True)
        again = strict and (words.casefold() in text.cited or words.casefold() in seen)
        head = match.end()
        if book:
            wanted = is_paper(text, unit, match, words, found, leads, bool(seen), joined and bool(seen))
        elif _links_elsewhere(match, found):
            wanted = False
        elif leads:
            wanted = _leads_item(text, unit, match, words, found, alone=len(candidates) == 1)
            wanted |= match.lastgroup == "quote" and not unit.item and (again or is_named(text, match.end()))
        else:
            told = found.authors or found.id or found.link
            if (
                CASE.match(words)
                or _ART_BEFORE.search(before)
                or (
                    not told
                    and (
                        LAW.match(words) or OTHER_SORT.search(text.flat, max(since, match.start() - 150), match.start())
                    )
                )
            ):
                continue
            venue = IN_VENUE.search(before) is not None and (unit.item or not (found.near and is_long(words)))
            if match.lastgroup == "italic" and seen and not cued and (after_quote or venue):
                continue
            bold = match.lastgroup in ("bold", "italic") and "《" not in match[0] and not cued
            if bold and (is_notion(words) or is_term(text, match, words, before, bool(told))):
                continue
            if match.lastgroup == "quote" and not cued and is_notion(words) and (unit.item or is_theory(words)):
                continue
            lone = unit.item and strict and not seen and (found.year is not None or found.id is not None)
            wanted = (
                (found.near and not VENUE.match(words) and (strict or not (seen and unit.item)))
                or cued
                or speaks(match, words)
                or again
                or is_dated(text, match, words)
                or (strict and is_long(words) and (joined or lone))
            )
        if wanted:
            seen.add(words.casefold())
            since = match.end()
            after_quote = match.lastgroup == "quote" and unit.item
            previous_quote = match.end() if match.lastgroup in ("quote", "bold") else -1
            head = max(head, min(found.end, stop))
            previous = head if strict or book else -1
            yield title
    if unit.end == text.stop and not (seen and unit.item):
        yield from _unclosed(text, unit)


def _links_elsewhere(match: re.Match[str], found: Facts) -> bool:
    """Whether the words of a link without authors lead to code, a course or a page."""
    url = found.link.url if found.link else None
    return match.lastgroup == "link" and not found.authors and url is not None and OTHER_SITE.search(url) is not None


def _candidates(text: Text, unit: Unit) -> Iterator[tuple[re.Match[str], Title, str]]:
    """What stands in delimiters and might be a title, with its words."""
    head = previous = unit.start
    venue, titled = -1, False
    stated = set[str]()
    for match in DELIMITED.finditer(text.flat, unit.body, unit.end):
        leads, book = match.start() == unit.body, match.lastgroup == "book"
        text.cost += CANDIDATE_COST
        if unit.item and match.lastgroup == "quote" and match.start() > unit.line_end and len(match[0]) < 9:
            continue  # what a line under the title says: “开山之作”
        if text.spent:
            return
        if FIELD.match(text.flat, match.start(), unit.end):
            continue
        title = _inside(text, match, inline=not leads and not book)
        if title is None:
            continue
        words = text.flat[title.start : title.end]
        close = match.end() - len(match["bold"] or "*")  # with the year in brackets that is no part of a title
        if holds_names(text, title.start, max(title.end, close)):
            continue
        if not leads and is_byline(text, title.start, title.end):
            continue
        under = titled or match.start() > unit.line_end
        if under and match.lastgroup == "italic" and _names_begin(text, title.start, title.end):
            continue  # "**Title**, *Ann Bell*, 2016"
        # Most words in quotes have no sign of a paper nearby: pass them by before looking closer.
        if not leads and not book:
            owned = _OWNED.search(text.flat, max(unit.start, match.start() - 40), match.start())
            dated = owned and _DATED.match(text.plain, match.end())
            if not (is_title_like(words) or dated or _is_referred(text, unit, match)):
                continue
            before = text.flat[max(unit.start, match.start() - 40) : match.start()]
            if is_uttered(match, before, words):
                continue
            hinted = text.hinted(max(head, match.start() - 60), min(unit.end, match.end() + 150))
            joined = previous > unit.start and BETWEEN.fullmatch(text.flat, previous, match.start())
            again = words.casefold() in text.cited or words.casefold() in stated
            if before.endswith((", ", "的 ")) and not book and len(words.split()) > 3 and is_title_like(words):
                again |= leading_names(text, match.start(), max(head, match.start() - 200)) is not None
            told = unit.cell or again or is_signed(match, before) or speaks(match, words)
            if not (hinted or joined or told or is_cued(text, unit, match, words)):
                continue
        elif book and not leads:
            before = text.flat[max(unit.start, match.start() - 20) : match.start()]
            chained = venue > 0 and BETWEEN.fullmatch(text.flat, venue, match.start()) is not None
            if chained or VENUE_BEFORE.search(before):
                venue = match.end()
                continue
            if text.flat.startswith("上", match.end()) or VENUE.match(words):
                continue
            if previous > unit.start and is_container(text, unit, previous, match):
                continue
        if not leads:
            text.cost += TITLE_COST
            line = text.flat.rfind("\n", head, match.start()) + 1
            since = line if text.flat[line : match.start()].strip() else head
            names = leading_names(text, match.start(), max(head, since), head > unit.start)
            title = replace(title, inline=True, before=names)
        stated.add(words.casefold())
        yield match, title, words
        head = previous = match.end()
        titled = leads and unit.item and len(words.split()) > 2


def _names_begin(text: Text, start: int, end: int) -> bool:
    """Whether `start:end` are names, or names and where they published: "Ann Bell and Bo Li – Journal of Data"."""
    names = names_at(text, start, end)
    if names is None or not is_sure(names, text):
        return False
    return names.end >= end - 1 or (len(names.names) > 1 and text.plain.startswith((" – ", " — ", " - "), names.end))


def _is_referred(text: Text, unit: Unit, match: re.Match[str]) -> bool:
    """Whether only names stand before a title in italics, and a year after it: "Said, Edward. *Orientalism*. 1978"."""
    if match.lastgroup != "italic" or not FOUR_DIGITS.search(text.plain, match.end(), unit.line_end):
        return False
    names = read_names(text, unit.body, match.start())
    return bool(names) and names.end + 2 >= match.start() > unit.body


def holds_names(text: Text, start: int, end: int) -> bool:
    """Whether what stands in delimiters are names with a year: *Vaswani et al., 2017*"""
    if not FOUR_DIGITS.search(text.plain, start, end) and "et al" not in text.flat[start:end]:
        return False
    found = read_names(text, start, end)
    several = found.et_al or len(found.names) > 1
    return bool(found) and (
        NAMES_END.fullmatch(text.plain, found.end, end) is not None
        or (several and NAMES_VENUE_END.fullmatch(text.plain, found.end, end) is not None)
    )


def _is_acronym(text: Text, words: str, match: re.Match[str], following: Title) -> bool:
    """Whether `words` only name what the title after them is about: `**GAT** – "Graph Attention Networks"`."""
    between = text.flat[match.end() : following.outer]
    if len(between) > 120 or "\n" in between:
        return False
    if match.lastgroup == "bold" and " " not in words and _GLOSS_GAP.match(between):
        between = between[:3]  # "**GCN** – Kipf & Welling, *Title*"
    named = text.flat[following.start : following.end]
    short = len(WORDS.findall(words)) < 3 and len(HAN_CHAR.findall(words)) < 6
    return ACRONYM_GAP.fullmatch(between) is not None and short and is_title_like(named, strict=True)


def _inside(text: Text, match: re.Match[str], inline: bool) -> Title | None:
    """The title that the delimiters of `match` hold; within a line, one in lower case is none."""
    width = len(match["bold"] or "*")
    start, end = match.start() + width, match.end() - (2 if match["link"] else width)
    if text.flat[end - 1] == ":":
        signed = text.flat[end - 2] == ")" and _SIGNED_END.search(text.flat, max(start, end - 60), end)
        if not signed:
            return None
    if (said := _SAID_WITHIN.search(text.raw, start, end)) and said.start() > start + 8:
        end = said.start()  # “Title，作者张三，2017”
    if match.lastgroup == "bold" and (tail := _QUOTED_TAIL.fullmatch(text.flat, start, end)):
        start, end = tail.span("title")  # **R. E. Kastner, "Title"**
    inner = trimmed(text, start, end)
    if inner and inline and starts_low(text.flat[inner[0] : inner[1]]) and match.lastgroup != "quote":
        return None
    return Title(match.start(), *inner) if inner and not is_no_title(text.flat[slice(*inner)]) else None


def _leads_item(text: Text, unit: Unit, match: re.Match[str], words: str, found: Facts, alone: bool) -> bool:
    """Whether `words`, delimited at the start of `unit`, are a title; `alone` if nothing else in it might be."""
    end = match.end()
    described = DESCRIBED.match(text.flat, end, end + 4) is not None
    strict = is_title_like(words, strict=True)
    told = bool(found.authors or found.id or found.link)
    if match.lastgroup == "quote" and match[0][-2] in "。！" and not told:
        return False  # “失败是成功之母。”
    if VENUE.match(words) and not found.id:
        return False
    lone = " " not in words and not HAN_CHAR.search(words)
    proven = found.id or found.link or (found.authors and found.year)
    if match.lastgroup == "quote" and lone and not (unit.item or unit.listed or proven):
        return False  # `"Disentanglement" means`
    bold = match.lastgroup in ("bold", "italic") and "《" not in match[0]
    if (bold or match.lastgroup == "quote") and is_notion(words):
        # A notion in bold, "**图卷积网络**（2017）", sooner than a paper.
        papers = (unit.item or unit.listed) and not described and not is_theory(words)
        return papers and bool(found.authors and found.near)
    if bold and unit.nested and " " not in words and not text.hinted(unit.start, unit.end):
        return False  # "**Software**" over names of such
    if unit.heading and not unit.fields and not told:
        return unit.listed and found.near and is_long(words)
    if bold and not (unit.item or strict or (told and is_long(words))) and _PREPOSITION.match(words):
        return False  # "*In information theory*, Shannon (1948) asked"
    few = bold and len(words.split()) < 3 and not (strict or told)
    if few and (_SENTENCE_ON.match(text.flat, end) or _SPOKEN_TO.match(words)):
        return False  # "**Effect size** tells you how", "**Your background** – have you"
    if bold and is_defined(text, end, words):
        return is_named(text, end)
    if not (strict or unit.item or found.near) and _SENTENCE_ON.match(text.flat, end):
        return False
    ended = bold and match[0].rstrip("*_")[-1] in ".。!"
    if ended and not (told or unit.listed or is_long(words)):
        return False  # "**Normality.** Run a test (Bell, 1965)"
    noted = described or match[0].rstrip("*_").endswith(":")
    if bold and noted and not (unit.item or unit.listed or is_long(words) or found.id or found.link):
        return False  # "**Layer Normalization (Ba et al., 2016):** eases …"
    if found.near:
        # "**期刊/会议**: arXiv 2022" is a label, whatever year follows.
        return told or not described or (strict and unit.listed)
    if strict:
        return unit.listed or bool(unit.fields) or (unit.item and not described)
    if bold and ((not unit.item and not is_long(words)) or ended):
        return False  # "**Start from a survey.** Look at …"
    return unit.listed and not described and alone and is_title_like(words)


def _unclosed(text: Text, unit: Unit) -> Iterator[Title]:
    """A title whose closing delimiter the generation limit has cut off."""
    rest = UNCLOSED.match(text.flat, unit.start, unit.end) if unit.item or unit.listed else None
    if not rest and (last := UNCLOSED_CUED.search(text.flat, max(unit.start, unit.end - 400), unit.end)):
        rest = last
    if rest and (inner := trimmed(text, *rest.span("title"))):
        yield Title(rest.start(), *inner, open=True)
