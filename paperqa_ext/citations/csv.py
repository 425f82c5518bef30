"""Records written as CSV: a line of names of fields, the title among them, and a paper a line."""

from __future__ import annotations

import csv
import re

from .record import Record, author_list, kind_of

_HEAD = re.compile(
    r"^[ ]{0,4}\"?[A-Za-z_\u3400-\u9fff][\w \"]{0,24}(?:,[ ]?\"?[A-Za-z_\u3400-\u9fff][\w \"]{0,24}){1,11}[ ]*$",
    re.MULTILINE,
)
# No longer than what the csv module reads (131,072 characters a field).
_ROW = re.compile(r"\n(?![ ]*(?:```|\n))(?=[^\n]*,)[^\n]{1,9999}$", re.MULTILINE)


def read_csv(text: str, stop: int) -> tuple[list[Record], list[tuple[int, int]]]:
    """The records in `text[:stop]` that name a title, in order, and where such tables stand, their heads included."""
    records: list[Record] = []
    regions: list[tuple[int, int]] = []
    for head in _HEAD.finditer(text, 0, stop) if "," in text else ():
        kinds = [kind_of(name) for name in next(csv.reader([head[0].strip()]))]
        if "title" not in kinds or len({*kinds} - {None}) < 2 or (regions and head.start() < regions[-1][1]):
            continue
        end = head.end()
        found = []
        while row := _ROW.match(text, end, stop):
            end = row.end()
            found.append(_read(row, kinds, stop))
        if found:
            records += [record for record in found if record.fields.get("title")]
            regions.append((head.start(), end))
    return records, regions


def _read(row: re.Match[str], kinds: list[str | None], stop: int) -> Record:
    values = next(csv.reader([row[0].strip().replace("\r", " ")], skipinitialspace=True))
    record = Record(row.start() + 1, row.end(), open=row.end() == stop and len(values) < len(kinds))
    for kind, value in zip(kinds, values, strict=False):
        if kind == "link":
            record.fields.setdefault("link", []).append(value)
        elif kind == "authors":
            record.fields[kind] = author_list(value)
        elif kind and value:
            record.fields.setdefault(kind, value)
    return record
