"""Reading of the bundled CSV glossaries, which people extend by hand: every mistake is named with its line."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

from .errors import SourceError


def read_glossary(path: Path, columns: Sequence[str], unique: Collection[str]) -> list[tuple[int, list[str]]]:
    """Line number and cells of each entry, in file order.

    Args:
        path: UTF-8 CSV with a header.
        columns: the cells wanted of each entry, in this order; white space around them is dropped.
        unique: those of `columns` that differ, in more than case, from entry to entry.

    Raises:
        SourceError: the file cannot be read or holds no entry, a column is missing, a cell is empty, or a name is
            given twice.
    """
    entries: list[tuple[int, list[str]]] = []
    seen: dict[tuple[str, str], int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for column in columns:
                if column not in (reader.fieldnames or ()):
                    raise SourceError(
                        "no such column", path=path, line=1, field=column,
                        remedy=f"Begin the glossary with the header {','.join(columns)}.",
                    )  # fmt: skip
            for row in reader:
                line, cells = reader.line_num, [(row[column] or "").strip() for column in columns]
                for column, cell in zip(columns, cells, strict=True):
                    if not cell:
                        raise empty_cell(path, line, column)
                    first = seen.setdefault((column, cell.casefold()), line) if column in unique else line
                    if first != line:
                        raise SourceError(
                            f"{cell!r} is already on line {first}", path=path, line=line, field=column,
                            remedy="Join the two lines in one.",
                        )  # fmt: skip
                entries.append((line, cells))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"cannot be read as CSV: {error}", path=path, remedy="Check that the file exists and is UTF-8 CSV."
        ) from error
    if not entries:
        raise SourceError("the glossary is empty", path=path, remedy="Add one entry a line below the header.")
    return entries


def empty_cell(path: Path, line: int, column: str) -> SourceError:
    """The error for a cell that says nothing."""
    return SourceError(
        "the cell is empty", path=path, line=line, field=column, remedy="Fill the cell or remove the line."
    )
