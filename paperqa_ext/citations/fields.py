"""What an answer says of a title it cites: authors, year and id, read from what follows the title or precedes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .names import Names, is_familiar, leading_names, read_names
from .no_papers import VENUE
from .patterns import (
    ACRONYM,
    ADJACENT,
    AFTER_NAMES,
    ANY_YEAR,
    BRACKETED_YEAR,
    BY,
    CLAUSE_END,
    CLAUSE_START,
    DASHED_NAMES,
    DATE_FIRST,
    EDITION,
    ET_AL,
    ET_AL_SIGNS,
    HAN_CHAR,
    HONORIFIC,
    INITIALS,
    LATER_YEAR,
    LEAD_IN,
    LINK_END,
    LIST_MARKS,
    MARKED,
    MARKS,
    NAME_SEPARATOR,
    NOT_NAME,
    NOTE_MARK,
    PAPER_OF,
    QUOTE_BRACKET,
    SENTENCE_END,
    SUBJECT,
    SURNAME,
    VENUE_FOLLOWS,
    VENUE_WORD,
    WORK_MARK,
    WROTE,
    YEAR,
    YEAR_AFTER_NAMES,
    YEAR_CLOSE,
    YEAR_LEAD,
    YEAR_OF_PAPER,
)
from .people import NOUN
from .record import Id, Link, author_list
from .text import TITLE_COST, Text, end_of, is_scholarly
from .title_patterns import DATED, NO_VALUE, TRANSLATED

# After the first author: "（清华大学）\n- 其他作者："
_OTHERS = re.compile(
    r"(?:[ ]?\([^()\n]{1,60}\))?[ ]?\n[ ]{0,8}(?:[-*•+] )?[*_]{0,3}(?:其[他余]作者|合作者|Other authors"
    r"|Co-?authors)[*_]{0,3}:[*_]{0,3}[ ]{0,4}",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\)[ ]?(?:[\n,.;。]|\Z)")


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
    where = title, head, stop
    found = text.known.get(where)
    if found is None:
        found = text.known[where] = _facts(text, title, head, stop)
    return found


def _facts(text: Text, title: Title, head: int, stop: int) -> Facts:
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


def _line_end(text: Text, start: int, stop: int) -> int:
    end = text.plain.find("\n", start, stop)
    return stop if end < 0 else end


def _year(text: Text, title: Title, head: int, stop: int, authors: Names | None) -> tuple[re.Match[str] | None, bool]:
    """The year stated for `title`, and whether it is near: the surest place first."""
    plain, line_end = text.plain, _line_end(text, title.end, stop)
    after = max(title.end, authors.end) if authors else title.end
    if title.before and authors is title.before and (year := YEAR.search(plain, title.before.end, title.outer)):
        return year, True
    close = YEAR_CLOSE.match(plain, title.end, line_end)
    if close or (authors and (close := YEAR_CLOSE.match(plain, authors.end, line_end))):
        return close, False
    year = BRACKETED_YEAR.search(plain, title.end, min(line_end, after + 150))
    if not year and authors and authors.start > line_end:
        year = YEAR_AFTER_NAMES.match(plain, authors.end, stop)
        year = year or ANY_YEAR.search(plain, authors.end, min(_line_end(text, authors.end, stop), authors.end + 80))
    if not year and (labelled := text.label("year", title.end, stop)):
        year = YEAR.search(plain, labelled, min(stop, labelled + 40))
    if year:
        return year, year.start() < after + 60
    far = ANY_YEAR.search(plain, title.end, min(line_end, after + 200))
    if far and not CLAUSE_END.search(plain, after, far.start()):
        return far, False
    year = YEAR.search(plain, max(head, title.outer - 60), title.start)
    ended = year and (CLAUSE_END if far else SENTENCE_END).search(plain, year.end(), title.outer)
    if year and not (ended and (far or title.inline)):
        return year, title.outer - year.end() < 6 and not SENTENCE_END.search(plain, year.end(), title.outer)
    if far:
        return far, False
    return (
        LATER_YEAR.search(plain, line_end, min(stop, line_end + 300))
        or YEAR_OF_PAPER.search(plain, max(head, title.outer - 200), title.outer)
        or YEAR_LEAD.match(plain, head, title.outer)
    ), False


def _authors(text: Text, title: Title, head: int, stop: int) -> Names | None:
    line_end = _line_end(text, title.end, stop)
    after = end_of(LINK_END, text.plain, title.end, stop)
    for aside in (WORK_MARK, NOTE_MARK, TRANSLATED, EDITION):
        after = end_of(aside, text.flat, after, stop)
    after = end_of(DATE_FIRST, text.plain, after, stop)
    return (
        (None if title.inline else title.before)
        or _labelled(text, text.label("authors", title.end, stop), stop)
        or _dashed(text, after, line_end)
        or _led(text, title, after, stop)
        or _bracketed(text, after, line_end)
        or _subject(text, title, head, line_end)
        or title.before
        or _labelled(text, text.label("authors", head, title.outer), title.outer)
        or _following(text, after, stop, led=False, inline=title.inline)
        or _by(text, title, line_end, stop)
        or (None if title.inline else _beneath(text, line_end, stop))
        or (None if title.inline else leading_names(text, title.outer, head))
    )


def _labelled(text: Text, start: int | None, stop: int) -> Names | None:
    """`Authors: A. Smith, B. Jones`, what is labelled beginning at `start`."""
    if start and text.flat.startswith("[", start):
        end = _line_end(text, start, stop)
        names = author_list(LIST_MARKS.sub("", text.flat[start:end]))
        return Names(tuple(names), start, end) if names else None
    if start is not None and text.flat.startswith(('"', "“"), start):
        start += 1
    if start is None or NO_VALUE.fullmatch(text.flat, start, _line_end(text, start, stop)):  # "N/A"
        return None
    found = read_names(text, start, stop)
    if found and (more := _OTHERS.match(text.flat, found.end, stop)):
        others = read_names(text, more.end(), stop)
        found = Names((*found.names, *others.names), found.start, others.end) if others else found
    return found


def _dashed(text: Text, start: int, stop: int) -> Names | None:
    """` — A. Smith, B. Jones et al. (2017)`"""
    match = DASHED_NAMES.match(text.plain, start, stop)
    if not match:
        return None
    raw = text.raw[match.start("names") : match.end("names")]
    raw = ET_AL.sub("", raw) if any(sign in raw for sign in ET_AL_SIGNS) else raw
    names = [HONORIFIC.sub("", name) for name in NAME_SEPARATOR.split(raw) if name]
    if any(map(INITIALS.fullmatch, names)):  # "Papyan, V., & Donoho, D. L."
        names = [*read_names(text, match.start("names"), stop).names]
    words = [word for name in names for word in name.split()]
    if any(NOT_NAME.match(name) or name.count(" ") > 6 or MARKED.search(name) for name in names):
        return None
    if any(word[0].isdigit() for word in words):  # "…, which covers drift in Chapters 15 and 16. Bell (1995)"
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
    wrote = WROTE.match(text.plain, found.end, stop)
    if wrote and (is_familiar(found.names[0]) or wrote[0][0] == " "):
        return found
    by = begin > near + 1 and len(found.names) > 1
    if not by and not AFTER_NAMES.match(text.plain, found.end, stop):
        return None
    room = 14 if text.plain.startswith("*", found.end) else 8  # "*Ann Bell*     , 2016": a tag became spaces
    # "《…》最早于 2017 年": one Chinese word that nothing introduces is an adverb sooner than a name.
    dated = (led or not HAN_CHAR.match(text.plain, begin) or SURNAME.match(found.names[0])) and YEAR.search(
        text.plain, found.end, min(stop, found.end + room)
    )
    if not dated and " " in found.names[0]:
        dated = DATED.match(text.plain, found.end, stop)
    first = found.names[0]
    if len(found.names) == 1 and (VENUE_WORD.search(first) or ACRONYM.fullmatch(first)):
        return None
    # "《…》，张三，发表于", "“…”, J. Lankeit, Comm. PDE (2015)"
    lone = text.plain.startswith((",", " /", " |", " ·", "→"), found.end) and (
        SURNAME.match(first)
        or ". " in first
        or (not inline and " " in first and VENUE_FOLLOWS.match(text.plain, found.end))
        or (not inline and " " in first and text.plain.startswith((",\0", ", \0"), found.end))
    )
    # "Title (2017) — Ann Bell"
    dashed = text.plain.startswith(")", start - 1) and text.plain[start:begin].strip() in ("-", "–", "—")
    lone = lone or (dashed and " " in first and text.plain[found.end : found.end + 1] in ("", "\n"))
    lone = lone or (inline and " " in first and text.plain.startswith(("'s ", "’s "), found.end))  # "“…”, Ann Bell's"
    if text.plain.startswith("》(", start) and text.plain.startswith(")", found.end):
        lone = lone or SURNAME.match(first) or " " in first  # "《…》（Minh Le）"
    if not inline and text.plain.startswith("(", begin - 1) and _CLOSED.match(text.plain, found.end, stop):
        lone = lone or (" " in first and not NOUN.search(first))  # "Title (Ann Bell)"
    if QUOTE_BRACKET.match(text.plain, start) and text.plain.startswith(")", found.end):
        lone = lone or ". " in first  # "“…” (H. A. Kierstead)"
    return found if len(found.names) > 1 or dated or lone or begin > near + 1 else None


def _led(text: Text, title: Title, start: int, stop: int) -> Names | None:
    """` by A. Smith`, ` (Smith, 2017)`; but after names right before the title that is a venue."""
    found, before = _following(text, start, stop, led=True), title.before
    if not (found and before):
        return found
    between = text.plain[before.end : title.outer].strip(' 的*_“"《')
    if between not in {"", *ADJACENT} and (len(between) > 12 or SENTENCE_END.search(between)):
        return found
    return found if len(found.names) > 1 or found.et_al or _shares(found, before) else before


def _shares(one: Names, other: Names) -> bool:
    """Whether the family name of the first of `other` is among the words of the first of `one`."""
    return other.names[0].split()[-1] in one.names[0].split()


def _bracketed(text: Text, start: int, stop: int) -> Names | None:
    """`（2020 年，张三等）`, `(introduced FID; Heusel et al., 2017)`: not the first thing in brackets."""
    bracket = end_of(MARKS, text.plain, start, stop)
    if not text.plain.startswith("(", bracket):
        return None
    end = text.plain.find(")", bracket, min(stop, bracket + 200))
    for comma in CLAUSE_START.finditer(text.plain, bracket, end if end > 0 else bracket):
        found = read_names(text, comma.end(), end)
        if found and (found.et_al or len(found.names) > 1 or " " in found.names[0]):
            return None if VENUE.match(found.names[0]) else found
    return None


def _subject(text: Text, title: Title, head: int, stop: int) -> Names | None:
    """`In “…” (2017), Smith et al. show`, `the authors of “…” are Smith and Jones`"""
    if not PAPER_OF.search(text.plain, max(head, title.outer - 30), title.outer):
        return None
    after = SUBJECT.match(text.plain, title.end, stop)
    found = read_names(text, after.end(), stop) if after else None
    return found if found and (found.et_al or len(found.names) > 1) else None


def _beneath(text: Text, start: int, stop: int) -> Names | None:
    """`由张三等人撰写` in the lines under a title."""
    for by in BY.finditer(text.plain, start, min(stop, start + 300)):
        found = read_names(text, by.end(), stop)
        if found and (found.et_al or len(found.names) > 1):
            return found
    return None


def _by(text: Text, title: Title, line_end: int, stop: int) -> Names | None:
    """` is a survey by A. Smith`"""
    by = BY.search(text.plain, title.end, min(line_end, title.end + 120))
    return read_names(text, by.end(), stop) if by else None
