"""What an answer says of a title it cites: authors, year and id, read from what follows the title or precedes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .citation_patterns import (
    ADJACENT,
    AFTER_NAMES,
    ANY_YEAR,
    AUTHOR_BEFORE,
    BRACKETED_YEAR,
    BY,
    DASHED_NAMES,
    ET_AL,
    FINAL_INITIAL,
    HAN_CHAR,
    HONORIFIC,
    JOIN,
    LEAD_IN,
    LINK_END,
    MARKS,
    NAME,
    NAME_SEPARATOR,
    NOT_NAME,
    YEAR,
)
from .citation_text import Id, Text, end_of


@dataclass(frozen=True, slots=True)
class Title:
    """A title at `start:end`, its marks (`**`, quotes) from `outer` on; `open` if the answer ends before they close."""

    outer: int
    start: int
    end: int
    open: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a title, in `start:end`; `near` if close enough to it to show that it is a title."""

    authors: tuple[str, ...]
    year: int | None
    id: Id | None
    start: int
    end: int
    near: bool


@dataclass(frozen=True, slots=True)
class Names:
    """Names at `start:end`, false if there are none; `et_al` if "et al." or its like closes them."""

    names: tuple[str, ...]
    start: int
    end: int
    et_al: bool = False

    def __bool__(self) -> bool:
        return bool(self.names)


def facts(text: Text, title: Title, head: int, stop: int) -> Facts:
    """Authors, year and id of `title`, read within `head:stop`."""
    authors = _authors(text, title, head, stop)
    after = max(title.end, authors.end) if authors else title.end
    year, year_near = _year(text, title, head, stop, after)
    found = text.id_near(title.outer, min(stop, title.end + 1500), since=head)
    marks = [(authors.start, authors.end)] if authors else []
    marks += [year.span()] if year else []
    marks += [(found.start, found.end)] if found else []
    return Facts(
        authors.names if authors else (),
        int(year["year"]) if year else None,
        found,
        min((start for start, _ in marks), default=title.outer),
        max((end for _, end in marks), default=title.end),
        bool(authors) or year_near or (found is not None and found.start < title.end + 120),
    )


def read_names(text: Text, start: int, stop: int) -> Names:
    """The names that stand at `start`."""
    names: list[str] = []
    begin = end = start
    while match := NAME.match(text.plain, end_of(HONORIFIC, text.plain, start, stop), stop):
        if NOT_NAME.match(match[0]):
            break
        end = match.end()
        name = text.raw[match.start() : end]
        names.append(name[:-1] if FINAL_INITIAL.search(name) and "," not in name else name)
        if not (joint := JOIN.match(text.plain, end, stop)):
            break
        start = joint.end()
    et_al = ET_AL.match(text.plain, end, stop) if names else None
    return Names(tuple(names), begin, et_al.end() if et_al else end, et_al is not None)


def _line_end(text: Text, start: int, stop: int) -> int:
    end = text.plain.find("\n", start, stop)
    return stop if end < 0 else end


def _year(text: Text, title: Title, head: int, stop: int, after: int) -> tuple[re.Match[str] | None, bool]:
    """The year stated for `title`, whose authors end at `after`, and whether it is near: the surest place first."""
    plain, line_end = text.plain, _line_end(text, title.end, stop)
    year = BRACKETED_YEAR.search(plain, title.end, min(line_end, after + 150))
    if not year and (labelled := text.label("year", title.end, stop)):
        year = YEAR.search(plain, labelled, min(stop, labelled + 40))
    if year:
        return year, year.start() < after + 60
    if year := ANY_YEAR.search(plain, title.end, min(line_end, after + 200)):
        return year, False
    year = YEAR.search(plain, max(head, title.outer - 60), title.outer)
    return year, year is not None and title.outer - year.end() < 6


def _authors(text: Text, title: Title, head: int, stop: int) -> Names | None:
    line_end = _line_end(text, title.end, stop)
    after = end_of(LINK_END, text.plain, title.end, stop)
    return (
        _labelled(text, title, stop)
        or _dashed(text, after, line_end)
        or _following(text, after, stop)
        or _by(text, title, line_end, stop)
        or _preceding(text, title, head)
    )


def _labelled(text: Text, title: Title, stop: int) -> Names | None:
    """`Authors: A. Smith, B. Jones`"""
    start = text.label("authors", title.end, stop)
    return read_names(text, start, stop) if start else None


def _dashed(text: Text, start: int, stop: int) -> Names | None:
    """` — A. Smith, B. Jones et al. (2017)`"""
    match = DASHED_NAMES.match(text.plain, start, stop)
    if not match:
        return None
    raw = ET_AL.sub("", text.raw[match.start("names") : match.end("names")])
    names = [HONORIFIC.sub("", name) for name in NAME_SEPARATOR.split(raw) if name]
    words = [word for name in names for word in name.split()]
    if any(NOT_NAME.match(name) or name.count(" ") > 6 for name in names):
        return None
    if 2 * sum(word[0].islower() for word in words) >= len(words):
        return None
    return Names(tuple(names), match.start("names"), match.end())


def _following(text: Text, start: int, stop: int) -> Names | None:
    """`, A. Smith et al.`, ` by A. Smith and B. Jones`, ` (Smith, 2017)`"""
    near = end_of(MARKS, text.plain, start, stop)
    begin = end_of(LEAD_IN, text.plain, near, stop)
    found = read_names(text, begin, min(stop, begin + 1500))
    if not found or found.et_al:
        return found
    if not AFTER_NAMES.match(text.plain, found.end, stop):
        return None
    # "《…》最早于 2017 年": one Chinese word that nothing introduces is an adverb sooner than a name.
    dated = (begin > near or not HAN_CHAR.match(text.plain, begin)) and YEAR.search(
        text.plain, found.end, min(stop, found.end + 8)
    )
    return found if len(found.names) > 1 or dated or begin > near + 1 else None


def _by(text: Text, title: Title, line_end: int, stop: int) -> Names | None:
    """` is a survey by A. Smith`"""
    by = BY.search(text.plain, title.end, min(line_end, title.end + 120))
    return read_names(text, by.end(), stop) if by else None


def _preceding(text: Text, title: Title, head: int) -> Names | None:
    """`Smith et al. (2017) introduced `, `张三等人的`"""
    for match in NAME.finditer(text.plain, max(head, title.outer - 200), title.outer):
        found = read_names(text, match.start(), title.outer)
        rest = text.plain[found.end : title.outer]
        sure = found.et_al or AUTHOR_BEFORE.match(rest)
        # Two to four Chinese characters are seldom a name: only where one is bound to stand.
        if HAN_CHAR.match(match[0]) and match.start() > head and not sure:
            continue
        adjacent = rest.strip() in ADJACENT or (len(found.names) > 1 and not rest.strip())
        if found and (sure or adjacent):
            return found
    return None
