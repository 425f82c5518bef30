"""`RecordStore`: an index's records in compact columns, of which many are read at once without reading the others."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..papers import Paper
from .arrays import Codes, Strings, Text, load, offsets, save, spans

_STEP = 8192  # records read at a time


class RecordWriter:
    """Gathers records (without their abstracts), to be read as a `RecordStore`.

    Names are kept as forenames and family name: distinct names are many times as many as the distinct parts of names.
    """

    def __init__(self) -> None:
        self._ids, self._titles = Text(), Text()
        self._forenames, self._families, self._categories, self._dates = Codes(), Codes(), Codes(), Codes()
        self._forename_codes, self._family_codes, self._author_counts = array("I"), array("I"), array("I")
        self._category_codes, self._date_codes, self._withdrawn = array("I"), array("I"), bytearray()

    def extend(self, papers: Sequence[Paper]) -> None:
        """Add records; each takes the next row."""
        self._ids.extend(paper.id for paper in papers)
        self._titles.extend(paper.title for paper in papers)
        self._author_counts.extend([len(paper.authors) for paper in papers])
        names = [name for paper in papers for name in paper.authors]
        ends = [name.rfind(" ") + 1 for name in names]
        forenames, families = self._forenames, self._families
        self._forename_codes.extend([forenames[name[:end]] for name, end in zip(names, ends, strict=True)])
        self._family_codes.extend([families[name[end:]] for name, end in zip(names, ends, strict=True)])
        self._category_codes.extend([self._categories["\n".join(paper.categories)] for paper in papers])
        self._date_codes.extend([self._dates[paper.published] for paper in papers])
        self._withdrawn.extend([paper.withdrawn for paper in papers])

    def save(self, directory: Path) -> None:
        """Write the files of the store into an existing directory."""
        self._ids.save(directory, "ids")
        self._titles.save(directory, "titles")
        for name, codes in (
            ("forenames", self._forenames),
            ("families", self._families),
            ("categories", self._categories),
            ("dates", self._dates),
        ):
            Text(codes).save(directory, name)
        save(directory, "author_offsets", offsets(self._author_counts))
        save(directory, "author_forenames", self._forename_codes)
        save(directory, "author_families", self._family_codes)
        save(directory, "record_categories", self._category_codes)
        save(directory, "record_dates", self._date_codes)
        save(directory, "record_withdrawn", np.frombuffer(self._withdrawn, dtype=np.uint8))


class RecordStore:
    """Read-only records of a directory, each in a row.

    Raises:
        OSError, ValueError, EOFError: a file is missing or damaged, or two do not belong together.
    """

    def __init__(self, directory: Path) -> None:
        self._ids, self._titles, self._forenames, self._families, self._categories, self._dates = (
            Strings(directory, name) for name in ("ids", "titles", "forenames", "families", "categories", "dates")
        )
        self._author_offsets = load(directory, "author_offsets")
        self._author_forenames, self._author_families = (
            load(directory, f"author_{part}") for part in ("forenames", "families")
        )
        self._record_categories, self._record_dates, self._record_withdrawn = (
            load(directory, f"record_{name}") for name in ("categories", "dates", "withdrawn")
        )
        columns = (self._titles, self._author_offsets[1:], self._record_categories, self._record_dates)
        authors = int(self._author_offsets[-1])
        if any(len(column) != len(self) for column in (*columns, self._record_withdrawn)) or any(
            len(codes) != authors for codes in (self._author_forenames, self._author_families)
        ):
            raise ValueError("its columns disagree in length")

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Paper]:
        for start in range(0, len(self), _STEP):
            yield from self.papers(range(start, min(start + _STEP, len(self))))

    def titles(self, rows: Sequence[int]) -> list[str]:
        """The titles in `rows`, in that order."""
        return self._titles.get(rows)

    def papers(self, rows: Sequence[int]) -> list[Paper]:
        """The records in `rows`, in that order."""
        places = np.asarray(rows, dtype=np.int64)
        starts = self._author_offsets[places]
        counts = self._author_offsets[places + 1] - starts
        authors = spans(starts, counts)
        names = list(
            map(
                str.__add__,
                self._forenames.get(self._author_forenames[authors]),
                self._families.get(self._author_families[authors]),
            )
        )
        ends = np.cumsum(counts, dtype=np.int64).tolist()
        return [
            Paper(
                id, title, tuple(names[start:end]), "", tuple(categories.split("\n")) if categories else (), date, gone
            )
            for id, title, start, end, categories, date, gone in zip(
                self._ids.get(places),
                self._titles.get(places),
                [0, *ends],
                ends,
                self._categories.get(self._record_categories[places]),
                self._dates.get(self._record_dates[places]),
                self._record_withdrawn[places].astype(bool).tolist(),
                strict=False,
            )
        ]
