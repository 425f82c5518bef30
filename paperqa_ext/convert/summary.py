"""What a conversion made, counted once: the terminal, the data set's card and its plots all read this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ..errors import DatasetError
from ..prompts import LANGS
from .build import SHARES, Row
from .corpus import Corpus
from .splits import SPLITS
from .tokens import CUTOFF_LEN, percentile


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """Counts of one split.

    Attributes:
        kinds: rows by (kind, language).
        cells: rows by what training has seen of them.
        variants: rows by (kind, variant), where there is a variant.
        years: citations by year of the paper.
        categories: citations by primary category of the paper.
        papers: number of papers cited.
        tokens: (whole row, answer) in Qwen tokens, of the rows counted.
    """

    kinds: Counter[tuple[str, str]]
    cells: Counter[str]
    variants: Counter[tuple[str, str]]
    years: Counter[int]
    categories: Counter[str]
    papers: int
    tokens: Sequence[tuple[int, int]]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.kinds.total()


@dataclass(frozen=True, slots=True)
class Summary:
    """What a conversion read and made.

    Attributes:
        command: that makes the same again.
        sources: names of the sources.
        source_hash: of the records, whatever their order.
        records: number of records in the index.
        first: date of the earliest record.
        last: date of the latest record.
        counts: of reading: `read`, `kept`, `dropped: <reason>`, `merged: <reason>` …
        not_cited: records that no answer cites, by reason.
        dropped: questions not used, by reason.
        held_out: English names of the topics that only test asks about.
        held_out_year: the year that only test asks about; 0 if there is none.
        splits: by name, in the order they were made.
        shared: papers that two splits both cite, for each pair of splits that must share none.
        examples: a row of each (kind, language), as it is in the file.
    """

    command: str
    sources: Sequence[str]
    source_hash: str
    records: int
    first: str
    last: str
    counts: Mapping[str, int]
    not_cited: Mapping[str, int]
    dropped: Mapping[str, int]
    held_out: frozenset[str]
    held_out_year: int
    splits: Mapping[str, SplitSummary]
    shared: Mapping[tuple[str, str], int]
    examples: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


def summarize_split(rows: Iterable[Row], corpus: Corpus) -> SplitSummary:
    """Count one split."""
    kinds: Counter[tuple[str, str]] = Counter()
    cells: Counter[str] = Counter()
    variants: Counter[tuple[str, str]] = Counter()
    years: Counter[int] = Counter()
    categories: Counter[str] = Counter()
    papers: set[int] = set()
    tokens = []
    for row in rows:
        ask = row.ask
        kinds[ask.kind, ask.lang] += 1
        cells[ask.cell] += 1
        if ask.variant:
            variants[ask.kind, ask.variant] += 1
        for paper in ask.rows:
            years[corpus.year(paper)] += 1
            categories[corpus.primary_category(paper)] += 1
        papers.update(ask.gold)
        if row.tokens:
            tokens.append(row.tokens)
    return SplitSummary(kinds, cells, variants, years, categories, len(papers), tokens)


def leakage(rows: Mapping[str, Sequence[Row]]) -> dict[tuple[str, str], int]:
    """For each two of train, val and test, how many papers both cite, show or quote: none.

    `seen` asks about train's papers, and is held to cite no other.

    Raises:
        DatasetError: two of them share a paper.
    """
    papers = {
        split: {paper for row in made for paper in (*row.ask.gold, *row.ask.shown)} for split, made in rows.items()
    }
    groups = {split: papers.get(split, set()) | papers.get(f"grounded_{split}", set()) for split in SPLITS}
    shared = {(one, other): len(groups[one] & groups[other]) for one, other in combinations(SPLITS, 2)}
    strangers = len(papers.get("seen", set()) - groups["train"])
    if any(shared.values()) or strangers:
        found = ", ".join(f"{number} in {one} and {other}" for (one, other), number in shared.items() if number)
        raise DatasetError(
            f"papers are shared between splits: {found or f'{strangers} of seen that train lacks'}",
            remedy="This is a fault of paperqa-ext, nothing was written; please report it with the command.",
        )
    return shared


def text(summary: Summary) -> str:
    """The summary for the terminal."""
    lines = ["records: " + ", ".join(f"{number:,} {reason}" for reason, number in summary.counts.items() if number)]
    for title, counts in (("not cited", summary.not_cited), ("not used", summary.dropped)):
        if any(counts.values()):
            lines.append(f"{title}: " + ", ".join(f"{number:,} {why}" for why, number in counts.items() if number))
    made = {kind for split in summary.splits.values() for kind, _ in split.kinds}
    kinds = [kind for kind in SHARES if kind in made]
    lines.append(f"{'split':15}" + "".join(f"{head:>13}" for head in (*kinds, *LANGS, "rows", "papers")))
    for name, split in summary.splits.items():
        number: Counter[str] = Counter()
        for (kind, lang), count in split.kinds.items():
            number[kind] += count
            number[lang] += count
        number["rows"], number["papers"] = split.rows, split.papers
        lines.append(f"{name:15}" + "".join(f"{number[head]:>13,}" for head in (*kinds, *LANGS, "rows", "papers")))
    tokens = [pair for split in summary.splits.values() for pair in split.tokens]
    for name, lengths in zip(("whole row", "answer"), zip(*tokens, strict=True), strict=False):
        parts = " ".join(f"p{percent} {percentile(list(lengths), percent)}" for percent in (50, 90, 99))
        lines.append(f"Qwen tokens, {name}: {parts} max {max(lengths)}")
    lines.append(f"rows over cutoff_len {CUTOFF_LEN}: 0")
    held = f"{len(summary.held_out)} topics" + (
        f" and the year {summary.held_out_year}" if summary.held_out_year else ""
    )
    lines.append(f"only test asks about: {held}")
    pairs = ", ".join(f"{one}/{other} {number}" for (one, other), number in summary.shared.items())
    lines.append(f"papers cited in two splits: {pairs}")
    return "\n".join(lines)
