"""Citations in tables, Markdown's and (see `markup`) HTML's: one a row, columns named by the first row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from .patterns import HAN_CHAR, YEAR
from .record import Citation, author_list, kind_of
from .text import Text

Cell = tuple[int, int]
Reader = Callable[[int, int, bool], list[Citation]]
# Lines that each begin with a pipe, or follow a rule "---|---".
_BLOCK = re.compile(r"(?:^[ >]{0,12}\|[^\n]*\n?(?:[ ]*\n(?=[ ]{0,12}\|))?)+", re.MULTILINE)
_LOOSE = re.compile(
    r"^(?P<head>[^\n|]{1,200}\|[^\n]{1,500})\n[ ]{0,8}:?-{2,60}:?[ ]{0,8}(?:\|[ ]{0,8}:?-{2,60}:?[ ]{0,8}){1,20}\|?[ ]*"
    r"(?:\n[^\n|]+\|[^\n]*)+",
    re.MULTILINE,
)
_LINE = re.compile(r"[^\n]+")
# "Key paper", 代表论文, but not "Number of papers"
_LAST_WORD = re.compile(
    r"(?<!of )(?<![A-Za-z])(?:paper|title|article|authors?)\Z|(?:论文|文献|标题|题目|题名|作者)\Z|推荐阅读\Z",
    re.IGNORECASE,
)
# A column of whole references.
_REFERENCE = re.compile(r"[ *_]*(?:key )?(?:references?|citations?|参考文献|出处|引文)[ *_]*$", re.IGNORECASE)
# "NeurIPS 2015", "arXiv (2026)"
_VENUE_YEAR = re.compile(rf"[^\W\d_][^\n]{{1,40}}?[ ,(’'‘]{{1,2}}{YEAR.pattern}[)年]{{0,2}}")
# "Ann Bell / 2020", "Ann Bell (2020)"
_YEAR_TAIL = re.compile(r"[ /,(]*(?:19|20)\d\d[ )年]*\Z")
# "Title (Ann Bell, 2020)"
_SIGNED = re.compile(r"[^\W\d_a-z][^|\n]{8,200}\([^()|\n]{2,80}[, ](?:19|20)\d\d\)[ *_]*\Z")
_FEW = 20  # rows that show whether it is a table of papers
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
    lines = (line for line in _LINE.finditer(text.flat, start, end) if not _RULE.fullmatch(line[0]))
    rows = [_cells(text.flat, line.start(), line.end()) for line in islice(lines, _FEW)]
    heads = rows[0] if rows else []
    kinds = [_kind(text, cell) for cell in heads]
    if rows and "\0" in text.plain[rows[0][0][0] : rows[0][-1][1]]:  # no heads
        kinds, rows = [None] * len(kinds), [rows[0], *rows]
    if (
        len(heads) > 2
        and not text.flat[slice(*heads[0])].strip()
        and all(_is_signed(text, cell) for cell in _filled(text, [heads]))
    ):
        return _each(text, _filled(text, [heads]), read)
    if not any(kinds) and "title" not in (_kind(text, row[0]) for row in rows) and not _have_ids(text, rows):
        if not all(_is_signed(text, cell) for cell in _filled(text, rows[1:])):
            return []
        rows += [_cells(text.flat, line.start(), line.end()) for line in lines]
        return _each(text, _filled(text, rows[1:]), read)
    rows += [_cells(text.flat, line.start(), line.end()) for line in lines]
    if not {"title", "name"} & set(kinds):
        kinds = _references(text, heads, kinds)
    if not {"title", "name"} & set(kinds):
        firsts = [_kind(text, row[0]) if row else None for row in rows]
        if "title" not in firsts:
            firsts = _references(text, [row[0] if row else None for row in rows], firsts)
        if "title" in firsts:  # a paper a column
            return _columns(text, rows, firsts, read)
        kinds = _untitled(text, rows, kinds)
    if "title" not in kinds and ({"authors", "year", "link"} & set(kinds) or _are_wordy(text, rows, kinds)):
        kinds = ["title" if kind == "name" else kind for kind in kinds]
    if "title" not in kinds:
        return []
    return [citation for row in rows[1:] if not text.spent and (citation := _row(text, row, kinds, read))]


def _references(text: Text, cells: Sequence[Cell | None], kinds: list[str | None]) -> list[str | None]:
    """`kinds` with the title where a cell of `cells` names whole references."""
    return [
        "title" if cell and _REFERENCE.match(text.flat, *cell) else kind
        for cell, kind in zip(cells, kinds, strict=True)
    ]


def _filled(text: Text, rows: list[list[Cell]]) -> list[Cell]:
    return [cell for row in rows for cell in row if text.flat[slice(*cell)].strip()]


def _is_signed(text: Text, cell: Cell) -> bool:
    return _SIGNED.search(text.flat, max(cell[0], cell[1] - 300), cell[1]) is not None


def _each(text: Text, cells: list[Cell], read: Reader) -> list[Citation]:
    """Papers side by side: one a cell."""
    return [one for cell in cells for one in read(*_trimmed(text, *cell), False)[:1]]


def _kind(text: Text, cell: Cell) -> str | None:
    """What a head names: all of it, or its last words, `Key paper`, 代表论文, `Paper 标题`."""
    head = text.flat[slice(*cell)].strip(" *_")
    kind = kind_of(head) or kind_of(head.partition("/")[0])  # "作者 / 年份"
    if kind is None and len(head) < 30 and (last := _LAST_WORD.search(head)):
        kind = kind_of(last[0])
    return kind if kind in ("title", "authors") or kind_of(head) else None


def _have_ids(text: Text, rows: list[list[Cell]]) -> bool:
    return len(rows) > 1 and "\0" in text.plain[rows[1][0][0] : rows[1][-1][1]]


def _are_wordy(text: Text, rows: list[list[Cell]], kinds: list[str | None]) -> bool:
    """Whether what is named in a table are titles, and no tools: three words or six Chinese characters on average."""
    if "name" not in kinds:
        return False
    at = kinds.index("name")
    names = [text.flat[slice(*row[at])].strip(" *_") for row in rows[1:] if at < len(row)]
    return sum(len(name.split()) + len(HAN_CHAR.findall(name)) // 2 for name in names) >= 3 * len(names)


def _untitled(text: Text, rows: list[list[Cell]], kinds: list[str | None]) -> list[str | None]:
    """The kinds of the columns if no head names the title: ids stand beside words that could be titles."""
    if len(rows) < 3 or not _have_ids(text, rows):
        return kinds
    words = [
        sum(len(text.flat[slice(*row[at])].split()) for row in rows[1:] if at < len(row)) for at in range(len(kinds))
    ]
    longest = max(range(len(kinds)), key=words.__getitem__)
    if words[longest] < 4 * (len(rows) - 1):
        return kinds
    return ["title" if at == longest else kind for at, kind in enumerate(kinds)]


def _columns(text: Text, rows: list[list[Cell]], kinds: list[str | None], read: Reader) -> list[Citation]:
    """The citations of a table whose first column holds the heads: the cell of the title, and the year and id below."""
    found: list[Citation] = []
    title = rows[kinds.index("title")]
    for at, (first, last) in enumerate(title[1:], 1):
        first, last = _trimmed(text, first, last)
        if last - first < 2 or not (cited := read(first, last, True)):
            continue
        cells = {kind: row[at] for kind, row in zip(kinds, rows, strict=True) if kind and at < len(row)}
        year = YEAR.search(text.plain, *cells["year"]) if "year" in cells else None
        names = author_list(text.flat[slice(*cells["authors"])].strip()) if "authors" in cells else ()
        mark = text.id_near(*cells["link"], cells["link"][0]) if "link" in cells else None
        found.append(
            replace(
                cited[0],
                authors=tuple(names) or cited[0].authors,
                year=int(year["year"]) if year else cited[0].year,
                arxiv_id=mark.value if mark else cited[0].arxiv_id,
            )
        )
    return found


def _trimmed(text: Text, first: int, last: int) -> Cell:
    words = text.flat[first:last]
    return first + len(words) - len(words.lstrip()), last - len(words) + len(words.rstrip())


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


def _year_of_venue(text: Text, cells: list[Cell]) -> int | None:
    """The year that ends the only cell of `cells` in which one does: "NeurIPS 2015"."""
    years = {year["year"] for cell in cells if (year := _VENUE_YEAR.fullmatch(text.plain[slice(*cell)].strip(" *_")))}
    return int(years.pop()) if len(years) == 1 else None


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
        said = _MARKS.sub("", text.flat[slice(*columns["authors"])])
        year_there = YEAR.search(said) if year is None else None
        said = _YEAR_TAIL.sub("", said)
        authors = tuple(author_list(said.strip())) or authors
        year = int(year_there["year"]) if year_there else year
    if "year" in columns and (stated := YEAR.search(text.plain, *columns["year"])):
        year = int(stated["year"])
    elif year is None:
        year = _year_of_venue(text, [cell for cell in cells if cell not in columns.values()])
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
