"""What can be asked of each split of a set of papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..categories import Category
from ..errors import DatasetError
from ..seeding import rank, ranks
from ..topics import InventedTopic, Topic
from .splits import SPLITS, assign
from .survey import CITABLE, REPEATED, Survey, category_codes, not_cited

MAX_OEUVRE = 8  # papers of one author name; under more the name is likely that of several people


@dataclass(frozen=True, slots=True)
class Cell:
    """The papers of one topic or category and year that one split may cite.

    Attributes:
        label: English name of the topic, or code of the category.
        year: of the papers' first versions.
        rows: their rows, most relevant to the topic first; newest first in a category.
        complete: these are all papers of the label and year that the records hold.
    """

    label: str
    year: int
    rows: tuple[int, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Oeuvre:
    """The papers under one author name that one split may cite.

    Attributes:
        author: `survey.author_key` of the name.
        rows: their rows, newest first.
        complete: these are all papers under that name that the records hold.
    """

    author: int
    rows: tuple[int, ...]
    complete: bool


class Corpus:
    """Records to ask about, split by paper.

    Args:
        facts: of every record; the status of repeated papers is amended.
        topics: the glossary; `facts` numbers these first, then `invented`.
        invented: topics that should not exist.
        categories: arXiv's categories by code, as `survey` knows them.
        val_ratio: share of val in train and val together.
        seed: another seed gives another split.

    Attributes:
        splits: which paper belongs to which split.
        last: date of the latest record, as `Paper.published`.
        skipped: how many papers are never cited, by reason.
        invented: the invented topics that no record names.
        topic_cells: cells of topics, by split, in an order that the seed decides.
        category_cells: the same of categories.

    Raises:
        DatasetError: no record can be cited.
    """

    def __init__(
        self,
        facts: Survey,
        topics: Sequence[Topic],
        invented: Sequence[InventedTopic],
        categories: dict[str, Category],
        val_ratio: float,
        seed: int,
    ) -> None:
        self.facts = facts
        self.topics = {topic.en: topic for topic in topics}
        self.categories = categories
        self.seed = seed
        _drop_repeated(facts)
        self.skipped = not_cited(facts.status)
        if not (facts.status == CITABLE).any():
            reasons = ", ".join(f"{number} {why}" for why, number in self.skipped.items())
            raise DatasetError(
                f"no record can be cited in an answer: {reasons}", remedy="Give a source with more arXiv records."
            )
        named = set(facts.topics.tolist())
        self.invented = [topic for number, topic in enumerate(invented, len(topics)) if number not in named]
        self.last = _published(int(facts.dates.max()))
        self.splits = assign(facts, topics, val_ratio, seed)
        self._years: dict[str, list[int]] = {}
        self._orders: dict[str, np.ndarray] = {}
        self.topic_cells = self._cells(*self._topic_entries(topics))
        self.category_cells = self._cells(*self._category_entries())
        self._oeuvres = self._find_oeuvres()
        for years in self._years.values():
            years.sort()
        starts = np.cumsum(facts.category_counts, dtype=np.int64) - facts.category_counts
        self._primary = np.where(facts.category_counts > 0, starts, -1)
        self._titles, places, counts = np.unique(facts.titles, return_inverse=True, return_counts=True)
        self._title_is_unique = counts[places] == 1

    def _topic_entries(self, topics: Sequence[Topic]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Names of all topics; of each paper and topic of it, in the order of citing: number of the topic, and row."""
        rows, numbers, relevance = self.facts.topic_entries(len(topics))
        order = np.lexsort((self.facts.keys[rows], -relevance, self.facts.years[rows], numbers))
        return np.array([topic.en for topic in topics], dtype=object), numbers[order], rows[order]

    def _category_entries(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same for categories, cross-lists included, newest paper first."""
        rows, numbers = self.facts.category_entries()
        order = np.lexsort((self.facts.keys[rows], -self.facts.dates[rows], numbers))
        return np.array(category_codes(), dtype=object), numbers[order], rows[order]

    def _cells(self, names: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> dict[str, list[Cell]]:
        """Cells of each split, in an order that the seed decides."""
        cells: dict[str, list[Cell]] = {split: [] for split in SPLITS}
        years = self.facts.years[rows]
        for start, stop in _runs(labels, years).tolist():
            label, year = str(names[labels[start]]), int(years[start])
            self._years.setdefault(label, []).append(year)
            split = self.splits.of(label, year)
            members = rows[start:stop]
            fit = (self.splits.papers[members] == SPLITS.index(split)) & ~self.facts.remarks[members]
            if fit.any():
                cells[split].append(Cell(label, year, tuple(members[fit].tolist()), bool(fit.all())))
        for found in cells.values():
            found.sort(key=lambda cell: rank(self.seed, "cell", cell.label, cell.year))
        return cells

    def _find_oeuvres(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """By split: where in the sorted authors the papers of one begin and end.

        An author is asked about in the split of their newest paper, and only that split's papers are cited.
        """
        facts = self.facts
        rows, authors = facts.author_entries()
        order = np.lexsort((facts.keys[rows], -facts.dates[rows], authors))
        self._authors, self._author_rows = authors[order], rows[order]
        bounds = _runs(self._authors)
        starts, stops = bounds[bounds[:, 1] - bounds[:, 0] <= MAX_OEUVRE].T
        splits = self.splits.papers[self._author_rows[starts]]
        return {split: (starts[splits == number], stops[splits == number]) for number, split in enumerate(SPLITS)}

    def oeuvres(self, split: str, *, alone: bool) -> Iterator[Oeuvre]:
        """Authors of a split in an order that the seed decides: those of one paper, or those of several."""
        starts, stops = self._oeuvres[split]
        wanted = (stops - starts == 1) == alone
        starts, stops = starts[wanted], stops[wanted]
        authors = self._authors[starts]
        for place in np.argsort(ranks(authors, self.seed, "author"), kind="stable"):
            rows = self._author_rows[starts[place] : stops[place]]
            fit = rows[(self.splits.papers[rows] == SPLITS.index(split)) & ~self.facts.remarks[rows]]
            if len(fit):
                yield Oeuvre(int(authors[place]), tuple(fit.tolist()), len(fit) == len(rows))

    def shuffled(self, split: str, purpose: str) -> np.ndarray:
        """Rows of a split in an order that the seed decides, begun at a place that `purpose` decides."""
        if split not in self._orders:
            rows = np.flatnonzero(self.splits.papers == SPLITS.index(split)).astype(np.uint32)
            self._orders[split] = rows[np.argsort(ranks(self.facts.keys[rows], self.seed, "order"), kind="stable")]
        rows = self._orders[split]
        return np.roll(rows, -(rank(self.seed, purpose) % max(len(rows), 1)))

    def novelty(self, split: str, rows: Sequence[int], label: str | None = None, year: int | None = None) -> str:
        """What training has seen of a question about `label` and `year`, or else about `rows`, as `Example.cell`."""
        if split == "train":
            return "seen_paper"
        splits = self.splits
        about_rows = label not in self.topics and any(splits.unseen_topic[row] for row in rows)
        if label in splits.held_out or about_rows:
            return "unseen_topic"
        if splits.held_out_year in {year, *map(self.year, rows)}:
            return "unseen_year"
        return "unseen_paper"

    def key(self, row: int) -> int:
        """What tells the paper of this row from others."""
        return int(self.facts.keys[row])

    def year(self, row: int) -> int:
        """Year of the paper of this row."""
        return int(self.facts.dates[row]) // 10_000

    def primary_category(self, row: int) -> str:
        """Code of the primary category of the paper of this row; "" if it has none that is known."""
        place = self._primary[row]
        return category_codes()[self.facts.categories[place]] if place >= 0 else ""

    def years(self, label: str) -> list[int]:
        """Years of which the records hold a paper of this topic or category, ascending."""
        return self._years.get(label, [])

    def unique_title(self, row: int) -> bool:
        """Whether the title of this row names one record and no other."""
        return bool(self._title_is_unique[row])

    def has_title(self, key: int) -> bool:
        """Whether a record has a title of this `titles.title_key`."""
        return _holds(self._titles, key)

    def has_author(self, key: int) -> bool:
        """Whether a record has an author of this `survey.author_key`."""
        return _holds(self._authors, key)


def _drop_repeated(facts: Survey) -> None:
    """Of the citable papers of one title and first author only the earliest may be cited."""
    rows = np.flatnonzero(facts.status == CITABLE)
    order = rows[np.lexsort((facts.keys[rows], facts.dates[rows], facts.works[rows]))]
    facts.status[order[1:][facts.works[order[1:]] == facts.works[order[:-1]]]] = REPEATED


def _runs(*columns: np.ndarray) -> np.ndarray:
    """(runs, 2): where rows with equal values in all of the sorted `columns` begin and end."""
    changed = np.ones(len(columns[0]) + 1, dtype=bool)
    changed[1:-1] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    bounds = np.flatnonzero(changed)
    return np.stack([bounds[:-1], bounds[1:]], axis=1)


def _holds(values: np.ndarray, key: int) -> bool:
    place = int(np.searchsorted(values, np.uint64(key)))
    return place < len(values) and int(values[place]) == key


def _published(date: int) -> str:
    """`YYYYMMDD` as `YYYY-MM`, or `YYYY` if it has no month."""
    year, month = date // 10_000, date // 100 % 100
    return f"{year}-{month:02}" if month else str(year)
