"""What is asked, before it is put into words: streams of `Ask`s for one split of a `Corpus`. Pure and seeded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from operator import attrgetter

import numpy as np

from ..prompts import Lang
from ..seeding import pick, rank, ranks, share
from .corpus import Cell, Corpus, Oeuvre

# How many papers are asked for (None: the question leaves it open and two answer it), with the share of each.
COUNTS: tuple[tuple[int | None, float], ...] = ((None, 0.55), (1, 0.09), (2, 0.14), (3, 0.12), (4, 0.05), (5, 0.05))
OPEN_COUNT = 2
MAX_PAPERS = 5
FIELDS = ("authors", "date", "id", "title")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, not yet worded.

    Attributes:
        kind: as `Example.kind`.
        lang: of question and answer.
        key: what the choice of words is drawn for; with kind and lang no other question's.
        rows: papers that the answer cites, in order.
        cell: as `Example.cell`.
        label: topic (English name) or category (code) asked about.
        year: year asked for.
        n: number of papers asked for.
        fewer: the records hold fewer.
        field: what is asked of one paper: one of `FIELDS`.
        variant: as `Example.variant`.
        span: first and last year of which the records hold papers on `label`.
        lenders: papers that lend words or names to something invented; not cited.
        invented: place of an invented topic.
        shown: papers whose records the question shows, to be answered from.
        base: of an unanswerable question its answerable twin; of a dialogue what was asked before.
    """

    kind: str
    lang: Lang
    key: tuple[object, ...]
    rows: tuple[int, ...] = ()
    cell: str = "seen_paper"
    label: str = ""
    year: int | None = None
    n: int | None = None
    fewer: bool = False
    field: str = ""
    variant: str = ""
    span: tuple[int, int] | None = None
    lenders: tuple[int, ...] = ()
    invented: int | None = None
    shown: tuple[int, ...] = ()
    base: Ask | None = None

    def __reduce__(self) -> tuple[type[Ask], tuple[object, ...]]:
        return Ask, _fields(self)  # left to itself, a data class with slots is pickled three times slower

    @property
    def papers(self) -> tuple[int, ...]:
        """Rows of all papers that wording it needs."""
        return (*self.rows, *self.lenders, *self.shown, *(self.base.papers if self.base else ()))

    @property
    def gold(self) -> tuple[int, ...]:
        """Rows of all papers that it cites, those of the turns before among them."""
        return (*self.rows, *(self.base.rows if self.base and self.kind == "multi_turn" else ()))


_fields = attrgetter(*Ask.__slots__)


class Asks:
    """What one split can be asked.

    Each stream yields what one language is asked first and, when that is used up, what the other language was asked, as
    its translation. Streams may yield more than can be worded: the wording drops what does not come out well.

    Args:
        corpus: what may be asked and cited.
        split: `train`, `val` or `test`.
        langs: languages, each given an equal share.
        max_papers: that an answer cites at most.
    """

    def __init__(self, corpus: Corpus, split: str, langs: Sequence[Lang], max_papers: int = MAX_PAPERS) -> None:
        self.corpus = corpus
        self.split = split
        self.langs = langs
        self.counts = [(n, part) for n, part in COUNTS if (n or OPEN_COUNT) <= max_papers or n == 1 == max_papers]
        self.open_count = min(OPEN_COUNT, max_papers)

    def streams(self, lang: Lang) -> Mapping[str, Iterator[Ask]]:
        """A stream for every kind that depends on no other row; `exist_not` is the half of `exist` that does not."""
        return {
            "recommend": self._of_cells("recommend", self.corpus.topic_cells[self.split], lang),
            "category": self._of_cells("category", self.corpus.category_cells[self.split], lang),
            "author": self._author(lang),
            "describe": self._describe(lang),
            "lookup": self._lookup(lang),
            "compare": self._compare(lang),
            "exist": self._exist(lang),
            "exist_not": self._exist_not(lang),
            "multi_turn": self._multi_turn(lang),
        }

    def _turn(self, number: int, *key: object) -> Lang:
        """Language of the `number`-th asking of one thing: the first is drawn, the next is its translation."""
        return self.langs[(rank(self.corpus.seed, "language", *key) + number) % len(self.langs)]

    def _of_cells(self, kind: str, cells: Sequence[Cell], lang: Lang) -> Iterator[Ask]:
        several = self._askings(kind, [cell for cell in cells if len(cell.rows) > 1], lang)
        single = self._askings(kind, [cell for cell in cells if len(cell.rows) == 1], lang)
        return _five_to_one(several, single)

    def _askings(self, kind: str, cells: Sequence[Cell], lang: Lang) -> Iterator[Ask]:
        counts = {cell: self._counts(cell.rows, cell.complete, cell.label, cell.year) for cell in cells}
        for asking in range(len(COUNTS) * len(self.langs)):
            number = asking // len(self.langs)
            for cell in cells:
                if number < len(counts[cell]) and self._turn(asking, kind, cell.label, cell.year) == lang:
                    yield self._of_cell(kind, cell, counts[cell][number], lang)

    def _counts(self, rows: Sequence[int], complete: bool, *key: object) -> list[int | None]:
        """Numbers of papers that may be asked for: the first drawn by the shares of `COUNTS`, then the common ones."""
        possible = [(n, part) for n, part in self.counts if len(rows) >= (n or self.open_count) or complete]
        if not possible:
            return []
        drawn = share(self.corpus.seed, "count", *key) * sum(part for _, part in possible)
        start = 0
        while drawn >= possible[start][1] and start < len(possible) - 1:
            drawn -= possible[start][1]
            start += 1
        first = possible.pop(start)[0]
        return [first, *(n for n, _ in sorted(possible, key=lambda item: -item[1]))]

    def _of_cell(self, kind: str, cell: Cell, n: int | None, lang: Lang) -> Ask:
        wanted = n or self.open_count
        rows = cell.rows[:wanted]
        novelty = self.corpus.novelty(self.split, rows, cell.label, cell.year)
        years = self.corpus.years(cell.label)
        return Ask(
            kind, lang, (cell.label, cell.year, n), rows, novelty, cell.label, cell.year, n, len(rows) < wanted,
            span=(years[0], years[-1]),
        )  # fmt: skip

    def _author(self, lang: Lang) -> Iterator[Ask]:
        return _five_to_one(self._by_author(lang, alone=False), self._by_author(lang, alone=True))

    def _by_author(self, lang: Lang, alone: bool) -> Iterator[Ask]:
        for asking in range(len(self.langs)):
            for oeuvre in self.corpus.oeuvres(self.split, alone=alone):
                if self._turn(asking, "author", oeuvre.author) == lang:
                    yield from self._of_author(oeuvre, lang)

    def _of_author(self, oeuvre: Oeuvre, lang: Lang) -> Iterator[Ask]:
        for n in self._counts(oeuvre.rows, oeuvre.complete, oeuvre.author)[:1]:
            wanted = n or self.open_count
            rows = oeuvre.rows[:wanted]
            yield Ask(
                "author", lang, (oeuvre.author, n), rows, self.corpus.novelty(self.split, rows), n=n,
                fewer=len(rows) < wanted,
            )  # fmt: skip

    def _of_papers(
        self, kind: str, lang: Lang, askings: int = 1, among: np.ndarray | None = None
    ) -> Iterator[tuple[int, int]]:
        """(number of the asking, row) of every paper, first in the language drawn for it, then in the other.

        Args:
            kind: of question; each has an order and languages of its own.
            lang: the language asked in.
            askings: how often each paper is asked about in each language.
            among: (rows of the split,) bool, by `shuffled(kind)`: the papers asked about; all if None.
        """
        rows = self.corpus.shuffled(self.split, kind)
        drawn = ranks(self.corpus.facts.keys[rows], self.corpus.seed, "language", kind)
        place = self.langs.index(lang)
        for asking in range(askings * len(self.langs)):
            turn = (drawn + np.uint64(asking)) % np.uint64(len(self.langs)) == place
            for row in map(int, rows[turn if among is None else turn & among]):
                yield asking, row

    def _of_row(self, kind: str, row: int, lang: Lang, **fields: object) -> Ask:
        # Rows depend on the order of the records, keys do not.
        key = (self.corpus.key(row), *(value for name, value in fields.items() if name != "lenders"))
        return Ask(kind, lang, key, (row,), self.corpus.novelty(self.split, (row,)), **fields)  # type: ignore[arg-type]

    def _describe(self, lang: Lang) -> Iterator[Ask]:
        for _, row in self._of_papers("describe", lang):
            yield self._of_row("describe", row, lang)

    def _lookup(self, lang: Lang) -> Iterator[Ask]:
        for asking, row in self._of_papers("lookup", lang, len(FIELDS)):
            field = FIELDS[(self.corpus.key(row) + asking // len(self.langs)) % len(FIELDS)]
            # A title shared by several papers has no one answer.
            if field == "title" or self.corpus.unique_title(row):
                yield self._of_row("lookup", row, lang, field=field)

    def _compare(self, lang: Lang) -> Iterator[Ask]:
        """Two papers of one topic, year and primary category, each paper in one comparison only."""
        place = self.langs.index(lang)
        for asking in range(len(self.langs)):
            for cell, *rows in self._pairs:
                key = tuple(map(self.corpus.key, rows))
                if (key[0] + asking) % len(self.langs) == place:
                    novelty = self.corpus.novelty(self.split, rows, cell.label, cell.year)
                    yield Ask("compare", lang, key, tuple(rows), novelty, cell.label)

    @cached_property
    def _pairs(self) -> list[tuple[Cell, int, int]]:
        used: set[int] = set()
        pairs = []
        for cell in self.corpus.topic_cells[self.split]:
            groups: dict[str, list[int]] = defaultdict(list)
            for row in cell.rows:
                if row not in used and self.corpus.unique_title(row):
                    groups[self.corpus.primary_category(row)].append(row)
            for rows in groups.values():
                found = list(zip(rows[::2], rows[1::2], strict=False))
                pairs += [(cell, first, second) for first, second in found]
                used.update(row for pair in found for row in pair)
        return pairs

    def _exist(self, lang: Lang) -> Iterator[Ask]:
        for _, row in self._of_papers("exist", lang, among=self._real()):
            if self.corpus.unique_title(row):
                yield self._of_row("exist", row, lang, variant="real")

    def _exist_not(self, lang: Lang) -> Iterator[Ask]:
        """Titles altered or put together from two, of which the first paper's is the nearest."""
        lenders = self.corpus.shuffled(self.split, "lender")
        for number, (_, row) in enumerate(self._of_papers("exist", lang, among=~self._real())):
            lender = int(lenders[number % len(lenders)])
            if lender != row:
                variant = "altered" if self.corpus.key(row) % 3 else "chimera"
                yield self._of_row("exist", row, lang, variant=variant, lenders=(lender,))

    def _real(self) -> np.ndarray:
        """Of which papers the title is asked about as it is, not with a change."""
        keys = self.corpus.facts.keys[self.corpus.shuffled(self.split, "exist")]
        return ranks(keys, self.corpus.seed, "real") % np.uint64(2) == 0

    def _multi_turn(self, lang: Lang) -> Iterator[Ask]:
        """Dialogues that begin with a recommendation: another year, fewer papers, "are you sure?", more of the kind."""
        cells: dict[str, dict[int | None, Cell]] = defaultdict(dict)
        for cell in self.corpus.topic_cells[self.split]:
            cells[cell.label][cell.year] = cell
        for number, base in enumerate(self._of_cells("recommend", self.corpus.topic_cells[self.split], lang)):
            cell = cells[base.label][base.year]
            wanted = base.n or self.open_count
            further = cell.rows[len(base.rows) : len(base.rows) + self.open_count]
            other = self._other_year(cells[base.label].values(), cell, wanted)
            variant = ("refine", "sure", "more", "fewer", "refine")[number % 5]
            if variant == "refine" and other is not None:
                rows = other.rows[:wanted]
                yield self._after(base, "refine", rows, year=other.year, fewer=len(rows) < wanted)
            elif variant == "more" and (further or cell.complete):
                yield self._after(base, "more" if further else "more_none", further, n=None)
            elif variant == "fewer" and len(base.rows) > 1:
                yield self._after(base, "fewer", base.rows[:1], n=1)
            else:
                yield self._after(base, "sure", base.rows)

    def _other_year(self, cells: Iterable[Cell], cell: Cell, wanted: int) -> Cell | None:
        """One of the topic's other cells that has as many papers, or all that there are."""
        fit = [other for other in cells if other is not cell and (len(other.rows) >= wanted or other.complete)]
        fit.sort(key=lambda other: other.year)
        return pick(fit, self.corpus.seed, "refine", cell.label, cell.year) if fit else None

    def _after(self, base: Ask, variant: str, rows: tuple[int, ...], **changes: object) -> Ask:
        changes = {"fewer": False, **changes}
        asked = replace(base, kind="multi_turn", variant=variant, rows=rows, base=base, **changes)  # type: ignore[arg-type]
        return replace(asked, key=(*base.key, variant, asked.year, asked.n))


def _five_to_one(several: Iterator[Ask], single: Iterator[Ask]) -> Iterator[Ask]:
    """Five questions that two papers or more answer to each that one paper does, as long as there are such."""
    while asks := [*islice(several, 5), *islice(single, 1)]:
        yield from asks
