"""What an answer says of a title it cites: authors, year and id, read from what follows the title or precedes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .citation_patterns import (
    ADJACENT,
    AFTER_NAMES,
    ANY_YEAR,
    AUTHOR_BEFORE,
    BRACKETED_YEAR,
    BY,
    CONJUNCTION,
    DASHED_NAMES,
    ET_AL,
    FINAL_INITIAL,
    HAN_CHAR,
    HONORIFIC,
    JOIN,
    LATER_YEAR,
    LEAD_IN,
    LINK_END,
    LIST_MARKS,
    MARKED,
    MARKS,
    MLA_ET_AL,
    NAME,
    NAME_SEPARATOR,
    NOT_NAME,
    OF_OTHER,
    SENTENCE_END,
    SURNAME,
    VENUE_YEAR,
    YEAR,
)
from .citation_record import author_list
from .citation_text import TITLE_COST, Id, Link, Text, end_of, is_scholarly
from .citation_title_patterns import DATED


@dataclass(frozen=True, slots=True)
class Names:
    """Names at `start:end`, false if there are none; `et_al` if "et al." or its like closes them."""

    names: tuple[str, ...]
    start: int
    end: int
    et_al: bool = False

    def __bool__(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class Title:
    """A title at `start:end`, its marks (`**`, quotes) from `outer` on.

    `before` are names that stand before it and are sure to be its authors'; `open` if the answer ends before its marks
    close; `inline` if it stands within a line.
    """

    outer: int
    start: int
    end: int
    open: bool = False
    inline: bool = False
    before: Names | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a title, in `start:end`; `near` if close enough to it to show that it is a title."""

    authors: tuple[str, ...]
    year: int | None
    id: Id | None
    link: Link | None
    start: int
    end: int
    near: bool


def facts(text: Text, title: Title, head: int, stop: int) -> Facts:
    """Authors, year and id of `title`, read within `head:stop`."""
    text.cost += TITLE_COST
    authors = _authors(text, title, head, stop)
    year, year_near = _year(text, title, head, stop, authors)
    found = text.id_near(title.outer, min(stop, title.end + 1500), since=head)
    link = text.link_near(title.outer, min(stop, title.end + 1500), since=head)
    marks = [(authors.start, authors.end)] if authors else []
    marks += [year.span()] if year else []
    marks += [(found.start, found.end)] if found else []
    marks += [(link.start, link.end)] if link else []
    return Facts(
        authors.names if authors else (),
        int(year["year"]) if year else None,
        found,
        link,
        min((start for start, _ in marks), default=title.outer),
        max((end for _, end in marks), default=title.end),
        bool(authors)
        or year_near
        or (found is not None and found.start < title.end + 120)
        or (link is not None and link.start < title.end + 120 and is_scholarly(link)),
    )


def read_names(text: Text, start: int, stop: int) -> Names:
    """The names that stand at `start`."""
    names: list[str] = []
    begin = end = start
    joint: re.Match[str] | None = None
    while match := NAME.match(text.plain, end_of(HONORIFIC, text.plain, start, stop), stop):
        if NOT_NAME.match(match[0]):
            break
        end = match.end()
        name = text.raw[match.start() : end]
        names.append(name[:-1] if FINAL_INITIAL.search(name) and "," not in name else name)
        if not (following := JOIN.match(text.plain, end, stop)):
            break
        joint, start = following, following.end()
    if (
        joint
        and len(names) > 1
        and VENUE_YEAR.match(text.plain, end, stop)
        and " " not in names[-1]
        and " " in names[-2]
    ):
        end = start - len(joint[0])  # "Ann Bell, Bo Li, JMLR 2015"
        names.pop()
    et_al = ET_AL.match(text.plain, end, stop) if names else None
    return Names(tuple(names), begin, et_al.end() if et_al else end, et_al is not None)


def _line_end(text: Text, start: int, stop: int) -> int:
    end = text.plain.find("\n", start, stop)
    return stop if end < 0 else end


def _year(text: Text, title: Title, head: int, stop: int, authors: Names | None) -> tuple[re.Match[str] | None, bool]:
    """The year stated for `title`, and whether it is near: the surest place first."""
    plain, line_end = text.plain, _line_end(text, title.end, stop)
    after = max(title.end, authors.end) if authors else title.end
    if title.before and (year := YEAR.search(plain, title.before.end, title.outer)):
        return year, True
    year = BRACKETED_YEAR.search(plain, title.end, min(line_end, after + 150))
    if not year and (labelled := text.label("year", title.end, stop)):
        year = YEAR.search(plain, labelled, min(stop, labelled + 40))
    if year:
        return year, year.start() < after + 60
    if year := ANY_YEAR.search(plain, title.end, min(line_end, after + 200)):
        return year, False
    if year := YEAR.search(plain, max(head, title.outer - 60), title.outer):
        return year, title.outer - year.end() < 6
    year = LATER_YEAR.search(plain, line_end, min(stop, line_end + 300))
    return year, False


def _authors(text: Text, title: Title, head: int, stop: int) -> Names | None:
    line_end = _line_end(text, title.end, stop)
    after = end_of(LINK_END, text.plain, title.end, stop)
    return (
        _labelled(text, title, stop)
        or _dashed(text, after, line_end)
        or _following(text, after, stop, led=True)
        or title.before
        or _following(text, after, stop, led=False, inline=title.inline)
        or _by(text, title, line_end, stop)
        or (None if title.inline else leading_names(text, title.outer, head))
    )


def _labelled(text: Text, title: Title, stop: int) -> Names | None:
    """`Authors: A. Smith, B. Jones`"""
    start = text.label("authors", title.end, stop)
    if start and text.flat.startswith("[", start):
        end = _line_end(text, start, stop)
        names = author_list(LIST_MARKS.sub("", text.flat[start:end]))
        return Names(tuple(names), start, end) if names else None
    return read_names(text, start, stop) if start else None


def _dashed(text: Text, start: int, stop: int) -> Names | None:
    """` — A. Smith, B. Jones et al. (2017)`"""
    match = DASHED_NAMES.match(text.plain, start, stop)
    if not match:
        return None
    raw = ET_AL.sub("", text.raw[match.start("names") : match.end("names")])
    names = [HONORIFIC.sub("", name) for name in NAME_SEPARATOR.split(raw) if name]
    words = [word for name in names for word in name.split()]
    if any(NOT_NAME.match(name) or name.count(" ") > 6 or MARKED.search(name) for name in names):
        return None
    if 2 * sum(word[0].islower() for word in words) >= len(words):
        return None
    return Names(tuple(names), match.start("names"), match.end())


def _following(text: Text, start: int, stop: int, led: bool, inline: bool = False) -> Names | None:
    """`, A. Smith et al.`, and `led` by a word: ` by A. Smith and B. Jones`, ` (Smith, 2017)`"""
    near = end_of(MARKS, text.plain, start, stop)
    begin = end_of(LEAD_IN, text.plain, near, stop)
    if led != (begin > near) or (inline and SENTENCE_END.search(text.plain[start : near + 1])):
        return None
    found = read_names(text, begin, min(stop, begin + 1500))
    if not found or found.et_al:
        return found
    if not AFTER_NAMES.match(text.plain, found.end, stop):
        return None
    # "《…》最早于 2017 年": one Chinese word that nothing introduces is an adverb sooner than a name.
    dated = (led or not HAN_CHAR.match(text.plain, begin) or SURNAME.match(found.names[0])) and YEAR.search(
        text.plain, found.end, min(stop, found.end + 8)
    )
    if not dated and " " in found.names[0]:
        dated = DATED.match(text.plain, found.end, stop)
    return found if len(found.names) > 1 or dated or begin > near + 1 else None


def _by(text: Text, title: Title, line_end: int, stop: int) -> Names | None:
    """` is a survey by A. Smith`"""
    by = BY.search(text.plain, title.end, min(line_end, title.end + 120))
    return read_names(text, by.end(), stop) if by else None


def leading_names(text: Text, start: int, head: int, shared: bool = False) -> Names | None:
    """The authors before the title at `start`: `Smith et al. (2017) introduced `, `张三等人的`

    If `shared`, another title ends at `head`: to it belong names in brackets, and those that `by` leads after it.
    """
    plain = text.plain
    nearest: Names | None = None
    skip = max(head, start - 200)
    for match in NAME.finditer(plain, skip, start):
        begin = match.start()
        if begin < skip:
            continue
        begin = end_of(CONJUNCTION, plain, begin, start)
        found = read_names(text, begin, start)
        if not found:
            continue
        if shared and (
            plain.rfind("(", head, begin) > plain.rfind(")", head, begin) or OF_OTHER.fullmatch(plain, head, begin)
        ):
            skip = found.end
            continue
        skip = found.end
        rest = plain[found.end : start]
        if HAN_CHAR.match(found.names[0]) and not found.et_al and not all(map(SURNAME.match, found.names)):
            continue
        sure = (found.et_al and not SENTENCE_END.search(rest)) or AUTHOR_BEFORE.match(rest)
        # Two to four Chinese characters are seldom a name: only where one is bound to stand.
        if HAN_CHAR.match(found.names[0]) and match.start() > head and not sure:
            continue
        adjacent = rest.strip() in ADJACENT or (len(found.names) > 1 and not rest.strip())
        if sure or adjacent:
            nearest = found
    return _inverted(nearest, plain) if nearest else None


def _inverted(found: Names, plain: str) -> Names:
    """`Kipf, Thomas N., and Max Welling`, `Vaswani, Ashish, et al.`: the first author's family name comes first."""
    names = found.names
    if len(names) < 2 or " " in names[0] or names[0].endswith(".") or HAN_CHAR.match(names[0]):
        return found
    if all(" " in name for name in names[2:]) and (
        len(names) > 2 or (found.et_al and MLA_ET_AL.search(plain, found.start, found.end))
    ):
        return replace(found, names=(f"{names[0]}, {names[1]}", *names[2:]))
    return found
