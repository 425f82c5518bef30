"""Records in the RIS format: lines of a tag and a value, `TI  - Title`, from `TY` to `ER`."""

from __future__ import annotations

import re

from .record import Record

_RECORD = re.compile(
    r"^TY  - [^\n]*(?P<fields>(?:\n[ ]{0,4}(?!TY|ER)[A-Z][A-Z\d]  -[^\n]*)*)(?:\n[ ]{0,4}ER  -[^\n]*)?", re.MULTILINE
)
_FIELD = re.compile(r"(?P<tag>[A-Z][A-Z\d])  -[ ]?(?P<value>[^\n]*)")
_KINDS = {"TI": "title", "T1": "title", "AU": "authors", "A1": "authors", "PY": "year", "Y1": "year", "DA": "year"}
_KINDS |= dict.fromkeys(("DO", "UR", "AN", "JO"), "link")


def read_ris(text: str, stop: int) -> list[Record]:
    """The records in `text[:stop]` that name a title, in order."""
    if "TY  - " not in text:
        return []
    records = [_read(match, stop) for match in _RECORD.finditer(text, 0, stop)]
    return [record for record in records if record.fields.get("title")]


def _read(match: re.Match[str], stop: int) -> Record:
    record = Record(match.start(), match.end(), open=match.end() == stop and "ER  -" not in match[0])
    for field in _FIELD.finditer(match["fields"]):
        value = field["value"].strip()
        kind = _KINDS.get(field["tag"])
        if kind in ("authors", "link"):
            record.fields.setdefault(kind, []).append(value)
        elif kind:
            record.fields.setdefault(kind, value)
    return record
