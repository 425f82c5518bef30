"""Blocks of raw rows to `Paper`s, by a table of column aliases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from ..errors import SourceError
from ..papers import Paper, arxiv_id_month, repair_arxiv_id
from . import fields
from .readable import readable
from .readers import Block, blocks, column_key

SAMPLE = Path(__file__).parent.parent / "data" / "sample.parquet"
DISTRACTORS = Path(__file__).parent.parent / "data" / "distractors.parquet"

# The first alias found in a record wins, so the order is the order of trust. `url` and `link` hold an id in the
# arXiv-derived sets on the Hugging Face hub that have no id column.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "arxiv_id", "paper_id", "entry_id", "url", "pdf_url", "link", "doi"),
    "title": ("title", "paper_title"),
    "authors": ("authors_parsed", "authors", "author_text", "author"),
    "abstract": ("abstract", "summary", "text", "description"),
    "categories": ("categories", "primary_category", "category", "label", "labels", "subjects"),
    "year": ("year",),
    "versions": ("versions",),
    # Never update_date: it moves with every revision.
    "published": ("published", "created", "published_date", "date"),
    "comments": ("comments", "comment"),
}
_NUMBERED = ("id", "arxiv_id", "paper_id")  # columns of ids alone, where a number can only be an id


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a block holds.

    Attributes:
        papers: in the order of the source, duplicates included.
        counts: `read`, `kept`, `dropped: <reason>` and `repaired: <what>`.
    """

    papers: list[Paper]
    counts: Counter[str]


def read_papers(
    sources: Sequence[str | Path],
    counts: Counter[str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Iterator[Paper]:
    """Stream the papers of sources, duplicates included.

    Args:
        sources: files, patterns, directories, addresses or data sets of the hub, as `readers.blocks` takes them.
        counts: receives the counts of `Parsed` as the stream is consumed.
        overrides: the column of a field, where it is none of `ALIASES`.

    Raises:
        SourceError: a source is missing, empty or malformed, or lacks a column that is needed.
    """
    for block in blocks(sources, wanted_columns(overrides)):
        parsed = parse(block, overrides)
        if counts is not None:
            counts.update(parsed.counts)
        yield from parsed.papers


def wanted_columns(overrides: Mapping[str, str] | None = None) -> frozenset[str]:
    """Keys of the columns that `parse` looks at.

    Raises:
        SourceError: `overrides` names an unknown field.
    """
    overrides = overrides or {}
    for field in overrides:
        if field not in ALIASES:
            raise SourceError("no such field", field=field, remedy=f"Fields: {', '.join(ALIASES)}.")
    return frozenset(column_key(name) for names in (*ALIASES.values(), overrides.values()) for name in names)


def parse(block: Block, overrides: Mapping[str, str] | None = None) -> Parsed:
    """The papers of a block. Pure: the same block gives the same papers in any process.

    Raises:
        SourceError: a row is malformed, or the rows at the start of a file lack a column that is needed.
    """
    overrides = overrides or {}
    papers: list[Paper] = []
    counts: Counter[str] = Counter()
    shapes: dict[tuple[str, ...], _Columns] = {}
    line, read = block.first, 0
    try:
        for line, names, record in _records(block):  # noqa: B007 (named if the record cannot be understood)
            read += 1
            columns = shapes.get(names)
            if columns is None:
                columns = shapes[names] = _columns(
                    names, range(len(names)) if type(record) is not dict else names, overrides
                )
            paper = _paper(record, columns, counts)
            if isinstance(paper, str):
                counts[f"dropped: {paper}"] += 1
            else:
                papers.append(paper)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise SourceError(
            f"this record cannot be understood: {error}", path=block.path, line=line, remedy="Mend or remove it."
        ) from error
    if block.opens:
        _check_columns(shapes, block, overrides)
    return Parsed(papers, counts + Counter(read=read, kept=len(papers)))


def _records(block: Block) -> Iterator[tuple[int, tuple[str, ...], Any]]:
    """(line, names of the columns, record: a dict, the cells in the order of the names, or None for a deleted one)."""
    if isinstance(block.payload, bytes):
        for line, text in enumerate(block.payload.split(b"\n"), block.first):
            if text and not text.isspace():
                record = _decoded(text, block.path, line)
                yield line, tuple(record), record
    elif isinstance(block.payload, list):
        for line, row in zip(block.lines, block.payload, strict=True):
            yield line, block.columns or tuple(_object(row, block.path, line) or ()), row
    else:
        names = tuple(block.payload.schema.names)
        cells = [column.to_pylist() for column in block.payload.columns]
        for line, values in enumerate(zip(*cells, strict=True), block.first):
            yield line, names, values


def _decoded(text: bytes, path: str, line: int) -> dict[str, Any]:
    try:
        record = orjson.loads(text)
    except ValueError:
        try:
            record = json.loads(text)  # takes what others write: NaN, half a surrogate pair
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"not valid JSON: {error}", path=path, line=line, remedy="Mend or remove this line."
            ) from error
    return cast(dict[str, Any], _object(record, path, line))


def _object(record: Any, path: str, line: int) -> Any:
    if not isinstance(record, dict | None):
        raise SourceError(
            f"expected an object with the fields of one paper, found {type(record).__name__}",
            path=path,
            line=line,
            remedy="Write one JSON object a paper.",
        )
    return record


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where records of one shape hold each field: keys of a dict or places in a list, the most trusted first."""

    id: tuple[Any, ...]
    title: tuple[Any, ...]
    authors: tuple[Any, ...]
    abstract: tuple[Any, ...]
    categories: tuple[Any, ...]
    year: tuple[Any, ...]
    versions: tuple[Any, ...]
    published: tuple[Any, ...]
    comments: tuple[Any, ...]
    numbered: tuple[Any, ...]


def _columns(names: Sequence[str], places: Sequence[Any], overrides: Mapping[str, str]) -> _Columns:
    """The places of `names` by field; an override is looked for as written before its key is."""
    found: dict[str, list[Any]] = {}
    for name, place in zip(names, places, strict=True):
        found.setdefault(column_key(str(name)), []).append(place)
    exact = dict(zip(names, places, strict=True))
    held = {
        field: tuple(place for alias in aliases for place in found.get(alias, ())) for field, aliases in ALIASES.items()
    }
    held["numbered"] = tuple(place for alias in _NUMBERED for place in found.get(alias, ()))
    for field, name in overrides.items():
        held[field] = (exact[name],) if name in exact else tuple(found.get(column_key(name), ()))
        if field == "id":
            held["numbered"] = held["id"]
    return _Columns(**held)


def _check_columns(shapes: Mapping[tuple[str, ...], _Columns], block: Block, overrides: Mapping[str, str]) -> None:
    """Say which column is missing, where no record has it."""
    if not shapes:
        return
    names = ", ".join(map(str, block.columns or dict.fromkeys(name for shape in shapes for name in shape))) or "none"
    for field, name in overrides.items():
        if not any(getattr(columns, field) for columns in shapes.values()):
            raise SourceError(
                f"no column {name!r}; columns found: {names}", path=block.path, field=field, remedy="Name one of these."
            )
    dated = any(columns.year or columns.versions or columns.published for columns in shapes.values())
    for field in ("title", *(() if dated else ("id",))):
        if not any(getattr(columns, field) for columns in shapes.values()):
            raise SourceError(
                f"no such column; columns found: {names}",
                path=block.path,
                field=field,
                remedy=f"Rename the column that holds it to '{field}', or to one of: {', '.join(ALIASES[field][1:])}; "
                f"or name it with --map {field}=COLUMN.",
            )


def _paper(record: Any, columns: _Columns, counts: Counter[str]) -> Paper | str:
    """The record as a `Paper`, or the reason why it is dropped."""
    if record is None:
        return "deleted"
    source_title = fields.text(_first(record, columns.title))
    if not source_title:
        return "no title"
    title = readable(source_title) or source_title
    arxiv_id = _arxiv_id(record, columns, counts)
    published = _published(record, columns, arxiv_id)
    if not published:
        return "no id and no date"
    abstract = fields.text(_first(record, columns.abstract))
    return Paper(
        arxiv_id,
        title,
        fields.authors(_first(record, columns.authors)),
        abstract,
        fields.categories(_first(record, columns.categories)),
        published,
        fields.withdrawn(abstract, _first(record, columns.comments)),
        source_title if source_title != title else "",
    )


def _first(record: Any, places: tuple[Any, ...]) -> Any:
    for place in places:
        value = record[place]
        if value:
            return value
    return None


def _arxiv_id(record: Any, columns: _Columns, counts: Counter[str]) -> str:
    for place in columns.id:
        value = record[place]
        if value and (found := fields.arxiv_id(value)):
            return found
    for place in columns.numbered:
        found = repair_arxiv_id(str(record[place]).strip())
        if found:
            counts["repaired: id stored as a number"] += 1
            return found
    return ""


def _published(record: Any, columns: _Columns, arxiv_id: str) -> str:
    """Date of the first version: of the first version listed, else the date given, else what the id tells.

    A year stated by the source outweighs them; of these the first that lies in it is taken for its month and day.
    """
    month = arxiv_id_month(arxiv_id) if arxiv_id else ""
    date = fields.date(_first(record, columns.versions)) or fields.date(_first(record, columns.published)) or month
    year = fields.year(_first(record, columns.year)) if columns.year else ""
    if not year or date.startswith(year):
        return date
    return month if month.startswith(year) else year
