"""The units that an answer falls into: a list item with the lines that belong to it, or a line of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .patterns import FIELD, NAME, YEAR_DIGITS
from .title_patterns import FACTS_LINE, NAMES_LEAD, READ_LABEL
from .words import is_long, is_title_like

# A shorter line names nothing.
_LINE = re.compile(r"[^\n]{4,}")
# "## ", "1. ", "(1) ", "[1] ", "[A] ", "- ", "①", "一、", "Paper 1: "; a number needs no space after it, a hyphen does.
_MARKER = re.compile(
    r"(?:#{1,6}[ ]{1,4})?"
    r"(?:(?=\*\*(?:\(?\d{1,2}[.)、](?!\*\* )|[一二三四五六七八九十]{1,2}、(?![\u3400-\u9fff])|[①-⑳]))"
    r"|(?:\d{1,2}(?:\.\d{1,2}){1,2}\.?(?=[ ]{1,4}[^\W\d])|\d{1,3}[ ]?[.)、]|\d{1,2}[ ][-–—](?=[ ][^\W\d])"
    r"|\d{1,2},(?=[ ]?[^\W\d_])|(?-i:[a-h]|[ivx]{1,4})[.)](?=[ ])"
    r"|\((?:[ivx]{1,4}|[a-h]|[一二三四五六七八九十]{1,3})\)"
    r"|\*\*\(?\d{1,2}[.)]\*\*(?= )|——(?= )|#\d{1,2}(?:[ ]?[-–—:.)])?(?= )|\(\d{1,3}\)|\[(?:\^?\d{1,3}\^?"
    r"|(?-i:[A-Ha-h]))\]:?|[-*+•][ ]\[[ xX]\]"
    r"|[-*+•·‣–]|[①-⑳]"
    r"|第?[一二三四五六七八九十]{1,2}、|第[一二三四五六七八九十]{1,2},|[\u2160-\u217f][.、)]|[¹²³⁴-⁹]{1,2}(?=[ ])"
    r"|(?:(?:Paper|Article|Reference|Recommendation|论文|文献|文章|推荐)[ ]?#?(?:\d{1,2}"
    r"|[一二三四五六七八九十]{1,2})|第[一二三四五六七八九十]{1,2}篇)"
    r"(?:[ ]?[:.]|[ ][-–—]))"
    r"(?:[ ]{1,80}|(?<![-*+–])(?=[^\W\d]|[*\"“《「\[])|(?<=[)、.])(?=\d[A-Z][ a-z-])"
    r"|(?<=\+)(?=[^\W\d_])|(?<=[-–])(?-i:(?=[A-Z][\w-]*[: ]|[\"“《「\u3400-\u9fff]))|(?<=[、)])(?=\(?(?:19|20)\d\d\D)))"
    r"|#{1,6}[ ]{1,4}",
    re.IGNORECASE,
)
# "Kipf TN, Welling M (2017) Title"
_REFERENCE = re.compile(rf"(?:[^\n()]{{3,300}}\({YEAR_DIGITS}[a-z]?\)[.:,]?|{NAMES_LEAD.pattern}) [^\W\d_a-z]")
_ID = re.compile(r"(?<!\d)\d{4}\.\d{4,5}(?!\d)")
_YEAR_FIRST = re.compile(YEAR_DIGITS)
# "一、理论基础", over items of another sort
_SECTION = re.compile(r"[一二三四五六七八九十]{1,2}、[\u3400-\u9fff]{2,16}[:：]?\n\s{0,8}(?:\d|[-*•(①])")
_PAPER_MARKER = re.compile(r"paper|论文|文献|篇", re.IGNORECASE)
# In a record of labelled lines, any other label.
_ANY_LABEL = re.compile(
    r"(?P<marks>[*_]{0,3})(?:[\u3400-\u9fff]{2,7}|[A-Z][A-Za-z]{2,14}(?: [A-Za-z]{2,14}){0,2})"
    r"(?:(?P=marks):|:(?P=marks))(?= ?[^\W\d])"
)
# "Theory: Title of a Paper (Bell, 2020)"
_SIGNED = re.compile(
    rf"(?P<title>[^()\n]{{12,250}}) \([^()\n]{{2,80}}[, ]{YEAR_DIGITS}[a-z]?\)[.。]?[ ]*$", re.MULTILINE
)
# "**Vaswani et al. (2017)**", over the title
_NAMES_LINE = re.compile(
    rf"[*_]{{0,3}}[^\W\d_a-z][^\n()\"“《–—]{{1,100}} ?\({YEAR_DIGITS}\)[*_]{{0,3}}[:.]?[ ]*$", re.MULTILINE
)
# "Ann Bell, Bo Li. 2021."
_BYLINE = re.compile(
    rf"(?:{NAME.pattern})(?:(?:, and |, | and | & )(?:{NAME.pattern})){{0,12}}[.,]? \(?{YEAR_DIGITS}\)?[.]?[ ]*$",
    re.MULTILINE,
)
# "Ann Bell, Bo Li", "arXiv:2101.00001 (2021)"
_NAMES = re.compile(
    rf"(?P<mark>[*_]?)(?:{NAME.pattern})(?:(?:, and |, | and | & |、)(?:{NAME.pattern})){{1,12}}"
    rf"(?:,? et al\.?|[ ]?等)?[.]?(?P=mark)[ ]*|[*_](?:{NAME.pattern})[*_][ ]*"
)
_ID_LINE = re.compile(r"\[?(?:arXiv|https?://|DOI)", re.IGNORECASE)
_ID_ONLY = re.compile(r"[*_]{0,3}\[?(?:arXiv|https?://|DOI)[^\n]{4,80}$", re.IGNORECASE | re.MULTILINE)
_BULLETS = "-*+•·‣–"

# A line of nothing else, left between records, says nothing.
_IDLE = ' >,;…{}[]()"'


@dataclass(slots=True)
class Unit:
    """A list item with its lines, or a line of prose.

    Attributes:
        item: it has a marker, such as `1.` or `##`.
        listed: it stands in a list of papers.
        heading: it is a heading (`#`).
        numbered: its marker is no bullet: bullets right under it tell of it.
        paper: its marker says that it is one (`Paper 1: `).
        cell: it is a cell of a table of papers.
        names_first: authors stand before the titles of its list.
        sure: the others of its list are papers.
        before: authors were found before its title.
        signed: names and a year, in marks of their own, lead it.
        plain: its title stands in no marks.
        nested: how many items without label it holds, those within them aside; they are indented by `nested_indent`.
        read: a label says that it is to be read (`Read: `).
        body: where the title may begin, after a year or an id that leads the item.
        fields: the labels at the start of its lines, as (kind, where the value begins, end of the line).
        field_indent: how far the first of them is indented.
    """

    start: int
    line_end: int
    end: int
    indent: int
    item: bool
    listed: bool = False
    fields: list[tuple[str, int, int]] = field(default_factory=list)
    field_indent: int = 0
    body: int = -1
    heading: bool = False
    numbered: bool = False
    paper: bool = False
    read: bool = False
    cell: bool = False
    names_first: bool = False
    sure: bool = False
    before: bool = False
    plain: bool = False
    signed: bool = False
    nested: int = 0
    nested_indent: int = 99

    def __post_init__(self) -> None:
        self.body = max(self.body, self.start)

    def has(self, kind: str) -> bool:
        """Whether one of its lines begins with a label of `kind`."""
        return any(name == kind for name, *_ in self.fields)

    def as_paper(self, names_first: bool) -> Unit:
        """The unit to be read again as an item of a list of papers."""
        again = Unit(self.start, self.line_end, self.end, self.indent, True, True, self.fields, heading=self.heading)
        again.names_first, again.sure, again.nested = names_first, True, self.nested
        return again


def units(flat: str, start: int, stop: int, nested: bool = False) -> Iterator[Unit]:
    """The units in `start:stop`, in order; with `nested` every line is one."""
    unit: Unit | None = None
    gap, last = False, start
    for line in _LINE.finditer(flat, start, stop):
        gap |= line.start() > last + 1
        last = line.end()
        body = line.end() - len(line[0].lstrip(" >、→"))
        if body == line.end() or not line[0].strip(_IDLE):
            gap = True
            continue
        indent = body - line.start()
        marker = _MARKER.match(flat, body, line.end())
        begin = marker.end() if marker else body
        label = FIELD.match(flat, begin, line.end())
        kind = label.lastgroup if label else None
        if kind is None and unit is not None and unit.fields and (label := _ANY_LABEL.match(flat, begin, line.end())):
            kind = None if marker and indent < unit.field_indent else "aside"
        if kind is None and marker and unit is not None and unit.fields and _ID_ONLY.match(flat, begin, line.end()):
            kind = "other"
        if label and kind in ("aside", "other") and _cites(flat, begin, label.end(), line.end()):
            kind = None
        bullet = marker is not None and flat[body] in _BULLETS and not flat.startswith("**", body)
        numbered = marker is not None and not bullet
        # A marker or a blank line ends an item, unless the line is indented under it.
        beside = unit is not None and (indent < unit.indent or ((marker is not None or gap) and indent == unit.indent))
        beside &= not (bullet and not gap and unit is not None and unit.numbered and indent == unit.indent)
        under = not gap and marker is None and not kind and _is_told_of(flat, unit, body, line.end())
        under |= kind == "title" and not gap and marker is None and _is_id_line(flat, unit)
        under |= marker is None and not kind and _is_signed(flat, unit, body, line.end())
        under |= not gap and marker is None and flat[begin] in '*_"“《' and _is_names_line(flat, unit)
        if unit is None or nested or not (under or _belongs(unit, kind, numbered, beside)):
            if unit is not None:
                yield unit
            unit = Unit(begin, line.end(), line.end(), indent, marker is not None)
            unit.heading = marker is not None and (marker[0].startswith("#") or _SECTION.match(flat, body) is not None)
            unit.numbered = numbered and not unit.heading
            unit.paper = marker is not None and _PAPER_MARKER.search(marker[0]) is not None
        unit.end = line.end()
        if begin != unit.start and marker is not None and not kind:
            unit.nested = 1 if indent < unit.nested_indent else unit.nested + (indent == unit.nested_indent)
            unit.nested_indent = min(indent, unit.nested_indent)
        if label and kind:
            unit.field_indent = unit.field_indent if unit.fields else indent
            unit.fields.append((kind, label.end(), line.end()))
        gap = False
    if unit is not None:
        yield unit


def _cites(flat: str, start: int, value: int, end: int) -> bool:
    """Whether a line with a label cites a paper of its own, and tells nothing of the one above it."""
    if READ_LABEL.match(flat, start, end):
        return _ID_LINE.match(flat, value, end) is None
    signed = _SIGNED.match(flat, value, end)
    return signed is not None and is_title_like(signed["title"]) and is_long(signed["title"])


def _belongs(unit: Unit, kind: str | None, numbered: bool, beside: bool) -> bool:
    """Whether a line, with a label of `kind` at its start, belongs to the unit before it."""
    if kind == "title":
        return bool(unit.item or (unit.fields and not beside)) and not numbered and not unit.has(kind)
    if kind == "authors" and beside and unit.has(kind):
        return False  # "- 作者：张三；题目：…", one after another
    if kind and not numbered:
        return True
    return unit.item and not beside


def _is_told_of(flat: str, unit: Unit | None, start: int, end: int) -> bool:
    """Whether a line without marker and label tells of the title that the unit above it is."""
    if unit is None or unit.item or unit.line_end - unit.start > 250 or end - unit.start > 1500:
        return False
    closed = unit.line_end - unit.start < 8 or flat[unit.line_end - 1] in ".。:;,!"
    if not unit.fields and closed and not (flat[unit.line_end - 1] == "." and _BYLINE.match(flat, start, end)):
        return False
    if _YEAR_FIRST.match(flat, start, end) and _YEAR_FIRST.match(flat, unit.start, unit.line_end):
        return False  # "2017 — Title" and "2018 — Title"
    if _ID.search(flat, start, end) and _ID.search(flat, unit.start, unit.line_end):
        return False
    if _REFERENCE.match(flat, start, end) and _REFERENCE.match(flat, unit.start, unit.line_end):
        return False
    if (
        flat.startswith("**", unit.start)
        and flat.startswith("**", start)
        and FACTS_LINE.match(flat, unit.start, unit.line_end)
    ):
        return False  # "**Ann Bell et al.** – Title (2017)", twice
    return any(shape.match(flat, start, end) for shape in (FACTS_LINE, _BYLINE))


def _is_signed(flat: str, unit: Unit | None, start: int, end: int) -> bool:
    """Whether `unit` is but a long title in bold, and the line is one of names or, after such, of an id."""
    if unit is None or unit.item or unit.fields or not flat.startswith("**", unit.start) or end - unit.start > 600:
        return False
    title = flat[unit.start : unit.line_end].strip("* ")
    if unit.line_end < unit.end:
        return _ID_LINE.match(flat, start, end) is not None
    return (
        flat.endswith("**", unit.start, unit.line_end)
        and is_long(title)
        and _NAMES.fullmatch(flat, start, end) is not None
    )


def _is_names_line(flat: str, unit: Unit | None) -> bool:
    """Whether `unit` is but names and a year, so that the title in marks on the next line is theirs."""
    if unit is None or unit.end > unit.line_end:
        return False
    return _NAMES_LINE.match(flat, unit.start, unit.line_end) is not None


def _is_id_line(flat: str, unit: Unit | None) -> bool:
    """Whether `unit` is but an id or a link, so that the title on the next line is its title."""
    if unit is None or unit.fields or unit.end > unit.line_end or unit.end - unit.start > 60:
        return False
    return " " not in flat[unit.start : unit.end].strip() and FACTS_LINE.match(flat, unit.start, unit.end) is not None
