"""Reading any supported source of arXiv records into `Paper`s, by a table of column aliases."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, cast

from .errors import SourceError
from .papers import Paper, arxiv_id_month, fold_space, parse_arxiv_id, parse_authors

SAMPLE = Path(__file__).parent / "data" / "sample.parquet"
DISTRACTORS = Path(__file__).parent / "data" / "distractors.parquet"

# The first alias found in a record wins, so the order is the order of trust. `url` and `link` hold an id in the
# arXiv-derived sets on the Hugging Face hub that have no id column.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "arxiv_id", "paper_id", "entry_id", "url", "pdf_url", "link", "doi"),
    "title": ("title", "paper_title"),
    "authors": ("authors_parsed", "authors", "author_text", "author"),
    "abstract": ("abstract", "summary", "text"),
    "categories": ("categories", "primary_category", "category", "label"),
    "year": ("year",),
    "versions": ("versions",),
    # Never update_date: it moves with every revision.
    "published": ("published", "created", "published_date", "date"),
    "comments": ("comments", "comment"),
}
_WITHDRAWN = re.compile(r"\b(?:has been|is being|is|was) withdrawn\b|^\s*withdrawn\b", re.IGNORECASE)


def read_papers(sources: Sequence[str | Path], counts: Counter[str] | None = None) -> Iterator[Paper]:
    """Stream the papers of files (`.parquet`, `.jsonl`, `.json`, `.csv`, `.tsv`, also `.gz`) or directories of them.

    Args:
        sources: files or directories.
        counts: receives `read`, `kept` and `dropped: <reason>` as the stream is consumed.

    Raises:
        SourceError: a source is missing, empty or malformed, has no title or id column, or gives one id two titles.
    """
    counts = Counter() if counts is None else counts
    titles: dict[str, str] = {}
    for path in _files(sources):
        for line, record in _records(path):
            counts["read"] += 1
            paper = _paper(record, path, line)
            if isinstance(paper, str):
                counts[f"dropped: {paper}"] += 1
                continue
            known = titles.get(paper.id)
            if known is not None:
                if known.casefold() != paper.title.casefold():
                    raise SourceError(
                        f"{paper.id} stands for two titles, {known!r} and {paper.title!r}",
                        path=path,
                        line=line,
                        field="id",
                        remedy="Remove the wrong record, then run again.",
                    )
                counts["dropped: duplicate"] += 1
                continue
            titles[paper.id] = paper.title
            counts["kept"] += 1
            yield paper
    if not counts["read"]:
        raise SourceError(
            "no records found", path=", ".join(map(str, sources)), remedy="Name a file of arXiv records, one a row."
        )


def _files(sources: Sequence[str | Path]) -> Iterator[Path]:
    for source in map(Path, sources):
        if source.is_dir():
            found = sorted(p for p in source.iterdir() if _kind(p) in _READERS)
            if not found:
                raise SourceError(
                    "no file of a supported kind in this directory",
                    path=source,
                    remedy=f"Supported: {', '.join(sorted(_READERS))}, each also with .gz.",
                )
            yield from found
        elif source.exists():
            yield source
        else:
            raise SourceError("no such file or directory", path=source, remedy="Check the path.")


def _kind(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(1-based line or row, record) of one file; the columns are checked on the first record."""
    reader = _READERS.get(_kind(path))
    if reader is None:
        raise SourceError(
            "unknown kind of file",
            path=path,
            remedy=f"Supported: {', '.join(sorted(_READERS))}, each also with .gz.",
        )
    try:
        with cast(IO[bytes], gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            first = True
            for line, record in reader(file, path):
                if not isinstance(record, Mapping):
                    raise SourceError(
                        f"expected an object with the fields of one paper, found {type(record).__name__}",
                        path=path,
                        line=line,
                        remedy="Write one JSON object a paper.",
                    )
                if first:
                    _check_columns(record, path)
                    first = False
                yield line, record
            if first:
                raise SourceError("the file holds no records", path=path, remedy="Name a file with at least one row.")
    except (OSError, EOFError, ValueError, RecursionError, csv.Error, zlib.error) as error:
        raise SourceError(
            f"cannot be read as {_kind(path)[1:]}: {error}",
            path=path,
            remedy="Check that the file is complete, UTF-8 encoded and of the kind its name says.",
        ) from error


def _check_columns(record: Mapping[str, Any], path: Path) -> None:
    for field in ("title", "id"):
        if not any(alias in record for alias in ALIASES[field]):
            raise SourceError(
                f"no such column; columns found: {', '.join(map(str, record)) or 'none'}",
                path=path,
                field=field,
                remedy=f"Rename the column that holds it to '{field}', or to one of: {', '.join(ALIASES[field][1:])}.",
            )


def _read_jsonl(file: IO[bytes], path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise SourceError(
                    f"not valid JSON: {error}", path=path, line=number, remedy="Mend or remove this line."
                ) from error


def _read_json(file: IO[bytes], path: Path) -> Iterator[tuple[int, Any]]:
    data = file.read()
    try:
        rows = json.loads(data)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # JSON lines under a .json name, as the Kaggle snapshot has it
            yield from _read_jsonl(io.BytesIO(data), path)
            return
        raise SourceError(
            f"not valid JSON: {error.msg} at column {error.colno}", path=path, line=error.lineno, remedy="Mend it."
        ) from error
    yield from enumerate(rows if isinstance(rows, list) else [rows], 1)


def _read_csv(file: IO[bytes], path: Path) -> Iterator[tuple[int, Any]]:
    csv.field_size_limit(1 << 24)  # abstracts with author lists of collaborations pass the default of 128 KiB
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    reader = csv.DictReader(text, delimiter="\t" if _kind(path) == ".tsv" else ",")
    for row in reader:
        row.pop(None, None)  # cells beyond the header
        yield reader.line_num, row


def _read_parquet(file: IO[bytes], path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = {alias for aliases in ALIASES.values() for alias in aliases}
    number = 0
    try:
        table = pq.ParquetFile(io.BytesIO(file.read()) if path.suffix == ".gz" else file)
        names = table.schema_arrow.names
        columns = [name for name in names if name in wanted]
        for batch in table.iter_batches(batch_size=4096, columns=columns or names):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


_READERS = {
    ".parquet": _read_parquet,
    ".jsonl": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
}


def _paper(record: Mapping[str, Any], path: Path, line: int) -> Paper | str:
    """The record as a `Paper`, or the reason why it is dropped."""
    title = fold_space(_first(record, "title"))
    if not title:
        return "no title"
    given_ids = [str(record[alias]) for alias in ALIASES["id"] if record.get(alias)]
    if not given_ids:
        return "no id"
    arxiv_id = next(filter(None, map(parse_arxiv_id, given_ids)), None)
    if arxiv_id is None:
        return "no valid arXiv id"
    abstract = fold_space(_first(record, "abstract"))
    return Paper(
        id=arxiv_id,
        title=title,
        authors=parse_authors(_first(record, "authors")),
        abstract=abstract,
        categories=_categories(_first(record, "categories")),
        published=_published(record, arxiv_id),
        withdrawn=bool(_WITHDRAWN.search(abstract[:200]) or _WITHDRAWN.search(fold_space(_first(record, "comments")))),
    )


def _first(record: Mapping[str, Any], field: str) -> Any:
    return next((record[alias] for alias in ALIASES[field] if record.get(alias) not in (None, "", [])), None)


def _categories(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = (
        [str(part) for part in value] if isinstance(value, list | tuple) else re.split(r"[\s,;]+", fold_space(value))
    )
    return tuple(dict.fromkeys(part for part in parts if part))


_DATE = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def _published(record: Mapping[str, Any], arxiv_id: str) -> str:
    """Date of the first version: explicit year, then v1, then the date given, then the id; the finest that agrees."""
    from_id = arxiv_id_month(arxiv_id)
    year = str(record.get("year") or "").partition(".")[0].strip()
    if re.fullmatch(r"(?:19|20)\d\d", year):
        return from_id if from_id.startswith(year) else year
    versions = record.get("versions")
    if isinstance(versions, Sequence) and versions and isinstance(versions[0], Mapping) and versions[0].get("created"):
        try:
            created = parsedate_to_datetime(str(versions[0]["created"])).date().isoformat()
            if _DATE.match(created):
                return created
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    for alias in ALIASES["published"]:
        match = _DATE.match(str(record.get(alias) or ""))
        if match:
            return match[0]
    return from_id
