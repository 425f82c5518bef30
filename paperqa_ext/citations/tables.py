"""Citations in tables, Markdown's and (see `markup`) HTML's: one a row, columns named by the first row."""

from __future__ import annotations

import re
from collections.abc import Callable

from .patterns import YEAR
from .record import Citation, author_list, kind_of
from .text import Text

Reader = Callable[[int, int, bool], list[Citation]]
# Lines that each begin with a pipe, or follow a rule "---|---".
_BLOCK = re.compile(r"(?:^[ >]{0,12}\|[^\n]*\n?(?:[ ]*\n(?=[ ]{0,12}\|))?)+", re.MULTILINE)
_LOOSE = re.compile(
    r"^(?P<head>[^\n|]{1,200}\|[^\n]{1,500})\n[ ]{0,8}:?-{2,60}:?[ ]{0,8}(?:\|[ ]{0,8}:?-{2,60}:?[ ]{0,8}){1,20}\|?[ ]*"
    r"(?:\n[^\n|]+\|[^\n]*)+",
    re.MULTILINE,
)
_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"[ |:>=-]+")
_MARKS = re.compile(r"[*_\"]+|\[|\]\([^()]*\)?")


def table_rows(text: Text, read: Reader) -> tuple[list[tuple[int, int]], list[Citation]]:
    """The tables of papers in `text`, as regions, and their citations, a row each at most.

    Args:
        text: the answer.
        read: the citations of the cell between two offsets; all of it is the title if the authors stand in another.
    """
    regions: list[tuple[int, int]] = []
    found: list[Citation] = []
    if "|" not in text.flat:
        return regions, found
    blocks = [*_BLOCK.finditer(text.flat, 0, text.stop)]
    if "\n" in text.flat and not blocks:
        blocks = [*_LOOSE.finditer(text.flat, 0, text.stop)]
    for block in blocks:
        if cited := _table(text, block.start(), block.end(), read):
            regions.append(block.span())
            found += cited
    return regions, found


def _table(text: Text, start: int, end: int, read: Reader) -> list[Citation]:
    kinds: list[str | None] = []
    found: list[Citation] = []
    for line in _LINE.finditer(text.flat, start, end):
        if _RULE.fullmatch(line[0]):
            continue
        cells = _cells(text.flat, line.start(), line.end())
        if not kinds:
            kinds = [kind_of(text.flat[first:last]) for first, last in cells]
            if not {"title", "name"} & set(kinds):
                return []
            if "title" not in kinds:
                kinds = ["title" if kind == "name" else kind for kind in kinds]
        elif citation := _row(text, cells, kinds, read):
            found.append(citation)
    return found


def _cells(flat: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the cells of a row stand; an empty one between two pipes counts."""
    cells: list[tuple[int, int]] = []
    at = start
    body = flat[start:end]
    at += len(body) - len(body.lstrip(" >"))
    if flat.startswith("|", at):
        at += 1
    while at < end and len(cells) < 30:
        pipe = flat.find("|", at, end)
        stop = pipe if pipe >= 0 else end
        cells.append((at, stop))
        at = stop + 1
    return cells


def _row(text: Text, cells: list[tuple[int, int]], kinds: list[str | None], read: Reader) -> Citation | None:
    """The citation of a row: its title's cell is read, its other cells tell the rest."""
    columns = {kind: cell for kind, cell in reversed([*zip(kinds, cells, strict=False)]) if kind}
    if "title" not in columns:
        return None
    first, last = columns["title"]
    first += len(text.flat[first:last]) - len(text.flat[first:last].lstrip())
    last = first + len(text.flat[first:last].rstrip())
    if last - first < 2 or not any(char.isalpha() for char in text.flat[first:last]):
        return None
    cited = read(first, last, "authors" in columns)
    if not cited or cited[0].title is None:
        return None
    title = cited[0]
    start, stop = cells[0][0], cells[min(len(cells), len(kinds)) - 1][1]
    start += len(text.flat[start:stop]) - len(text.flat[start:stop].lstrip())
    stop = start + len(text.flat[start:stop].rstrip())
    authors, year = title.authors, title.year
    if "authors" in columns:
        authors = tuple(author_list(_MARKS.sub("", text.flat[slice(*columns["authors"])]).strip())) or authors
    if "year" in columns and (stated := YEAR.search(text.plain, *columns["year"])):
        year = int(stated["year"])
    arxiv_id, link = text.id_near(start, stop, start), text.link_near(start, stop, start)
    cut = stop >= text.stop and not text.flat.startswith("|", stop) and len(cells) < len(kinds)
    return Citation(
        text=text.raw[start:stop],
        span=(start, stop),
        title=title.title,
        authors=authors,
        year=year,
        arxiv_id=arxiv_id.value if arxiv_id else None,
        truncated=cut or (title.truncated and last == text.stop),
        doi=link.doi if link else None,
        url=link.url if link else None,
    )
