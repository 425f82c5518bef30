"""`ReferenceIndex`: the real records a citation is checked against, as a read-only directory of memory-mapped files.

Ids and exact titles are found by sorted arrays of 64-bit keys, near titles through `postings`; the records themselves
are in a `record_store`.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import IndexUnavailableError, OutputError
from ..files import Staged, writing
from ..papers import Paper
from ..titles import title_key, word_hash, words
from .keys import Keys, save_keys
from .postings import Postings
from .postings_writer import PostingsWriter
from .record_store import RecordStore, RecordWriter

FORMAT = 3
DEFAULT_INDEX = Path("data") / "index"
_META = "index.json"
_BATCH = 8192  # records indexed at a time


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an index holds.

    Attributes:
        papers: number of records.
        first: date of the earliest record, as `Paper.published`.
        last: month (`YYYY-MM`) or year of the latest record: nothing after it can be judged.
        hash: of the content, equal for equal records whatever their order in the source.
    """

    papers: int
    first: str
    last: str
    hash: str


def build_index(papers: Iterable[Paper], directory: str | Path) -> Coverage:
    """Write an index of `papers` to `directory`, replacing the index there only once the new one is complete.

    The papers are streamed: of each only a few hundred bytes stay in memory.

    Args:
        papers: each id once (`collect.collect` merges what is there twice).
        directory: of the index.

    Raises:
        IndexUnavailableError: there are no papers, or an id comes twice.
        OutputError: the directory cannot be written, or holds something that is not an index.
    """
    directory = Path(directory)
    check_replaceable(directory)
    with Staged() as staged, writing(directory):
        temporary = staged.path(directory)
        temporary.mkdir()
        coverage = write_index(papers, temporary)
        staged.commit()
    return coverage


def add_to_index(
    papers: Iterable[Paper], directory: str | Path, carry: Callable[[Path], object] | None = None
) -> Coverage:
    """Add `papers` to the index in `directory`, which stays as it was until the new one is complete.

    Args:
        papers: of those of one `Paper.key` the last one stands, and replaces the index's own.
        directory: of the index.
        carry: called with the new directory, before it takes its place, to write what else belongs to the index.

    Raises:
        IndexUnavailableError: there is no index that this version reads.
        OutputError: the directory cannot be written.
    """
    directory = Path(directory)
    index = ReferenceIndex(directory)
    with Staged() as staged, writing(directory):
        temporary = staged.path(directory)
        temporary.mkdir()
        coverage = write_index(_updated(index, papers), temporary)
        if carry is not None:
            carry(temporary)
        staged.commit()
    return coverage


def _updated(index: Iterable[Paper], papers: Iterable[Paper]) -> Iterator[Paper]:
    """The index's papers in their order, with what replaces them in their places, then the new ones."""
    new = {paper.key: replace(paper, abstract="") for paper in papers}  # which the index does not keep
    for paper in index:
        yield new.pop(paper.key, paper)
    yield from new.values()


def check_replaceable(directory: Path) -> None:
    """See that an index may take this place.

    Raises:
        OutputError: something that is not an index is there.
    """
    if directory.is_file() or (directory.is_dir() and any(directory.iterdir()) and not (directory / _META).exists()):
        raise OutputError("exists and is not an index", path=directory, remedy="Name another --output directory.")


def write_index(papers: Iterable[Paper], directory: Path) -> Coverage:
    """Write the files of an index into an existing empty directory; see `build_index`."""
    records, postings = RecordWriter(), PostingsWriter()
    titles, ids = array("Q"), array("Q")
    digest = 0
    dates: list[str] = []
    papers = iter(papers)
    while batch := list(islice(papers, _BATCH)):
        title_words = [words(paper.title) for paper in batch]
        records.extend(batch)
        postings.extend(title_words)
        titles.extend(map(title_key, title_words))
        ids.extend(word_hash(paper.id) for paper in batch)
        digest += sum(map(_digest, batch))
        dates = [min(dates[:1] + [p.published for p in batch]), max(dates[1:] + [p.published[:7] for p in batch])]
    if not dates:
        raise IndexUnavailableError("no papers to index", path=directory, remedy="Name a source with arXiv records.")
    keys = save_keys(directory, "id", ids)
    if ((keys[1:] == keys[:-1]) & (keys[1:] != word_hash(""))).any():
        raise IndexUnavailableError(
            "an arXiv id comes twice", path=directory, remedy="Give each record once (`collect` merges them)."
        )
    save_keys(directory, "title", titles)
    records.save(directory)
    postings.save(directory)
    coverage = Coverage(len(titles), dates[0], dates[1], f"{digest % 2**128:032x}")
    meta = {"format": FORMAT, "paperqa_ext": __version__, **asdict(coverage)}
    (directory / _META).write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    return coverage


def _digest(paper: Paper) -> int:
    """Of what is compared of a paper. Digests are summed up, so that the order of the records does not count."""
    content = "\x1f".join((paper.id, paper.title, *paper.authors, paper.published))
    return int.from_bytes(blake2b(content.encode(), digest_size=16).digest(), "big")


class ReferenceIndex:
    """Read-only view of an index directory; cheap to open, shared between processes by the page cache.

    Records are named by their rows, 0 to `len(index) - 1`. Ask for many at once: one costs as much as hundreds.

    Raises:
        IndexUnavailableError: the directory is missing, incomplete, damaged or of another version.
    """

    def __init__(self, directory: str | Path = DEFAULT_INDEX) -> None:
        self.path = Path(directory)
        meta = self._meta()
        try:
            self.coverage = Coverage(**{name: meta[name] for name in Coverage.__slots__})
            self._ids, self._titles = Keys(self.path, "id"), Keys(self.path, "title")
            self._records = RecordStore(self.path)
            self._postings = Postings(self.path, len(self))
        except (OSError, KeyError, ValueError, TypeError, EOFError) as error:
            raise self._unavailable(f"the index is damaged: {error}") from error
        if {len(self._ids), len(self._titles), len(self._records)} != {len(self)}:
            raise self._unavailable("the index is damaged: its files disagree in size")

    def _unavailable(self, message: str) -> IndexUnavailableError:
        return IndexUnavailableError(
            message,
            path=self.path,
            remedy="Run `python -m paperqa_ext.convert`, or `paperqa index build SOURCE --output DIR` and name DIR "
            "with --index.",
        )

    def _meta(self) -> dict[str, Any]:
        try:
            meta = json.loads((self.path / _META).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise self._unavailable("no reference index here") from None
        except (OSError, ValueError) as error:
            raise self._unavailable(f"the index is damaged: index.json: {error}") from error
        if not isinstance(meta, dict) or meta.get("format") != FORMAT:
            found = meta.get("format") if isinstance(meta, dict) else None
            raise self._unavailable(f"the index has format {found}; this version reads {FORMAT}")
        return meta

    def __reduce__(self) -> tuple[type[ReferenceIndex], tuple[Path]]:
        return ReferenceIndex, (self.path,)  # another process opens it for itself

    def __len__(self) -> int:
        return self.coverage.papers

    def __iter__(self) -> Iterator[Paper]:
        """All records, row by row."""
        return iter(self._records)

    def papers(self, rows: Sequence[int]) -> list[Paper]:
        """The records in `rows`, in that order (abstracts are not kept)."""
        return self._records.papers(rows)

    def paper(self, row: int) -> Paper:
        """The record in `row`; see `papers`."""
        return self.papers([row])[0]

    def titles(self, rows: Sequence[int]) -> list[str]:
        """The titles in `rows`, in that order."""
        return self._records.titles(rows)

    def rows_of_ids(self, ids: Sequence[str]) -> list[int | None]:
        """The row of each arXiv id (no version), None for those unknown and for the empty one."""
        found = self._ids.rows(list(map(word_hash, ids)))
        return [rows[0] if rows and id else None for id, rows in zip(ids, found, strict=True)]

    def by_id(self, arxiv_id: str) -> Paper | None:
        """The record with this id (no version), or None."""
        row = self.rows_of_ids([arxiv_id])[0]
        return None if row is None else self.paper(row)

    def rows_of_titles(self, titles: Sequence[list[str]]) -> list[list[int]]:
        """The rows whose title equals each one up to case, punctuation, spacing, LaTeX and accents.

        Args:
            titles: `titles.words` of each; one without words equals none.
        """
        found = self._titles.rows(list(map(title_key, titles)))
        return [rows if title else [] for title, rows in zip(titles, found, strict=True)]

    def by_title(self, title_words: list[str]) -> list[Paper]:
        """The records of one title; see `rows_of_titles`."""
        return self.papers(self.rows_of_titles([title_words])[0])

    def candidates(self, titles: Sequence[list[str]], limit: int = 10) -> list[list[int]]:
        """Rows sharing the rarest words and word pairs with each title, most shared weight first.

        Args:
            titles: `titles.words` of each.
            limit: of rows for each title.
        """
        return self._postings.candidates(titles, limit)

    def document_frequencies(self, words: Sequence[str]) -> list[int]:
        """Number of titles with each of these folded words."""
        return self._postings.frequencies(words)
