"""An answer made ready for reading citations: its ids, links and labels found."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from ..papers import parse_arxiv_id
from .linked import resolved
from .patterns import BEFORE_COLON, CJK, COLON, LABEL, LABEL_WORDS
from .record import ARXIV_DOI, DOI, Id, Link, doi_in
from .title_patterns import SCHOLARLY

_URL = re.compile(rf"(?:https?://|www\.)(?:[^\s()\[\]<>\"'{CJK}，。；、《》“”|]|\([^\s()]{{1,40}}\)(?=\w)){{3,400}}")
# Before a DOI: "doi:", "DOI: ", "https://doi.org/"
_DOI_PREFIX = re.compile(r"(?:https?://)?(?:(?:dx\.)?doi\.org/|\bdoi[ ]?[:.]?[ ]?(?:doi:)?)\Z", re.IGNORECASE)

# An id is found by its digits, "2201.01234v2" or "/9901001", then told apart by what stands before: a search from the
# prefix would try every letter.
_ID_DIGITS = re.compile(
    r"[\d/](?:(?<=\d)(?<!\d\d)(?<!\d\.\d)\d{0,5}\.\d{1,8}(?![\d.]\d|\d)|(?<=/)\d{7}(?!\d))(?:v\d{1,3})?"
)
# [arXiv:, https://arxiv.org/abs/, https://huggingface.co/papers/, 10.48550/arXiv., arXiv编号是
_ID_PREFIX = re.compile(
    r"\[?(?:(?:https?://)?(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/|(?:hf\.co|huggingface\.co)/papers/)"
    r"|(?:https?://)?(?:(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
    r"|\barxiv[*_]{0,2}[,.]? abs/|\barxiv[ ]?(?:preprint|id|编号|号)?[ ]?(?:是|为)?[:.#]?[ ]?(?:arxiv:)?)\Z",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"[xX][iI][vV]|hf\.co|face\.co")
# hep-th, math.AG: the archive of an old id.
_ARCHIVE = re.compile(r"(?<![\w.-])[a-z-]{2,9}(?:\.[A-Z]{2})?\Z", re.IGNORECASE)
# "$2201.01234", "v2201.01234": part of something else.
_JOINED = re.compile(r"[\w./$-]\Z", re.ASCII)
_BARE_ID = re.compile(r"\d{4}\.\d{4}|[a-z]", re.IGNORECASE)
_LONG_ID = re.compile(r"\d{4}\.\d{5}(?:v|\Z)")
# .pdf, ](https://arxiv.org/abs/2201.01234)
_ID_SUFFIX = re.compile(r"(?:\.pdf)?\]?(?:\((?:https?://)?(?:www\.)?arxiv\.org/[^\s()]{0,60}\)?)?", re.IGNORECASE)
# A year, an id, or a word that leads to authors.
_HINT = re.compile(r"\d{4}|\0+|\bby |et al|[等由]|作者|author|\((?=[A-Z]\. )")

# What it costs to look at a title, at a line, at so many characters of it, and at something in marks; and how much an
# answer may cost. That is about 450 citations outside records and canonical lines: what goes on after them is an
# attack, and is read for ids only.
TITLE_COST, UNIT_COST, CANDIDATE_COST = 5, 6, 2
CHARACTERS, LONG_LINE = 15, 1000
MOST_COST = 15_000
_START = attrgetter("start")
_SPACE = re.compile("[ (]")  # "Title 作者:", "Title（作者："
_PUNCTUATION = ".,;:!?*_"
_ARXIV = re.compile(r"arxiv\.org|huggingface\.co/papers|hf\.co/papers|10\.48550/arxiv", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """A label such as `Year:` in the text; `value` is where what it labels begins."""

    kind: str
    start: int
    value: int


@dataclass
class Text:
    """An answer in three forms of equal length, so that an offset holds in each, and what was found in it.

    Attributes:
        raw: the answer.
        flat: as plain Markdown, see `markup`; what was read already is blank.
        plain: `flat` with every character of an id, a DOI or a URL a NUL.
        ids: the arXiv ids in order.
        links: the DOIs and other links in order.
        stop: the end of the answer but for white space.
        cost: of what was looked at so far; `spent` if what is left is not worth a look.
        cited: the titles cited so far, in lower case.
        known: what was read of a title, by the title and where it was read; a title is looked at more than once.
    """

    raw: str
    flat: str
    plain: str
    ids: list[Id]
    links: list[Link]
    stop: int
    cost: int = 0
    cited: set[str] = field(default_factory=set)
    known: dict[Any, Any] = field(default_factory=dict)

    @property
    def spent(self) -> bool:
        """Whether `MOST_COST` is reached."""
        return self.cost > MOST_COST

    @cached_property
    def hints(self) -> list[int]:
        """Where a year, an id, or a word that leads to authors starts."""
        return [hint.start() for hint in _HINT.finditer(self.plain)]

    @cached_property
    def labels(self) -> list[Label]:
        """The labels in order, up to so many as an answer can pay for."""
        return list(islice(_labels(self.flat), MOST_COST))

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
        """Where the first label at or after `start` starts, at most `stop`; "doi:" of a DOI is none."""
        at = bisect_left(self.labels, start, key=_START)
        while at < len(self.labels) and self.plain[self.labels[at].start] == "\0":
            at += 1
        return min(stop, self.labels[at].start) if at < len(self.labels) else stop

    def id_near(self, start: int, stop: int, since: int) -> Id | None:
        """The id that a link has just before `start`, the first that starts in `start:stop`, or one close before."""
        return _near(self.ids, self.flat, start, stop, since)

    def link_near(self, start: int, stop: int, since: int) -> Link | None:
        """The DOI or link so placed."""
        return _near(self.links, self.flat, start, stop, since)


Mark = TypeVar("Mark", Id, Link)


def _near(marks: list[Mark], flat: str, start: int, stop: int, since: int) -> Mark | None:
    at = bisect_left(marks, start, key=_START)
    before = marks[at - 1] if at and since <= marks[at - 1].start and start - marks[at - 1].end < 10 else None
    if before and before.end == start - 1 and flat[start : start + 1] in ("[", "*"):
        return before
    return marks[at] if at < len(marks) and marks[at].start < stop else before


def read(answer: str, flat: str, stop: int) -> Text:
    """The answer up to `stop`, with its `flat` form, and its ids and links found."""
    ids = list(_ids(flat))
    links = list(_links(flat))
    if "]: http" in flat or "]: <http" in flat:
        flat, ids, links = resolved(flat, ids, links)
    marks: list[Id | Link] = sorted([*ids, *links], key=_START) if links else [*ids]
    urls = _URL.sub(_nuls, flat) if "http" in flat or "www." in flat else flat
    return Text(answer, flat, _blank(urls, marks), ids, links, stop)


def _nuls(match: re.Match[str]) -> str:
    return "\0" * len(match[0].rstrip(_PUNCTUATION)) + match[0][len(match[0].rstrip(_PUNCTUATION)) :]


def _links(flat: str) -> Iterator[Link]:
    """DOIs and links, but those of arXiv, in order."""
    found: list[Link] = []
    if "http" in flat or "www." in flat:
        for match in _URL.finditer(flat):
            url = match[0].rstrip(_PUNCTUATION)
            if not _ARXIV.search(url):
                doi = doi_in(url)
                found.append(Link(match.start(), match.start() + len(url), doi, None if doi else url))
    if "10." in flat:
        for match in DOI.finditer(flat):
            if ARXIV_DOI.match(match[0]):
                continue
            doi = match[0].rstrip(_PUNCTUATION)
            begin = max(0, match.start() - 24)
            before = flat[begin : match.start()]
            prefix = _DOI_PREFIX.search(before) if "doi" in before.lower() else None
            start = begin + prefix.start() if prefix else match.start()
            found.append(Link(start, match.start() + len(doi), doi.lower(), None))
        found.sort(key=_START)
    end = 0
    for link in found:
        if link.start >= end:
            end = link.end
            yield link


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
        prefix = _ID_PREFIX.search(before) if _PREFIXED.search(before) else None
        canonical = parse_arxiv_id(value) if prefix or _BARE_ID.match(value) else None
        # A bare number is an id only if it could be one: 4 + 5 digits is no usual decimal, 4 + 4 is.
        if prefix or ((canonical or _LONG_ID.match(value)) and not _JOINED.search(before)):
            start = begin + (prefix.start() if prefix else len(before))
            end = end_of(_ID_SUFFIX, flat, match.end(), len(flat))
            yield Id(start, end, canonical or value)


def _labels(flat: str) -> Iterator[Label]:
    for colon in COLON.finditer(flat):
        end = colon.start()
        if not flat[end - 1 : end].isalpha():  # marks between, "**Year**:"
            marks = BEFORE_COLON.search(flat, max(0, end - 6), end)
            end = marks.start() if marks else 0
        if end and (found := _label(flat[max(0, end - 24) : end])):
            yield Label(found[0], end - found[1], colon.end())


@lru_cache(maxsize=4096)
def _label(before: str) -> tuple[str, int] | None:
    """The kind and the length of the label that ends `before`."""
    words = LABEL_WORDS.search(before)
    if words is None:
        return None
    starts = [words.start(), *(space.end() for space in _SPACE.finditer(before, words.start()))]
    for start in starts:
        if label := LABEL.match(before, start):
            return label.lastgroup or "", len(before) - start
    return None


def _blank(flat: str, marks: Sequence[Id | Link]) -> str:
    parts, at = [], 0
    for found in marks:
        if found.start < at:
            continue
        parts += [flat[at : found.start], "\0" * (found.end - found.start)]
        at = found.end
    return "".join([*parts, flat[at:]])


def end_of(pattern: re.Pattern[str], string: str, start: int, stop: int) -> int:
    """Where the match of `pattern` at `start` ends; `start` if there is none."""
    match = pattern.match(string, start, stop)
    return match.end() if match else start


def is_scholarly(link: Link) -> bool:
    """Whether `link` leads to a paper, by its looks."""
    return link.doi is not None or SCHOLARLY.search(link.url or "") is not None


def outside(marks: list[Mark], regions: Sequence[tuple[int, int]]) -> list[Mark]:
    """Those of `marks` that stand in none of `regions`, both in order."""
    starts = [start for start, _ in regions]
    at = (bisect_right(starts, mark.start) - 1 for mark in marks)
    return [mark for mark, place in zip(marks, at, strict=True) if place < 0 or mark.start >= regions[place][1]]


def blanked(flat: str, regions: Iterable[tuple[int, int]], items: Sequence[tuple[int, int]] = ()) -> str:
    """`flat` with `regions`, in order, as empty lines; `items` in them stay, each as an item of a list."""
    parts, at, item = [], 0, 0
    for start, end in regions:
        parts.append(flat[at:start])
        while item < len(items) and items[item][1] <= end:
            first, last = items[item]
            parts += ["\n•".rjust(first - start), flat[first:last]]
            start, item = last, item + 1
        parts.append("\n".rjust(end - start) if end > start else "")
        at = end
    return "".join([*parts, flat[at:]])
