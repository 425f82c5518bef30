"""Files of arXiv records to blocks of raw rows: streamed, in a fixed order, a few thousand records at a time."""

from __future__ import annotations

import codecs
import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

from ..errors import SourceError
from .hub import hub_batches, is_hub, is_saved
from .streams import Stream, streams
from .xml_records import xml_rows

_ROWS = 4096  # records a block
_BYTES = 1 << 22  # of JSON lines a block: about 2,500 records with abstract
_LONGEST = 1 << 26  # bytes of one record; what is longer is no record


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive raw records of one file; picklable.

    Attributes:
        path: the file, as shown in errors.
        first: 1-based line, row or entry of the first record.
        payload: whole JSON lines as bytes, a `pyarrow.RecordBatch`, or a list of rows: dicts, or lists of cells in the
            order of `columns`, or None for a record that the source marks as deleted.
        columns: all columns of the file, where it says so before its rows.
        lines: the line of every row, where rows are no lines.
        opens: it is the first of its file.
    """

    path: str
    first: int
    payload: Any
    columns: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    opens: bool = False


def column_key(name: str) -> str:
    """What is compared of a column's name.

    >>> column_key("arXiv ID")
    'arxiv_id'
    """
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def blocks(sources: Sequence[str | Path], wanted: Collection[str]) -> Iterator[Block]:
    """Stream the records of sources as blocks, in the order of the sources and sorted by name within each.

    Args:
        sources: what `streams.streams` or `hub.is_hub` takes.
        wanted: keys (`column_key`) of the columns to load, where columns can be chosen.

    Raises:
        SourceError: a source is missing, empty or malformed.
    """
    for source in map(str, sources):
        if is_hub(source) or is_saved(source):
            yield from _not_empty(_batches(hub_batches(source), source, wanted), source)
            continue
        for stream in streams(source):
            yield from _not_empty(_named_errors(stream, wanted), stream.name)


def _not_empty(found: Iterator[Block], name: str) -> Iterator[Block]:
    first = next(found, None)
    if first is None:
        raise SourceError("holds no records", path=name, remedy="Name a source with at least one record.")
    yield replace(first, opens=True)
    yield from found


def _named_errors(stream: Stream, wanted: Collection[str]) -> Iterator[Block]:
    try:
        if stream.kind == ".parquet":
            yield from _parquet(stream, wanted)
        else:
            yield from _READERS[stream.kind](stream)
    except SourceError:
        raise
    except Exception as error:  # decompressors, parsers and remote file systems raise dozens of kinds
        raise SourceError(
            f"cannot be read as {stream.kind[1:]}: {error or type(error).__name__}",
            path=stream.name,
            remedy="Check that the file is complete, UTF-8 encoded and of the kind its name says.",
        ) from error


def _json_lines(stream: Stream, start: bytes = b"") -> Iterator[Block]:
    rest, line = start, 1
    while True:
        data = stream.file.read(_BYTES)
        if line == 1 and not rest:
            data = data.removeprefix(codecs.BOM_UTF8)
        end = data.rfind(b"\n") + 1
        whole, rest = (rest + data[:end], data[end:]) if end else (b"", rest + data)
        if not data:
            whole, rest = rest, b""
        if whole.strip():
            yield Block(stream.name, line, whole)
        line += whole.count(b"\n")
        if not data:
            return
        if len(rest) > _LONGEST:
            raise SourceError(
                f"a line of more than {_LONGEST >> 20} MB",
                path=stream.name,
                line=line,
                remedy="Write one JSON object a line.",
            )


def _json(stream: Stream) -> Iterator[Block]:
    """An array, one object, or JSON lines, as the Kaggle snapshot has them."""
    start = stream.file.read(1 << 16).removeprefix(codecs.BOM_UTF8)
    if start.lstrip().startswith(b"["):
        yield from _lists(enumerate(_array(stream, start), 1), stream.name)
        return
    first = start.lstrip()
    while b"\n" not in first and len(first) < _LONGEST:
        data = stream.file.read(1 << 20)
        if not data:
            break
        first += data
    try:
        json.loads(first.partition(b"\n")[0])
    except ValueError:
        data = first + stream.file.read(_LONGEST)
        if data.strip():
            yield from _lists([(1, _decoded(data, stream.name))], stream.name)
        return
    yield from _json_lines(stream, start[: len(start) - len(start.lstrip())] + first)


def _decoded(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise _not_json(error, name, error.lineno) from error


def _not_json(error: json.JSONDecodeError, name: str, line: int) -> SourceError:
    return SourceError(f"not valid JSON: {error.msg} at column {error.colno}", path=name, line=line, remedy="Mend it.")


def _array(stream: Stream, start: bytes) -> Iterator[Any]:
    """The elements of a JSON array, decoded one by one from a buffer that grows only for a longer element."""
    decoder, utf8 = json.JSONDecoder(), codecs.getincrementaldecoder("utf-8")()
    text, line, more = utf8.decode(start), 1, 1 << 20
    place = _skip(text, text.index("[") + 1)
    while text[place : place + 1] != "]":
        try:
            value, end = decoder.raw_decode(text, place)
            end = _skip(text, end)
            if text[end : end + 1] not in (",", "]"):
                raise json.JSONDecodeError("Expecting ',' or ']'", text, end)
        except json.JSONDecodeError as error:
            data = stream.file.read(more) if len(text) - place < _LONGEST else b""
            if not data:
                raise _not_json(error, stream.name, line + error.lineno - 1) from error
            line += text.count("\n", 0, place)
            text, place, more = text[place:] + utf8.decode(data), 0, 2 * more
        else:
            yield value
            place, more = _skip(text, end + (text[end] == ",")), 1 << 20
    if (text[place + 1 :] + utf8.decode(stream.file.read(1 << 20), final=True)).strip():
        raise SourceError(
            "text after the end of the array", path=stream.name, remedy="Write one array a file, or one object a line."
        )


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _separated(stream: Stream) -> Iterator[Block]:
    csv.field_size_limit(1 << 24)  # abstracts with author lists of collaborations pass the default of 128 KiB
    text = io.TextIOWrapper(io.BufferedReader(cast(io.RawIOBase, stream.file)), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, delimiter="\t" if stream.kind == ".tsv" else ",", strict=True)
    try:
        columns = tuple(next(reader, ()))
        rows = ((reader.line_num, row) for row in reader if row)
        yield from _lists(((line, _padded(row, len(columns))) for line, row in rows), stream.name, columns)
    except csv.Error as error:
        raise SourceError(
            f"not valid {stream.kind[1:].upper()}: {error}",
            path=stream.name,
            line=reader.line_num,
            remedy='Write quotes within a quoted cell twice (""), and close every quoted cell.',
        ) from error


def _padded(row: list[str], length: int) -> list[str]:
    return row if len(row) == length else (row + [""] * length)[:length]


def _xml(stream: Stream) -> Iterator[Block]:
    yield from _lists(enumerate(xml_rows(stream.file, stream.name), 1), stream.name)


def _lists(rows: Iterable[tuple[int, Any]], name: str, columns: tuple[str, ...] = ()) -> Iterator[Block]:
    rows = iter(rows)
    while some := list(islice(rows, _ROWS)):
        lines, payload = zip(*some, strict=True)
        yield Block(name, lines[0], list(payload), columns, lines)


def _parquet(stream: Stream, wanted: Collection[str]) -> Iterator[Block]:
    import pyarrow.parquet as pq

    with tempfile.TemporaryFile() as copy:
        file = stream.file
        if stream.packed:  # parquet is read from its end
            shutil.copyfileobj(file, copy)
            file = copy
        # By pages: a row group, which may be the whole file, is not held at once.
        table = pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        names = table.schema_arrow.names
        chosen = [name for name in names if column_key(name) in wanted] or names
        yield from _batches(table.iter_batches(batch_size=_ROWS, columns=chosen), stream.name, wanted, names)


def _batches(
    found: Iterable[Any], name: str, wanted: Collection[str], columns: Sequence[str] | None = None
) -> Iterator[Block]:
    row = 1
    for batch in found:
        names = batch.schema.names
        chosen = [column for column in names if column_key(column) in wanted] or names
        if batch.num_rows:
            yield Block(name, row, batch.select(chosen), tuple(columns or names))
        row += batch.num_rows


_READERS: dict[str, Callable[[Stream], Iterator[Block]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".csv": _separated,
    ".tsv": _separated,
    ".xml": _xml,
    ".atom": _xml,
}
