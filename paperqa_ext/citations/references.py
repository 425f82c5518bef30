"""Titles in references: after authors and year (APA), after authors (Vancouver, ACM), before [J] (GB/T 7714)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fields import Title
from .names import Names, inverted, read_names
from .no_papers import VENUE
from .patterns import FOUR_DIGITS, HAN_CHAR, LETTER, UPPER, YEAR_DIGITS
from .text import Text
from .title_patterns import AFTER_REFERENCE_NAMES, APA, APA_TITLE_END, DELIMITED, GBT, GBT_NAMES_END, QUOTE, VANCOUVER
from .units import Unit
from .words import is_title_like, trimmed

# "Baudis, L. A future observatory for dark matter"
_ONE_AUTHOR = re.compile(
    rf"{UPPER}{LETTER}{{1,25}}(?:[- ]{UPPER}{LETTER}{{1,25}})?, [A-Z]\.(?:[ -]?[A-Z]\.){{0,2}}(?= [^\W_]{{2}}| A )"
)
# "，Acta Mathematica，1934"
_WIDE_VENUE = re.compile(rf"，(?:(?:[A-Z][\w&.'’-]*|of|in|and|on|the|for)[ ]?){{1,7}}，{YEAR_DIGITS}")
_DIVIDED = re.compile(r":| [-–—]")
_JOINT = re.compile(r"[^\W\d_]{2}(?:, |、)(?=[^\W\d_a-z])|[A-Z][a-z]+ (?:and|&) [^\W\d_a-z]")


def reference(text: Text, unit: Unit) -> Iterator[Title]:
    """APA and its like (authors, year, title) and GB/T 7714 (authors, title, [J])."""
    dated = FOUR_DIGITS.search(text.plain, unit.start, min(unit.end, unit.line_end + 60)) is not None
    if not (dated or (unit.item and unit.end == text.stop)):  # the last may be cut off before its year
        return
    title = before = None
    if "[" in text.flat[unit.body : unit.line_end] and (match := GBT.match(text.flat, unit.body, unit.line_end)):
        if names_end := GBT_NAMES_END.search(text.flat, unit.body, match.end("title")):
            title = trimmed(text, names_end.end(), match.end("title"))
            found = read_names(text, unit.body, names_end.start())
            before = found if found.end == names_end.start() else None
        elif is_title_like(match["title"]):  # "Title[J]. Ann Bell. 2020"
            title = trimmed(text, unit.body, match.end("title"))
    elif match := APA.match(text.plain, unit.body, unit.line_end):
        names = read_names(
            text, match.start("names"), match.end("names") + text.plain.startswith(".", match.end("names"))
        )
        if (
            names
            and (names.end >= match.end("names") - 2 or "..." in match["names"] or "…" in match["names"])
            and (names.et_al or len(names.names) > 1 or "." in names.names[0] or match[0].rstrip().endswith("."))
        ):
            title = trimmed(text, match.end(), _apa_title_end(text, match.end(), unit.line_end))
            before = inverted(names, text, match.end())
        title = None if title and QUOTE.match(text.flat, title[0]) else title
    if not title and (match := VANCOUVER.match(text.plain, unit.body, unit.line_end)):
        before = read_names(text, unit.body, match.end())
        whole = read_names(text, unit.body, unit.line_end)
        # "Richard J. Szabo, “D-Branes”": no initials, but a first name and its middle one
        title = trimmed(text, match.end(), _apa_title_end(text, match.end(), unit.line_end))
        # "Dipin S. Pillai, Jason R. Picardo": more names
        # "David L. Donoho, *Title*"
        last = title and " " not in text.flat[slice(*title)]
        # "Neil M. Ferguson et al., Title", "Neil M. Ferguson: Title"
        longer = (
            len(before.names) < 2
            and whole.end > match.end()
            and (whole.et_al or _DIVIDED.match(text.plain, whole.end) is not None)
        )
        lone = title and len(before.names) < 2 and (last or not dated or _JOINT.search(text.flat, *title))
        if title and (longer or lone or QUOTE.search(text.flat, *title)):
            title = before = None
    if not title and dated and (match := _ONE_AUTHOR.match(text.plain, unit.body, unit.line_end)):
        title = trimmed(text, match.end(), _apa_title_end(text, match.end() + 1, unit.line_end))
        if title and (not is_title_like(text.flat[slice(*title)]) or DELIMITED.match(text.flat, match.end() + 1)):
            title = None
        before = Names((text.raw[match.start() : match.end()],), match.start(), match.end())
    if not title and (title := _after_names(text, unit)):
        before = inverted(read_names(text, unit.body, title[0]), text, title[0])
    if title:
        yield Title(title[0], *title, before=before or None)


def _after_names(text: Text, unit: Unit) -> tuple[int, int] | None:
    """The title of "Ashish Vaswani and Noam Shazeer. Title. In NeurIPS, 2017."."""
    names = read_names(text, unit.body, min(unit.line_end, unit.body + 600))
    first = names.names[0] if names else ""
    full = unit.item and (HAN_CHAR.match(first) or first.count(" ") == 1)  # "陈景润. 大偶数表为…. 中国科学, 1973."
    if not (names.et_al or len(names.names) > 1 or ". " in first or full):
        return None
    if first.count(" ") > 1 and "." not in first and not HAN_CHAR.match(first):
        return None
    gap = AFTER_REFERENCE_NAMES.match(text.plain, names.end, unit.line_end)
    if not gap or DELIMITED.match(text.flat, gap.end(), unit.line_end):
        return None
    end = _apa_title_end(text, gap.end(), unit.line_end)
    title = trimmed(text, gap.end(), end)
    if not title or FOUR_DIGITS.match(text.plain, title[0]):
        return None
    if not FOUR_DIGITS.search(text.plain, end, min(unit.line_end, end + 200)):
        return None
    words = text.flat[title[0] : title[1]]
    return (
        title
        if is_title_like(words) and (len(words) > 11 or len(HAN_CHAR.findall(words)) > 4) and not VENUE.match(words)
        else None
    )


def _apa_title_end(text: Text, start: int, stop: int) -> int:
    if quoted := DELIMITED.match(text.flat, start, stop):
        return quoted.end()
    end = APA_TITLE_END.search(text.plain, start + 3, stop)
    venue = _WIDE_VENUE.search(text.raw, start + 3, end.start() if end else stop)
    return venue.start() if venue else end.start() if end else stop
