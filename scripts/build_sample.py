"""Build the bundled sample of arXiv records and the distractors beside it; the same input gives the same files.

    python scripts/build_sample.py RECORDS.parquet

Writes `sample.parquet` and `distractors.parquet` into `paperqa_ext/data/` (or `--out`) and prints their counts.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from paperqa_ext.papers import Paper
from paperqa_ext.sources import DISTRACTORS, SAMPLE, read_papers
from paperqa_ext.topics import TopicMatcher

YEARS = range(2007, 2027)
SAMPLE_PAPERS = 5400  # about 1.8 MB; the limit is 4 MB
DISTRACTOR_BYTES = 2_500_000
BREADTH_PAPERS = 700  # papers of every (area, year), whatever their topic
PER_CELL = 9  # three papers in each of three disjoint splits
MIN_CELL = 6
MAX_AUTHORS = 30
MIN_TITLE, MIN_ABSTRACT = 15, 400
COMPUTING = ("cs", "stat")
AREA_OF = {
    "hep-th": "hep", "hep-ph": "hep", "hep-ex": "hep", "hep-lat": "hep", "gr-qc": "gr-qc",
    "nucl-th": "nucl", "nucl-ex": "nucl", "math-ph": "math", "alg-geom": "math", "q-alg": "math", "dg-ga": "math",
    "funct-an": "math", "cmp-lg": "cs", "chao-dyn": "nlin", "solv-int": "nlin", "patt-sol": "nlin", "adap-org": "nlin",
    "comp-gas": "nlin", "mtrl-th": "cond-mat", "supr-con": "cond-mat", "chem-ph": "physics", "acc-phys": "physics",
    "atom-ph": "physics", "ao-sci": "physics", "plasm-ph": "physics", "bayes-an": "stat",
}  # fmt: skip
_ENDS = re.compile(r"[.!?)\]}$\"'”’:/]$|\w{2,}/\S+$")
_SHAPE = re.compile(r"withdrawn|retracted|erratum|corrigendum", re.IGNORECASE)
_GNN = re.compile("graph neural network", re.IGNORECASE)

Cell = tuple[str, int]


def area(paper: Paper) -> str:
    """Main area of the primary category; empty if the record has none."""
    archive = paper.categories[0].partition(".")[0] if paper.categories else ""
    return AREA_OF.get(archive, archive)


def names_gnn_in_2022(paper: Paper) -> bool:
    """The reference question's answer set: 2022 papers with "graph neural network" in title or abstract."""
    return paper.year == 2022 and bool(_GNN.search(f"{paper.title}\n{paper.abstract}"))


def fits_sample(paper: Paper) -> bool:
    return (
        fits_index(paper)
        and paper.year in YEARS
        and len(paper.abstract) >= MIN_ABSTRACT
        and bool(_ENDS.search(paper.abstract))
        and not paper.abstract.endswith("...")
    )


def fits_index(paper: Paper) -> bool:
    return (
        len(paper.title) >= MIN_TITLE
        and bool(area(paper))
        and 0 < len(paper.authors) <= MAX_AUTHORS
        and not paper.withdrawn
        and not _SHAPE.search(paper.title)
    )


def shuffled(papers: Iterable[Paper]) -> list[Paper]:
    """A fixed order that follows neither date nor area."""
    return sorted(papers, key=lambda paper: hashlib.sha256(paper.id.encode()).digest())


def choose_sample(papers: Sequence[Paper]) -> list[Paper]:
    """All 2022 papers on graph neural networks, some of every area and year, then whole cells until it is full."""
    chosen = {paper.id: paper for paper in papers if names_gnn_in_2022(paper)}
    candidates = shuffled(paper for paper in papers if fits_sample(paper))
    strata: dict[tuple[str, int], list[Paper]] = defaultdict(list)
    for paper in candidates:
        strata[area(paper), paper.year].append(paper)
    breadth = (paper for rank in itertools.zip_longest(*(strata[key] for key in sorted(strata))) for paper in rank)
    chosen |= {paper.id: paper for paper in itertools.islice(filter(None, breadth), BREADTH_PAPERS)}

    matcher = TopicMatcher()
    cells: dict[Cell, list[tuple[float, Paper]]] = defaultdict(list)
    for paper in candidates:
        for topic, relevance in matcher.hits(paper):
            cells[matcher.topics[topic].en, paper.year].append((relevance, paper))
    for cell in in_turn(cells):
        present = sum(1 for _, paper in cells[cell] if paper.id in chosen)
        missing = [paper for _, paper in sorted(cells[cell], key=lambda hit: -hit[0]) if paper.id not in chosen]
        missing = missing[: max(0, PER_CELL - present)]
        if len(chosen) + len(missing) > SAMPLE_PAPERS:
            break
        chosen |= {paper.id: paper for paper in missing}
    return sorted(chosen.values(), key=lambda paper: (paper.published, paper.id))


def in_turn(cells: dict[Cell, list[tuple[float, Paper]]]) -> list[Cell]:
    """Cells that can be filled, year by year in turn, two of cs and stat topics to one of the other areas."""
    per_topic: dict[str, Counter[bool]] = defaultdict(Counter)
    for (topic, _), hits in cells.items():
        per_topic[topic].update(area(paper) in COMPUTING for _, paper in hits)
    queues: dict[tuple[int, bool], list[Cell]] = defaultdict(list)
    for (topic, year), hits in cells.items():
        if len(hits) >= MIN_CELL:
            queues[year, per_topic[topic][True] > per_topic[topic][False]].append((topic, year))
    # Cells that are easily filled first: where many papers match, those chosen are the ones most about the topic.
    for queue in queues.values():
        queue.sort(key=lambda cell: (-min(len(cells[cell]), 2 * PER_CELL), cell))
    rounds: dict[int, list[Cell]] = {}
    for year in YEARS:
        computing, other = queues[year, True], queues[year, False]
        rounds[year] = []
        while computing or other:
            rounds[year] += computing[:2] + other[:1]
            del computing[:2], other[:1]
    return [cell for turn in itertools.zip_longest(*rounds.values()) for cell in turn if cell]


def choose_distractors(papers: Sequence[Paper], sample: Sequence[Paper]) -> list[Paper]:
    """Records for the index alone, in the order in which they are kept while there is room."""
    taken = {paper.id for paper in sample}
    titles = {paper.title.casefold() for paper in sample}
    strata: dict[tuple[str, int], list[Paper]] = defaultdict(list)
    for paper in shuffled(papers):
        if paper.id not in taken and paper.title.casefold() not in titles and fits_index(paper):
            titles.add(paper.title.casefold())
            strata[area(paper), paper.year].append(paper)

    def turn(key: tuple[str, int], rank: int) -> float:
        # Recent cs and stat papers are what is asked about most, so their strata are emptied fastest.
        weight = (5 if key[0] in COMPUTING else 1) * (3 if key[1] >= 2020 else 1)
        return (rank + 1) / weight

    ranked = [(turn(key, rank), key, rank) for key in strata for rank in range(len(strata[key]))]
    return [strata[key][rank] for _, key, rank in sorted(ranked)]


def table(papers: Iterable[Paper], *, abstracts: bool) -> pa.Table:
    rows = list(papers)
    columns: dict[str, list[object]] = {
        "id": [paper.id for paper in rows],
        "title": [paper.original_title or paper.title for paper in rows],
        "authors": [list(paper.authors) for paper in rows],
        "abstract": [paper.abstract for paper in rows],
        # The index asks distractors for no more than the primary category.
        "categories": [list(paper.categories) if abstracts else list(paper.categories[:1]) for paper in rows],
        "published": [paper.published for paper in rows],
    }
    if not abstracts:
        del columns["abstract"]
    lists = pa.list_(pa.string())
    return pa.table(
        {name: pa.array(v, lists if name in ("authors", "categories") else pa.string()) for name, v in columns.items()}
    )


def write(rows: pa.Table, path: Path) -> int:
    """Write `rows`; returns the size in bytes."""
    pq.write_table(
        rows,
        path,
        compression="zstd",
        compression_level=22,
        # One page a column: zstd finds repeats only inside a page. Ids in order share prefixes, categories repeat.
        data_page_size=1 << 30,
        max_rows_per_page=1 << 30,
        row_group_size=1 << 30,
        write_batch_size=1 << 20,
        use_dictionary=["categories.list.element", "published"],
        column_encoding={"id": "DELTA_BYTE_ARRAY"},
        write_statistics=False,
        store_schema=False,
    )
    return path.stat().st_size


def fitting(ranked: Sequence[Paper], path: Path, limit: int) -> list[Paper]:
    """As many of `ranked`, from its beginning, as fit into `limit` bytes, by date; they are written to `path`."""
    count = len(ranked)
    while True:
        kept = sorted(ranked[:count], key=lambda paper: (paper.published, paper.id))
        size = write(table(kept, abstracts=False), path)
        if size <= limit:
            return kept
        # Size is nearly proportional to count; the 0.1% spares a round for the last few bytes.
        count = int(count * limit / size * 0.999)


def counts_table(sample: Sequence[Paper], distractors: Sequence[Paper]) -> str:
    """Markdown tables: records by year, and by area."""

    def year(paper: Paper) -> str:
        return str(paper.year) if paper.year in YEARS else f"before {YEARS[0]}"

    lines = []
    for name, group in (("year", year), ("area", lambda paper: area(paper) or "none given")):
        left, right = Counter(map(group, sample)), Counter(map(group, distractors))
        keys = sorted(left | right, key=lambda key: (not key.startswith("before"), key))
        if name == "area":
            keys.sort(key=lambda key: -left[key])
        lines += ["", f"| {name} | sample | distractors |", "| --- | --: | --: |"]
        lines += [f"| {key} | {left[key]:,} | {right[key]:,} |" for key in keys]
    return "\n".join(lines[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the bundled sample and distractors.")
    parser.add_argument("records", type=Path, help="parquet with id, title, authors, abstract, categories, published")
    parser.add_argument("--out", type=Path, default=SAMPLE.parent)
    args = parser.parse_args()

    papers = list(read_papers([args.records]))
    sample = choose_sample(papers)
    size = write(table(sample, abstracts=True), args.out / SAMPLE.name)
    distractors = fitting(choose_distractors(papers, sample), args.out / DISTRACTORS.name, DISTRACTOR_BYTES)

    matcher = TopicMatcher()
    cells = Counter((topic.en, paper.year) for paper in sample for topic in matcher.match(paper))
    print(counts_table(sample, distractors), end="\n\n")
    print(f"sample: {len(sample)} papers, {size:,} bytes")
    print(f"distractors: {len(distractors)} records, {(args.out / DISTRACTORS.name).stat().st_size:,} bytes")
    print(f"2022 papers that name graph neural networks: {sum(map(names_gnn_in_2022, sample))}")
    for least in (3, 6, 9):
        print(f"(topic, year) cells of at least {least} papers: {sum(1 for count in cells.values() if count >= least)}")


if __name__ == "__main__":
    main()
