"""An answer made ready for reading citations: its ids and labels, and the units it falls into.

A unit is a list item with the lines that belong to it, or a line of prose.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from .citation_patterns import CJK, COLON_AFTER_WORD, FIELD, LABEL_AT_END
from .papers import parse_arxiv_id

# Full-width punctuation to its half-width form: the same length, so that offsets stay those of the answer.
_FLAT = str.maketrans("（）：，；．［］＊\u3000\u00a0\t\r", "():,;.[]*    ")
_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_URL = re.compile(rf"(?:https?://|www\.)[^\s()\[\]<>\"'{CJK}，。；、《》“”]{{3,300}}")

# An id is found by its digits, "2201.01234v2" or "/9901001", then told apart by what stands before: a search from the
# prefix would try every letter.
_ID_DIGITS = re.compile(r"(?<![\d.])\d{1,6}\.\d{1,8}(?![\d.]\d|\d)(?:v\d{1,3})?|/\d{7}(?!\d)(?:v\d{1,3})?")
# [arXiv:, https://arxiv.org/abs/, https://huggingface.co/papers/, 10.48550/arXiv., arXiv编号是
_ID_PREFIX = re.compile(
    r"\[?(?:(?:https?://)?(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/|(?:hf\.co|huggingface\.co)/papers/)"
    r"|(?:https?://)?(?:(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
    r"|\barxiv[ ]?(?:preprint|id|编号|号)?[ ]?(?:是|为)?[:.#]?[ ]?(?:arxiv:)?)\Z",
    re.IGNORECASE,
)
# hep-th, math.AG: the archive of an old id.
_ARCHIVE = re.compile(r"(?<![\w.-])[a-z-]{2,9}(?:\.[A-Z]{2})?\Z", re.IGNORECASE)
# "$2201.01234", "v2201.01234": part of something else.
_JOINED = re.compile(r"[\w./$-]\Z", re.ASCII)
_LONG_ID = re.compile(r"\d{4}\.\d{5}(?:v|\Z)")
# .pdf, ](https://arxiv.org/abs/2201.01234)
_ID_SUFFIX = re.compile(r"(?:\.pdf)?\]?(?:\((?:https?://)?(?:www\.)?arxiv\.org/[^\s()]{0,60}\)?)?", re.IGNORECASE)
# A year, an id, or a word that leads to authors.
_HINT = re.compile(r"\d{4}|\0+|\bby |et al|[等由]|作者|author")

_LINE = re.compile(r"[^\n]+")
# "## ", "1. ", "(1) ", "[1] ", "- ", "①", "一、", "Paper 1: "; a number needs no space after it, a hyphen does.
_MARKER = re.compile(
    r"(?:#{1,6}[ ]{1,4})?(?:(?=\*\*\d{1,2}[.)])|(?:\d{1,3}[.)、]|\(\d{1,3}\)|\[\d{1,3}\]|[-*+•·‣–]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,2}、|(?:Paper|论文)[ ]?\d{1,2}[ ]?[:.])"
    r"(?:[ ]{1,8}|(?<![-*+–])(?=[^\W\d]|[*\"“《「\[])))"
    r"|#{1,6}[ ]{1,4}",
    re.IGNORECASE,
)
_BULLETS = "-*+•·‣–"
_START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Id:
    """An arXiv id in the text, with its prefix and link; `value` is canonical where it parses, else as written."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label such as `Year:` in the text; `value` is where what it labels begins."""

    kind: str
    start: int
    value: int


@dataclass(frozen=True, slots=True)
class Text:
    """An answer in three forms of equal length, so that an offset holds in each, and what was found in it.

    Attributes:
        raw: the answer.
        flat: with half-width punctuation and without thoughts.
        plain: `flat` with every character of an id or a URL a NUL.
        hints: where a year, an id, or a word that leads to authors starts.
        stop: the end of the answer but for white space.
    """

    raw: str
    flat: str
    plain: str
    ids: list[Id]
    labels: list[Label]
    hints: list[int]
    stop: int

    def hinted(self, start: int, stop: int) -> bool:
        """Whether a hint starts in `start:stop`."""
        at = bisect_left(self.hints, start)
        return at < len(self.hints) and self.hints[at] < stop

    def label(self, kind: str, start: int, stop: int) -> int | None:
        """Where the value of the first label of `kind` that starts in `start:stop` begins; a few labels are tried."""
        at = bisect_left(self.labels, start, key=_START)
        for label in self.labels[at : at + 8]:
            if label.kind == kind and label.start < stop:
                return label.value
        return None

    def label_start(self, start: int, stop: int) -> int:
        """Where the first label at or after `start` starts, at most `stop`."""
        at = bisect_left(self.labels, start, key=_START)
        return min(stop, self.labels[at].start) if at < len(self.labels) else stop

    def id_near(self, start: int, stop: int, since: int) -> Id | None:
        """The first id that starts in `start:stop`, else one that starts at or after `since` and ends near `start`."""
        at = bisect_left(self.ids, start, key=_START)
        if at < len(self.ids) and self.ids[at].start < stop:
            return self.ids[at]
        if at and since <= self.ids[at - 1].start and start - self.ids[at - 1].end < 10:
            return self.ids[at - 1]
        return None


@dataclass(slots=True)
class Unit:
    """A list item with its lines, or a line of prose.

    Attributes:
        item: it has a marker, such as `1.` or `##`.
        listed: it stands in a list of papers.
        fields: the labels at the start of its lines, as (kind, where the value begins, end of the line).
    """

    start: int
    line_end: int
    end: int
    indent: int
    item: bool
    listed: bool = False
    fields: list[tuple[str, int, int]] = field(default_factory=list)


def read(answer: str) -> Text:
    """The answer with its ids and labels found."""
    flat = blank_thoughts(answer).translate(_FLAT)
    ids = list(_ids(flat))
    plain = _blank(_URL.sub(lambda match: "\0" * len(match[0]), flat), ids)
    hints = [hint.start() for hint in _HINT.finditer(plain)]
    return Text(answer, flat, plain, ids, list(_labels(flat)), hints, len(flat.rstrip()))


def blank_thoughts(answer: str) -> str:
    """The answer with spaces for what a reasoning model thinks aloud in `<think>`."""

    def blank(match: re.Match[str]) -> str:
        return " " * (len(match[0]) - 1) + "\n"

    flat = _THINK.sub(blank, answer)
    # Chat templates may open the block in the prompt, so that the answer only closes it.
    _, close, rest = flat.partition("</think>")
    return " " * (len(flat) - len(rest) - 1) + "\n" + rest if close else flat


def _ids(flat: str) -> Iterator[Id]:
    end = 0
    for match in _ID_DIGITS.finditer(flat):
        if match.start() < end:
            continue
        begin = max(end, match.start() - 70)
        before = flat[begin : match.start()]
        value = match[0]
        if value.startswith("/"):
            if not (archive := _ARCHIVE.search(before)):
                continue
            value = archive[0] + value
            before = before[: archive.start()]
        prefix = _ID_PREFIX.search(before)
        canonical = parse_arxiv_id(value)
        # A bare number is an id only if it could be one: 4 + 5 digits is no usual decimal, 4 + 4 is.
        if prefix or ((canonical or _LONG_ID.match(value)) and not _JOINED.search(before)):
            start = begin + (prefix.start() if prefix else len(before))
            end = end_of(_ID_SUFFIX, flat, match.end(), len(flat))
            yield Id(start, end, canonical or value)


def _labels(flat: str) -> Iterator[Label]:
    for colon in COLON_AFTER_WORD.finditer(flat):
        begin = max(0, colon.start() - 24)
        if label := LABEL_AT_END.search(flat[begin : colon.start()]):
            yield Label(label.lastgroup or "", begin + label.start(), colon.end())


def _blank(flat: str, ids: list[Id]) -> str:
    parts, at = [], 0
    for found in ids:
        parts += [flat[at : found.start], "\0" * (found.end - found.start)]
        at = found.end
    return "".join([*parts, flat[at:]])


def end_of(pattern: re.Pattern[str], string: str, start: int, stop: int) -> int:
    """Where the match of `pattern` at `start` ends; `start` if there is none."""
    match = pattern.match(string, start, stop)
    return match.end() if match else start


def units(flat: str, start: int, stop: int, nested: bool = False) -> Iterator[Unit]:
    """The units in `start:stop`, in order; with `nested` every line is one."""
    unit: Unit | None = None
    gap = False
    for line in _LINE.finditer(flat, start, stop):
        body = line.end() - len(line[0].lstrip(" >"))
        if body == line.end():
            gap = True
            continue
        indent = body - line.start()
        marker = _MARKER.match(flat, body, line.end())
        begin = marker.end() if marker else body
        label = FIELD.match(flat, begin, line.end())
        kind = label.lastgroup if label else None
        numbered = marker is not None and flat[body] not in _BULLETS
        # A marker or a blank line ends an item, unless the line is indented under it.
        beside = (marker is not None or gap) and unit is not None and indent <= unit.indent
        if unit is None or nested or not _belongs(unit, kind, numbered, beside):
            if unit is not None:
                yield unit
            unit = Unit(begin, line.end(), line.end(), indent, marker is not None)
        unit.end = line.end()
        if label and kind:
            unit.fields.append((kind, label.end(), line.end()))
        gap = False
    if unit is not None:
        yield unit


def _belongs(unit: Unit, kind: str | None, numbered: bool, beside: bool) -> bool:
    """Whether a line, with a label of `kind` at its start, belongs to the unit before it."""
    if kind == "title":
        return unit.item and not numbered and all(name != "title" for name, *_ in unit.fields)
    if kind and not numbered:
        return True
    return unit.item and not beside
