"""`ReferenceIndex`: the real records a citation is checked against, as a read-only directory of memory-mapped files.

Exact titles are found by a sorted array of 64-bit keys, near ones through postings of words and of order-free adjacent
word pairs, rarest features first: of the engines measured on 648,534 titles this one was the fastest at 99% recall.
"""

from __future__ import annotations

import bisect
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import __version__
from .errors import IndexUnavailableError, OutputError
from .papers import Paper
from .titles import title_key, word_hash, words

FORMAT = 1
DEFAULT_INDEX = Path("data") / "index"
MAX_DOCUMENT_FREQUENCY = 20_000  # features in more titles than this tell nothing apart
MAX_POSTINGS = 2_000  # read per query
_ARRAYS = ("keys", "key_rows", "features", "frequencies", "offsets", "postings")
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("categories", pa.list_(pa.string())),
        ("published", pa.string()),
        ("withdrawn", pa.bool_()),
    ]
)


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

    Raises:
        IndexUnavailableError: there are no papers.
        OutputError: the directory cannot be written, or holds something that is not an index.
    """
    directory = Path(directory)
    records = sorted({paper.id: paper for paper in papers}.values(), key=lambda paper: paper.id)
    if not records:
        raise IndexUnavailableError("no papers to index", path=directory, remedy="Name a source with arXiv records.")
    if directory.exists() and any(directory.iterdir()) and not (directory / "index.json").exists():
        raise OutputError("exists and is not an index", path=directory, remedy="Name another --output directory.")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            coverage = _write(records, temporary)
            retired = temporary.with_name(temporary.name + "-old")
            if directory.exists():
                directory.rename(retired)
            temporary.rename(directory)
            shutil.rmtree(retired, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"cannot write the index: {error.strerror or error}",
            path=directory,
            remedy="Choose a directory you may write to, with free space.",
        ) from error
    return coverage


def _write(records: list[Paper], directory: Path) -> Coverage:
    directory.chmod(0o777 & ~_umask())  # mkdtemp makes it private
    digest = blake2b(digest_size=16)
    for paper in records:
        digest.update("\x1f".join((paper.id, paper.title, *paper.authors, paper.published)).encode() + b"\x1e")
    coverage = Coverage(
        papers=len(records),
        first=min(paper.published for paper in records),
        last=max(paper.published[:7] for paper in records),
        hash=digest.hexdigest(),
    )
    table = pa.Table.from_pylist([{name: getattr(paper, name) for name in _SCHEMA.names} for paper in records], _SCHEMA)
    with pa.OSFile(str(directory / "records.arrow"), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
        writer.write_table(table.combine_chunks())
    for name, array in _arrays([words(paper.title) for paper in records]).items():
        np.save(directory / f"{name}.npy", array)
    meta = {"format": FORMAT, "paperqa_ext": __version__, **asdict(coverage)}
    (directory / "index.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    return coverage


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _arrays(titles: list[list[str]]) -> dict[str, np.ndarray]:
    """The index's arrays; `features[i]` occurs in the titles `postings[offsets[i]:offsets[i + 1]]`."""
    keys = np.fromiter(map(title_key, titles), dtype=np.uint64, count=len(titles))
    order = np.argsort(keys, kind="stable")

    hashes = {word: word_hash(word) for word in {word for title in titles for word in title}}
    rows = np.repeat(np.arange(len(titles), dtype=np.uint32), [len(title) for title in titles])
    flat = np.fromiter((hashes[word] for title in titles for word in title), dtype=np.uint64, count=len(rows))
    adjacent = rows[1:] == rows[:-1]
    features = np.concatenate([flat, _pairs(flat[:-1], flat[1:])[adjacent]])
    rows = np.concatenate([rows, rows[1:][adjacent]])

    by_feature = np.lexsort((rows, features))
    features, rows = features[by_feature], rows[by_feature]
    fresh = np.ones(len(rows), dtype=bool)  # a word twice in a title counts once
    fresh[1:] = (features[1:] != features[:-1]) | (rows[1:] != rows[:-1])
    features, rows = features[fresh], rows[fresh]
    unique, frequencies = np.unique(features, return_counts=True)
    kept = frequencies <= MAX_DOCUMENT_FREQUENCY
    postings = rows[np.repeat(kept, frequencies)]
    return {
        "keys": keys[order],
        "key_rows": order.astype(np.uint32),
        "features": unique,
        "frequencies": frequencies.astype(np.uint32),
        "offsets": np.concatenate([[0], np.cumsum(np.where(kept, frequencies, 0))]).astype(np.int64),
        "postings": postings,
    }


def _pairs(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Order-free hash of neighbouring words, from their hashes."""
    with np.errstate(over="ignore"):
        return np.minimum(left, right) * np.uint64(0x9E3779B97F4A7C15) ^ np.maximum(left, right)


class ReferenceIndex:
    """Read-only view of an index directory; cheap to open, shared between processes by the page cache.

    Raises:
        IndexUnavailableError: the directory is missing, incomplete, damaged or of another version.
    """

    def __init__(self, directory: str | Path = DEFAULT_INDEX) -> None:
        self.path = Path(directory)
        meta = self._meta()
        try:
            self.coverage = Coverage(**{name: meta[name] for name in Coverage.__slots__})
            self._arrays = {name: np.load(self.path / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
            self._records = pa.ipc.open_file(pa.memory_map(str(self.path / "records.arrow"))).read_all()
        except (OSError, KeyError, ValueError, EOFError, pa.ArrowException) as error:
            raise self._unavailable(f"the index is damaged: {error}") from error
        if self._records.num_rows != self.coverage.papers or len(self._arrays["keys"]) != self.coverage.papers:
            raise self._unavailable("the index is damaged: its files disagree in size")
        self._ids = self._records.column("id")

    def _unavailable(self, message: str) -> IndexUnavailableError:
        return IndexUnavailableError(
            message,
            path=self.path,
            remedy="Run `python -m paperqa_ext.convert`, or `paperqa index build SOURCE --output DIR` and name DIR "
            "with --index.",
        )

    def _meta(self) -> dict[str, Any]:
        try:
            meta = json.loads((self.path / "index.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise self._unavailable("no reference index here") from None
        except (OSError, ValueError) as error:
            raise self._unavailable(f"the index is damaged: index.json: {error}") from error
        if not isinstance(meta, dict) or meta.get("format") != FORMAT:
            found = meta.get("format") if isinstance(meta, dict) else None
            raise self._unavailable(f"the index has format {found}; this version reads {FORMAT}")
        return meta

    def __len__(self) -> int:
        return self.coverage.papers

    def paper(self, row: int) -> Paper:
        """The record in `row` (its abstract is not kept)."""
        record = {name: self._records.column(name)[row].as_py() for name in _SCHEMA.names}
        return Paper(**{**record, "authors": tuple(record["authors"]), "categories": tuple(record["categories"])})

    def by_id(self, arxiv_id: str) -> Paper | None:
        """The record with this id (no version), or None."""
        row = bisect.bisect_left(range(len(self)), arxiv_id, key=lambda row: self._ids[row].as_py())
        return self.paper(row) if row < len(self) and self._ids[row].as_py() == arxiv_id else None

    def by_title(self, title_words: list[str]) -> list[Paper]:
        """All records whose title equals this one up to case, punctuation, spacing, LaTeX and accents."""
        key, keys = np.uint64(title_key(title_words)), self._arrays["keys"]
        start, stop = np.searchsorted(keys, key, "left"), np.searchsorted(keys, key, "right")
        return [self.paper(int(row)) for row in self._arrays["key_rows"][start:stop]]

    def document_frequency(self, word: str) -> int:
        """Number of titles with this folded word."""
        return int(self._look_up(np.array([word_hash(word)], dtype=np.uint64))[1][0])

    def weight(self, word: str) -> float:
        """Inverse document frequency of a folded word; unseen words weigh most."""
        return math.log1p(len(self) / (1 + self.document_frequency(word)))

    def candidates(self, title_words: list[str], limit: int = 10) -> list[Paper]:
        """Records sharing the rarest words and word pairs with a title, most shared weight first."""
        if not title_words:
            return []
        flat = np.fromiter(map(word_hash, title_words), dtype=np.uint64, count=len(title_words))
        positions, frequencies = self._look_up(np.unique(np.concatenate([flat, _pairs(flat[:-1], flat[1:])])))
        useful = (frequencies > 0) & (frequencies <= MAX_DOCUMENT_FREQUENCY)
        positions, frequencies = positions[useful], frequencies[useful]
        rows: list[np.ndarray] = []
        weights: list[np.ndarray] = []
        read = 0
        for i in np.argsort(frequencies, kind="stable"):
            if rows and read + frequencies[i] > MAX_POSTINGS:
                break
            start = self._arrays["offsets"][positions[i]]
            rows.append(self._arrays["postings"][start : start + frequencies[i]])
            weights.append(np.full(frequencies[i], math.log1p(len(self) / frequencies[i])))
            read += int(frequencies[i])
        if not rows:
            return []
        unique, inverse = np.unique(np.concatenate(rows), return_inverse=True)
        scores = np.bincount(inverse, np.concatenate(weights))
        best = np.lexsort((unique, -scores))[:limit]
        return [self.paper(int(row)) for row in unique[best]]

    def _look_up(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions of features, and the number of titles each is in (0: unknown)."""
        features = self._arrays["features"]
        positions = np.minimum(np.searchsorted(features, hashes), len(features) - 1)
        return positions, np.where(features[positions] == hashes, self._arrays["frequencies"][positions], 0)
