"""`TopicIndex`: papers on a topic, best first (BM25 over titles and abstracts, by tantivy), with filters.

It lies in the directory of the reference index (written by `topic_writer`) and speaks of papers by their rows there.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from ..errors import IndexUnavailableError, PaperQAError
from ..titles import STOPWORDS
from . import DEFAULT_INDEX
from .topic_query import Concept, Phrase, TopicQuery, content, is_cjk, nearest_topics, read_query
from .topic_writer import DIRECTORY, FORMAT, META, MONTH, name_parts, stem

# Weights, by eye on queries in both languages: what the title says counts for more, and adjacent words for most.
_TITLE, _TITLE_PHRASE, _NEIGHBOURS, _OTHER_NAME = 2.0, 2.0, 0.5, 0.5
_STOPS = frozenset(map(stem, STOPWORDS))
_TIE = 0.1  # what the other names of a topic add to the best one


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found.

    Attributes:
        row: of the paper in the reference index.
        score: BM25, to compare hits of one search; 0 where only filters were given.
        share: of what was asked for, what the paper has at least; those that lack some of it come last.
    """

    row: int
    score: float
    share: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether the paper has everything that was asked for."""
        return self.share == 1


class TopicIndex:
    """Read-only view of the topic part of an index; cheap to open, for many threads and processes at once.

    Args:
        directory: of the reference index.

    Raises:
        IndexUnavailableError: the index has no topic part, or it is damaged or of another version.
    """

    def __init__(self, directory: str | Path = DEFAULT_INDEX) -> None:
        self.path = Path(directory)
        place = self.path / DIRECTORY
        try:
            meta = json.loads((place / META).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise self._unavailable("the index cannot be searched by topic: it was built without that part") from None
        except (OSError, ValueError) as error:
            raise self._unavailable(f"the topic part of the index is damaged: {META}: {error}") from error
        if not isinstance(meta, dict) or meta.get("format") != FORMAT:
            found = meta.get("format") if isinstance(meta, dict) else None
            raise self._unavailable(f"the topic part of the index has format {found}; this version reads {FORMAT}")
        try:
            self._links, opened = _open(place)
            opened.config_reader("manual")  # never changes: no thread that watches for it
            self._schema = opened.schema
            self._searcher = opened.searcher()
        except ValueError as error:  # all that tantivy raises
            raise self._unavailable(f"the topic part of the index is damaged: {error}") from error
        if self._searcher.num_docs != meta.get("papers"):
            raise self._unavailable("the topic part of the index is damaged: its files disagree in size")

    def _unavailable(self, message: str) -> IndexUnavailableError:
        return IndexUnavailableError(
            message, path=self.path, remedy=f"Build it anew: `paperqa index build SOURCE --output {self.path}`."
        )

    def __reduce__(self) -> tuple[Callable[..., TopicIndex], tuple[Path]]:
        return TopicIndex, (self.path,)

    def __len__(self) -> int:
        """Number of papers that can be found: all but the withdrawn."""
        return int(self._searcher.num_docs)

    def read(self, query: str | TopicQuery) -> TopicQuery:
        """A query, read by `read_query` if it is a text; what no paper has goes from `concepts` to `unused`."""
        query = read_query(query) if isinstance(query, str) else query
        known = tuple(concept for concept in query.concepts if any(map(self._occurs, concept.phrases)))
        unused = tuple(concept.name for concept in query.concepts if concept not in known)
        return replace(query, concepts=known, unused=(*query.unused, *unused))

    def search(
        self,
        query: str | TopicQuery,
        *,
        years: tuple[int, int] | None = None,
        categories: Sequence[str] = (),
        authors: Sequence[str] = (),
        limit: int = 10,
        strict: bool = False,
    ) -> list[Hit]:
        """The papers that fit best, best first: those with all that is asked for, then those with most of it.

        Without a topic, the latest papers that pass the filters.

        Args:
            query: in English, Chinese or both (`topic_query.read_query`), or what `read` made of it.
            years: first and last year of the first version; those that the query names, if not given.
            categories: any of them, primary or not: `cs.LG`, or the archive `cs` for all in it.
            authors: all of them: family name, or given and family name; initials fit the names they may stand for.
            limit: the most papers to return.
            strict: only papers that are about all of it, not those that mention it: of a topic of the glossary what
                `topics.TopicMatcher` says is about it; of other words, those that have them all, most in the title.

        Raises:
            PaperQAError: nothing in the query can be used, and there are no filters.
        """
        asked = self.read(query) if isinstance(query, str) else query
        years = years or asked.years
        filters = self._filters(years, categories, authors)
        if strict:
            if asked.unused:
                return []
            filters += self._about(asked.concepts)
        if not asked.concepts:
            if asked.unused or not filters:
                raise _nothing_to_search(asked)
            return self._run(Query.boolean_query(filters), limit, by_date=True)
        liked = [(Occur.Should, query) for query in self._neighbours(asked.phrases)]
        number = len(asked.concepts)
        # Each step finds more, and takes longer: (how many concepts are needed, whether they are taken widely).
        steps = [(number, False), (number, True), (max(1, number * 2 // 3), False), (1, False)][: 2 if strict else 4]
        hits: dict[int, Hit] = {}
        for needed, wide in dict.fromkeys(steps):
            wanted = [(Occur.Should, self._concept(concept, wide)) for concept in asked.concepts]
            core = (Occur.Must, Query.boolean_query(wanted, needed))
            for hit in self._run(Query.boolean_query([core, *liked, *filters]), limit):
                hits.setdefault(hit.row, replace(hit, share=needed / number))
            if len(hits) >= limit:
                break
        return list(hits.values())[:limit]

    def years(self, query: TopicQuery, *, categories: Sequence[str] = (), limit: int = 10_000) -> list[int]:
        """The years of the papers that a strict search finds, ascending; of the best `limit` if there are more."""
        if not (query.concepts or categories):
            return []
        hits = self.search(replace(query, years=None), categories=categories, limit=limit, strict=True)
        found = self._searcher.search(self._of_rows([hit.row for hit in hits]), max(1, len(hits)), count=False).hits
        places = self._searcher.fast_field_values("place", [address for _, address in found])
        return sorted({int(place or 0) // MONTH // 12 for place in places})

    def openings(self, rows: Sequence[int]) -> list[str]:
        """What is kept of the abstract of each paper: of some nothing, and of all if the index was built without."""
        found = self._searcher.search(self._of_rows(rows), len(rows), count=False).hits if rows else []
        places = self._searcher.fast_field_values("place", [address for _, address in found])
        kept = {
            int(place or 0) % MONTH: self._searcher.doc(address).get_first("opening") or b""
            for place, (_, address) in zip(places, found, strict=True)
        }
        return [bytes(kept.get(row, b"")).decode() for row in rows]

    def of_family(self, name: str, limit: int = 200) -> list[int]:
        """Rows of the latest papers with an author of the family name of `name`, or of one a letter off."""
        family, _ = name_parts(name)
        query = Query.fuzzy_term_query(self._schema, "author", family, distance=1)
        return [hit.row for hit in self._run(query, limit, by_date=True)] if family else []

    def _of_rows(self, rows: Iterable[int]) -> Query:
        return Query.term_set_query(self._schema, "row", sorted(set(rows)))

    def about(self, topic: str, rows: Collection[int]) -> set[int]:
        """Those of `rows` whose papers are about a topic of the glossary, named by its English name."""
        wanted = [
            (Occur.Must, Query.term_query(self._schema, "topic", topic)),
            (Occur.Must, self._of_rows(rows)),
        ]
        return {hit.row for hit in self._run(Query.boolean_query(wanted), len(rows))} if rows else set()

    def _about(self, concepts: Sequence[Concept]) -> Iterator[tuple[Occur, Query]]:
        """What makes papers that have all `concepts` papers about them."""
        for topic in {concept.topic for concept in concepts if concept.topic}:
            yield Occur.Must, Query.const_score_query(Query.term_query(self._schema, "topic", topic), 0.0)
        others = [concept for concept in concepts if not concept.topic]
        if others:
            titles = [Query.disjunction_max_query(list(map(self._titled, concept.phrases))) for concept in others]
            wanted = [(Occur.Should, query) for query in titles]
            most = Query.boolean_query(wanted, -(-len(titles) * 2 // 3))
            yield Occur.Must, Query.const_score_query(most, 0.0)

    def _titled(self, phrase: Phrase) -> Query:
        first, *others = map(stem, phrase)
        return self._adjacent((first, *others), 1.0) if others else Query.term_query(self._schema, "title", first)

    def _run(self, query: Query, limit: int, by_date: bool = False) -> list[Hit]:
        found = self._searcher.search(query, limit, count=False, order_by_field="place" if by_date else None).hits
        places = self._searcher.fast_field_values("place", [address for _, address in found])
        rows = [int(place or 0) % MONTH for place in places]
        hits = [Hit(row, 0.0 if by_date else float(score)) for row, (score, _) in zip(rows, found, strict=True)]
        return hits if by_date else sorted(hits, key=lambda hit: (-hit.score, hit.row))

    def _occurs(self, phrase: Phrase) -> bool:
        if is_cjk(phrase):
            return bool(self._searcher.search(self._phrase(phrase), 1, count=False).hits)
        frequency = self._searcher.doc_freq
        return all(frequency("title", word) or frequency("abstract", word) for word in map(stem, phrase))

    def _concept(self, concept: Concept, wide: bool = False) -> Query:
        """The first name anywhere, others as words or side by side in a title; with `wide` they too anywhere."""
        first, *others = dict.fromkeys(tuple(map(stem, phrase)) for phrase in concept.phrases)
        names = [self._phrase(first)]
        for other in others:
            strict = len(other) > 1 and not wide
            query = self._adjacent(other, _TITLE_PHRASE + _TITLE) if strict else self._phrase(other)
            names.append(Query.boost_query(query, _OTHER_NAME))
        return Query.disjunction_max_query(names, _TIE) if others else names[0]

    def _phrase(self, stems: Phrase) -> Query:
        """All words somewhere in title or abstract, best side by side in the title; Chinese only so."""
        if len(stems) == 1:
            return self._word(stems[0])
        adjacent = self._adjacent(stems, _TITLE_PHRASE)
        if is_cjk(stems):
            return adjacent
        saying = [stem for stem in stems if stem not in _STOPS] or stems
        return Query.boolean_query(
            [(Occur.Must, self._word(stem)) for stem in dict.fromkeys(saying)] + [(Occur.Should, adjacent)]
        )

    def _word(self, stem: str) -> Query:
        title, abstract = (Query.term_query(self._schema, field, stem) for field in ("title", "abstract"))
        return Query.boolean_query([(Occur.Should, Query.boost_query(title, _TITLE)), (Occur.Should, abstract)])

    def _neighbours(self, phrases: Iterable[Phrase]) -> Iterator[Query]:
        """Words side by side in the query and in a title, and the whole query as a title."""
        for phrase in phrases:
            stems = tuple(map(stem, phrase))
            for pair, said in zip(pairwise(stems), pairwise(phrase), strict=True):
                if content(said):
                    yield self._adjacent(pair, _NEIGHBOURS)
            if len(stems) > 2:
                yield self._adjacent(stems, _TITLE_PHRASE)

    def _adjacent(self, stems: Phrase, weight: float) -> Query:
        return Query.boost_query(Query.phrase_query(self._schema, "title", [*stems]), weight)

    def _filters(
        self, years: tuple[int, int] | None, categories: Sequence[str], authors: Sequence[str]
    ) -> list[tuple[Occur, Query]]:
        filters: list[Query] = []
        if years is not None:
            first, last = (year * 12 * MONTH for year in (min(years), max(years) + 1))
            kind = tantivy.FieldType.Unsigned
            filters.append(Query.range_query(self._schema, "place", kind, first, last, include_upper=False))
        if categories:
            filters.append(Query.term_set_query(self._schema, "category", [name.lower() for name in categories]))
        filters += map(self._author, authors)
        return [(Occur.Must, Query.const_score_query(query, 0.0)) for query in filters]

    def _author(self, name: str) -> Query:
        family, given = name_parts(" ".join(reversed(name.split(",", 1))))
        if len(given) == 1:
            return Query.regex_query(self._schema, "author", f"{re.escape(family)} {re.escape(given)}.*")
        terms = [f"{family} {given}", f"{family} {given[0]}"] if given else [family]
        return Query.term_set_query(self._schema, "author", terms)


def _nothing_to_search(query: TopicQuery) -> PaperQAError:
    if not query.unused:
        return PaperQAError("nothing to search for", remedy="Name a topic, an author, a category or a year.")
    near = ", ".join(nearest_topics(query.unused[0]))
    return PaperQAError(
        f"no paper has anything of: {', '.join(query.unused)}",
        remedy=f"Ask for a topic near it: {near}." if near else "Ask in English, or for a topic of the glossary.",
    )


def _open(place: Path) -> tuple[object, tantivy.Index]:
    """The index in `place`, and what must live as long: tantivy locks a file even to read, so links stand in for a
    directory that may not be written to."""
    if os.access(place, os.W_OK):
        return None, tantivy.Index.open(str(place))
    links = tempfile.TemporaryDirectory(prefix="paperqa-")
    for file in place.iterdir():
        if not file.name.endswith(".lock"):
            (Path(links.name) / file.name).symlink_to(file.absolute())
    return links, tantivy.Index.open(links.name)
