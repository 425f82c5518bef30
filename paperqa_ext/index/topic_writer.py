"""Writing of an index's topic part: what of a paper can be searched, as documents of tantivy."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType

import tantivy
from tantivy import Filter, Query, TextAnalyzerBuilder, Tokenizer

from ..errors import OutputError
from ..papers import Paper
from ..prompts import MAX_ABSTRACT
from ..titles import STOPWORDS, fold, words
from ..topics import TopicMatcher
from . import Coverage, ReferenceIndex, write_index
from .topic_query import CJK

FORMAT = 2
DIRECTORY = "topics"  # within the reference index
META = "topics.json"
MONTH = 1 << 32  # `place` is the month of a paper times this, plus its row: it sorts by date and holds both
_HEAP = 256 << 20  # bytes, of all writing threads together
_THREADS = 2
_BATCH = 8192  # papers looked up at a time
_LONGEST = 40  # characters; longer words are formulas and addresses
_OPENING = MAX_ABSTRACT + 1  # characters of an abstract; one more than a prompt shows, to tell that it goes on
_CHARACTER = re.compile(f"([{CJK}])")


class TopicWriter:
    """Writes the topic part of an index while the papers pass by on their way into the reference index.

    >>> with TopicWriter(directory) as topics:  # doctest: +SKIP
    ...     write_index(topics.passing(papers), directory)

    Args:
        directory: of the reference index; the part becomes a directory in it.
        abstracts: keep of every abstract what a grounded prompt shows.
    """

    def __init__(self, directory: Path, abstracts: bool = False) -> None:
        self._abstracts = abstracts
        self._path = directory / DIRECTORY
        self._path.mkdir(exist_ok=True)
        self._index = tantivy.Index(schema(), str(self._path))  # or the one that is there
        self._index.register_tokenizer("title", _analyzer())
        self._index.register_tokenizer("abstract", _analyzer(STOPWORDS))
        self._writer = self._index.writer(_HEAP, _THREADS)

    def passing(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        """The same papers, each indexed under the number of its turn."""
        for row, paper in enumerate(papers):
            self.add(paper, row)
            yield paper

    def add(self, paper: Paper, row: int) -> None:
        """Index a paper, unless it is withdrawn: nobody should be recommended one."""
        if not paper.withdrawn:
            with self._errors():
                self._writer.add_document(self._document(paper, row))

    def remove(self, row: int) -> None:
        """Forget what was under `row` before."""
        # By query: `delete_documents_by_term` takes the number for a signed one, and finds nothing.
        self._writer.delete_documents_by_query(Query.term_query(schema(), "row", row))

    def __enter__(self) -> TopicWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._writer.rollback()
            return
        with self._errors():
            self._writer.commit()
            self._writer.wait_merging_threads()
        self._index.reload()
        meta = {"format": FORMAT, "papers": self._index.searcher().num_docs, "abstracts": self._abstracts}
        (self._path / META).write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
        for file in self._path.glob("*.json"):  # tantivy lets nobody else read what it lists its files in
            shutil.copymode(self._path / META, file)

    def _document(self, paper: Paper, row: int) -> tantivy.Document:
        document = tantivy.Document()
        document.add_text("title", _folded(paper.title))
        if paper.abstract:
            document.add_text("abstract", _folded(paper.abstract))
            if self._abstracts:
                document.add_bytes("opening", paper.abstract[:_OPENING].encode())
        for category in {part for name in paper.categories for part in (name.lower(), name.lower().partition(".")[0])}:
            document.add_text("category", category)
        for name in {term for author in paper.authors for term in _author_terms(author)}:
            document.add_text("author", name)
        for topic in _matcher().match(paper):
            document.add_text("topic", topic.en)
        document.add_unsigned("row", row)
        document.add_unsigned("place", _month(paper.published) * MONTH + row)
        return document

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:  # all that tantivy raises
            raise OutputError(
                f"the topic part of the index cannot be written: {error}",
                path=self._path,
                remedy="Choose a place you may write to, with free space.",
            ) from error


def write_searchable(papers: Iterable[Paper], directory: Path, abstracts: bool = False) -> Coverage:
    """Write the files of an index and of its topic part into an existing empty directory, in one pass."""
    with TopicWriter(directory, abstracts) as topics:
        return write_index(topics.passing(papers), directory)


def carry_topics(papers: Iterable[Paper], old: Path, new: Path) -> None:
    """Give `new`, which is `old` with `papers` added or replaced, the topic part of `old` with the same changes.

    What does not change is linked, not copied.
    """
    (new / DIRECTORY).mkdir()
    for file in (old / DIRECTORY).iterdir():
        if file.suffix != ".lock":
            _link(file, new / DIRECTORY / file.name)
    index = ReferenceIndex(new)
    papers = iter(papers)
    abstracts = json.loads((old / DIRECTORY / META).read_text(encoding="utf-8"))["abstracts"]
    with TopicWriter(new, abstracts) as topics:
        while batch := list(islice(papers, _BATCH)):
            for paper, row in zip(batch, _rows(index, batch), strict=True):
                if row is not None:
                    topics.remove(row)
                    topics.add(paper, row)


def _link(file: Path, target: Path) -> None:
    if file.suffix != ".json":  # those are rewritten
        with suppress(OSError, NotImplementedError):  # a file system without links
            target.hardlink_to(file)
            return
    shutil.copyfile(file, target)


def _rows(index: ReferenceIndex, papers: list[Paper]) -> Iterator[int | None]:
    """The rows of papers that are in the index; None for one that has neither an id nor a word in its title."""
    by_title = index.rows_of_titles([[] if paper.id else words(paper.title) for paper in papers])
    for paper, row, others in zip(papers, index.rows_of_ids([paper.id for paper in papers]), by_title, strict=True):
        same = (other for other in others if index.paper(other).key == paper.key)
        yield next(same, None) if row is None else row


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """The fields of a document."""
    make = tantivy.SchemaBuilder()
    make.add_text_field("title", tokenizer_name="title")
    make.add_text_field("abstract", tokenizer_name="abstract", index_option="freq")  # places would be as large again
    for name in ("author", "category", "topic"):
        make.add_text_field(name, tokenizer_name="raw", index_option="basic")
    make.add_unsigned_field("place", fast=True)
    make.add_unsigned_field("row", indexed=True)
    make.add_bytes_field("opening", stored=True)
    return make.build()


def _analyzer(stopwords: Iterable[str] = ()) -> tantivy.TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST))
    if stopwords:
        builder = builder.filter(Filter.custom_stopword(sorted(stopwords)))
    return builder.filter(Filter.stemmer("english")).build()


_stems = _analyzer().analyze


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A folded word as it is indexed.

    >>> stem("networks"), stem("learning")
    ('network', 'learn')
    """
    return next(iter(_stems(word)), word)


@lru_cache(maxsize=1)
def _matcher() -> TopicMatcher:
    return TopicMatcher()


def _folded(text: str) -> str:
    """Folded text in which every Chinese character is a word."""
    folded = fold(text)
    return folded if folded.isascii() else _CHARACTER.sub(r" \1 ", folded)


def _month(published: str) -> int:
    """Months since year 0; a year alone counts as its first month."""
    return int(published[:4] or 0) * 12 + max(int(published[5:7] or 1) - 1, 0)


@lru_cache(maxsize=1 << 16)
def _author_terms(name: str) -> tuple[str, ...]:
    family, given = name_parts(name)
    return (family, f"{family} {given}") if given else (family,)


def name_parts(name: str) -> tuple[str, str]:
    """Folded family name and first given name, of which "T.N." leaves the first letter.

    >>> name_parts("Thomas N. Kipf"), name_parts("Ge-Wei Yáng"), name_parts("J.-P. Serre")
    (('kipf', 'thomas'), ('yang', 'gewei'), ('serre', 'j'))
    """
    parts = fold(name).split()
    while len(parts) > 1 and parts[-1].strip(".") in ("jr", "sr", "ii", "iii", "iv"):
        parts.pop()
    if not parts:
        return "", ""
    given = parts[0][:1] if "." in parts[0] else parts[0]
    return _letters(parts[-1]), _letters(given) if len(parts) > 1 else ""


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word))
