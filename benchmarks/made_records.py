"""Millions of arXiv records out of some real ones, the same in every run, as parquet and as the Kaggle snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from paperqa_ext.files import Staged

_BATCH = 50_000
_COLUMNS = ("id", "title", "authors", "abstract", "categories", "published")
_STRINGS = pa.list_(pa.string())
_HIGHEST = 99_999  # made ids count down from here in every month; arXiv has not passed 30,000 in one


def made(real: Path, number: int, kind: str, directory: Path) -> Path:
    """A file of `number` records, made if it is not there.

    Args:
        real: parquet file with the columns of the bundled sample.
        number: of records: the real ones as they are, then recombinations of them.
        kind: `parquet` (zstd) or `jsonl` (the shape of arxiv-metadata-oai-snapshot.json).
        directory: where it is kept.
    """
    path = directory / f"{real.stem}-{number}.{kind}"
    if path.exists():
        return path
    directory.mkdir(parents=True, exist_ok=True)
    with Staged() as staged:
        temporary = staged.path(path)
        batches = _batches(real, number)
        if kind == "parquet":
            first = next(batches)
            with pq.ParquetWriter(temporary, first.schema, compression="zstd") as writer:
                writer.write_batch(first)
                for batch in batches:
                    writer.write_batch(batch)
        else:
            with temporary.open("wb") as file:
                for batch in batches:
                    file.writelines(map(_snapshot_line, _wrapped(batch).to_pylist()))
        staged.commit()
    return path


def _batches(real: Path, number: int) -> Iterator[pa.RecordBatch]:
    table = pq.read_table(real, columns=list(_COLUMNS))
    types = [_STRINGS if name in ("authors", "categories") else pa.string() for name in _COLUMNS]
    [records] = table.cast(pa.schema(zip(_COLUMNS, types, strict=True))).combine_chunks().to_batches()
    for start in range(0, min(number, len(records)), _BATCH):
        yield records.slice(start, min(_BATCH, number - start))
    titles, abstracts = (
        _halves(records[name].to_pylist(), mark) for name, mark in (("title", " "), ("abstract", ". "))
    )
    months = sorted(
        {found[1] for text in records["id"].to_pylist() if (found := re.match(r"((?:1[5-9]|2\d)\d\d)\.", text))}
    )
    made_so_far = 0
    for start in range(len(records), number, _BATCH):
        length = min(_BATCH, number - start)
        random = np.random.default_rng(start)
        drawn = [pa.array(random.integers(len(records), size=length)) for _ in range(5)]
        places = [divmod(place, len(months)) for place in range(made_so_far, made_so_far + length)]
        ids = [f"{months[month]}.{_HIGHEST - count:05}" for count, month in places]
        yield pa.record_batch(
            [
                ids,
                _joined(titles, drawn[:2], " "),
                _renamed(records["authors"].take(drawn[2]), random),
                _joined(abstracts, drawn[3:], ". "),
                records["categories"].take(drawn[0]),
                [f"20{name[:2]}-{name[2:4]}-{place % 28 + 1:02}" for place, name in enumerate(ids)],
            ],
            records.schema,
        )
        made_so_far += length


def _halves(texts: list[str], mark: str) -> tuple[pa.Array, pa.Array]:
    parts = [text.split(mark) for text in texts]
    middles = [(len(part) + 1) // 2 for part in parts]
    pairs = list(zip(parts, middles, strict=True))
    return (
        pa.array([mark.join(part[:middle]) for part, middle in pairs]),
        pa.array([mark.join(part[middle:]) or "in general." for part, middle in pairs]),
    )


def _joined(halves: tuple[pa.Array, pa.Array], drawn: list[pa.Array], mark: str) -> pa.Array:
    return pc.binary_join_element_wise(halves[0].take(drawn[0]), halves[1].take(drawn[1]), mark)


def _renamed(authors: pa.ListArray, random: np.random.Generator) -> pa.ListArray:
    """The same given names with family names of others: a few real names would have written everything otherwise."""
    parts = pc.extract_regex(authors.flatten(), r"^(?P<given>.*?) ?(?P<family>[^ ]*)$")
    families = pc.struct_field(parts, "family").take(pa.array(random.permutation(len(parts))))
    names = pc.binary_join_element_wise(pc.struct_field(parts, "given"), families, " ")
    lengths = np.concatenate([[0], np.cumsum(pc.list_value_length(authors).fill_null(0).to_numpy())])
    return pa.ListArray.from_arrays(pa.array(lengths, pa.int32()), names)


def _wrapped(batch: pa.RecordBatch) -> pa.RecordBatch:
    """With line breaks where the snapshot has them."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    columns["title"] = pc.replace_substring_regex(columns["title"], r"(.{55,72}?) ", "\\1\n  ")
    columns["abstract"] = pc.replace_substring_regex(columns["abstract"], r"(.{65,80}?) ", "\\1\n")
    return pa.RecordBatch.from_pydict(columns)


def _snapshot_line(record: dict[str, Any]) -> bytes:
    year, month, *day = map(int, record["published"].split("-"))
    published = date(year, month, *(day or [1]))
    names = record["authors"] or []
    parsed = [name.rpartition(" ") for name in names]
    return (
        orjson.dumps(
            {
                "id": record["id"],
                "submitter": names[0] if names else None,
                "authors": " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "",
                "title": record["title"],
                "comments": "12 pages, 4 figures",
                "journal-ref": None,
                "doi": None,
                "report-no": None,
                "categories": " ".join(record["categories"] or []),
                "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                "abstract": f"  {record['abstract']}\n",
                "versions": [{"version": "v1", "created": f"{published:%a, %-d %b %Y} 19:18:42 GMT"}],
                "update_date": f"{published}",
                "authors_parsed": [[family, given, ""] for given, _, family in parsed],
            }
        )
        + b"\n"
    )
