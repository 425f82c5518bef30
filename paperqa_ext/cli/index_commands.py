"""What `paperqa index` does: build, add, search, lookup, info and eval, each printing its result."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PaperQAError

if TYPE_CHECKING:
    from ..convert.collect import Collection
    from ..index import ReferenceIndex
    from ..index.evaluation import Query
    from ..index.search import Hit
    from ..index.topic_query import TopicQuery
    from ..papers import Paper

NEAREST = 3  # titles shown where none is the same
MIN_SIMILARITY = 60  # percent of a title; what shares less is not near


def build(args: argparse.Namespace) -> None:
    """Build an index, whole or not at all."""
    from ..files import Staged, writing
    from ..index import check_replaceable, write_index
    from ..index.topic_writer import write_searchable

    check_replaceable(args.output)
    found = _collected(args, args.output)
    with Staged() as staged, writing(args.output):
        temporary = staged.path(args.output)
        temporary.mkdir()
        papers = found.records.every("indexing")
        if args.searchable:
            coverage = write_searchable(papers, temporary, args.abstracts)
        else:
            coverage = write_index(papers, temporary)
        staged.commit()
    print(_table(found.counts))
    print(f"Index of {coverage.papers:,} papers, {coverage.first} to {coverage.last}: {args.output}")


def add(args: argparse.Namespace) -> None:
    """Add records to an index, and to its topic part if it has one."""
    from ..index import ReferenceIndex, add_to_index
    from ..index.search import TopicIndex
    from ..index.topic_writer import DIRECTORY, carry_topics

    before = len(ReferenceIndex(args.index))  # what can go wrong without the records goes wrong before they are read
    searchable = (args.index / DIRECTORY).exists()
    if searchable:
        TopicIndex(args.index)
    found = _collected(args, args.index)

    def carry(new: Path) -> None:
        if searchable:
            carry_topics(found.records.every("indexing topics"), args.index, new)

    coverage = add_to_index(found.records.every("adding"), args.index, carry)
    new = coverage.papers - before
    print(_table({**found.counts, "new in the index": new, "replaced in the index": found.counts["kept"] - new}))
    print(f"Index of {coverage.papers:,} papers, {coverage.first} to {coverage.last}: {args.index}")


def _collected(args: argparse.Namespace, directory: Path) -> Collection:
    from ..convert.collect import collect
    from ..engine import open_engine
    from ..files import nearest_existing

    with open_engine("local") as engine:
        return collect(args.sources, engine, (), columns=dict(args.map), directory=nearest_existing(directory))


def search(args: argparse.Namespace) -> int:
    """Print the papers that fit; 1 if there are none."""
    from ..index import ReferenceIndex
    from ..index.search import TopicIndex

    index, topics = ReferenceIndex(args.index), TopicIndex(args.index)
    query = topics.read(" ".join(args.query))
    hits = topics.search(query, years=args.year, categories=args.category, authors=args.author, limit=args.limit)
    papers = index.papers([hit.row for hit in hits])
    if args.json:
        _print_json(_found(query, args.year or query.years, hits, papers))
        return 0 if papers else 1
    if query.unused:
        print(f"No paper has anything of: {', '.join(query.unused)}. Searched for the rest.", file=sys.stderr)
    if not papers:
        raise PaperQAError(
            "no paper fits", path=args.index,
            remedy="Leave out a word or a filter; `paperqa index info` says which years the index covers.",
        )  # fmt: skip
    _print_hits(query, hits, papers)
    return 0


def _found(
    query: TopicQuery, years: tuple[int, int] | None, hits: Sequence[Hit], papers: Sequence[Paper]
) -> dict[str, Any]:
    return {
        "concepts": [concept.name for concept in query.concepts],
        "years": years,
        "unused": query.unused,
        "papers": [
            {**_fields(paper), "score": round(hit.score, 3), "whole": hit.whole}
            for hit, paper in zip(hits, papers, strict=True)
        ],
    }


def _print_hits(query: TopicQuery, hits: Sequence[Hit], papers: Sequence[Paper]) -> None:
    from ..prompts import citation_line

    for number, (hit, paper) in enumerate(zip(hits, papers, strict=True), 1):
        if not hit.whole and (number == 1 or hits[number - 2].whole):
            asked = ", ".join(concept.name for concept in query.concepts)
            print(f"{'No paper has' if number == 1 else 'Not'} all of: {asked}")
        print(citation_line(paper, number))


def lookup(args: argparse.Namespace) -> int:
    """Print the paper of an id or title; 1 if there is none, after the nearest titles."""
    from ..index import ReferenceIndex
    from ..papers import parse_arxiv_id
    from ..titles import words

    index, text = ReferenceIndex(args.index), " ".join(args.paper)
    arxiv_id = parse_arxiv_id(text)
    nearest: list[Paper] = []
    if arxiv_id is not None:
        paper = index.by_id(arxiv_id)
        papers = [] if paper is None else [paper]
    else:
        papers = index.by_title(words(text))
        nearest = [] if papers else _nearest(index, text)
    if args.json:
        _print_json({"papers": list(map(_fields, papers)), "nearest": list(map(_fields, nearest))})
        return 0 if papers else 1
    if papers:
        print("\n\n".join(map(_described, papers)))
        return 0
    if nearest:
        print("No paper has exactly this title. Nearest:\n\n" + "\n\n".join(map(_described, nearest)))
        return 1
    coverage = index.coverage
    raise PaperQAError(
        f"{arxiv_id} is not in the index" if arxiv_id else "no paper has this title or one near it",
        path=args.index,
        remedy=f"The index covers {coverage.first} to {coverage.last}; `paperqa index add` adds records.",
    )


def _nearest(index: ReferenceIndex, title: str) -> list[Paper]:
    """Papers whose titles share rare words with `title` and most of its letters, nearest first."""
    from rapidfuzz import fuzz

    from ..titles import words

    asked = words(title)
    rows = index.candidates([asked])[0]
    ratios = (fuzz.ratio(" ".join(asked), " ".join(words(title))) for title in index.titles(rows))
    best = sorted((-ratio, row) for ratio, row in zip(ratios, rows, strict=True) if ratio >= MIN_SIMILARITY)
    return index.papers([row for _, row in best[:NEAREST]])


def _described(paper: Paper) -> str:
    from ..prompts import citation_line

    lines = {
        "authors": ", ".join(paper.authors),
        "categories": " ".join(paper.categories),
        "published": paper.published,
    }
    if paper.withdrawn:
        lines["withdrawn"] = "yes: no answer should cite it"
    return "\n".join([citation_line(paper), *(f"  {name:<12}{value}" for name, value in lines.items() if value)])


def _fields(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": paper.authors,
        "categories": paper.categories,
        "published": paper.published,
        "withdrawn": paper.withdrawn,
        "url": paper.url,
    }


def info(args: argparse.Namespace) -> int:
    """Print what an index holds."""
    from ..index import FORMAT, ReferenceIndex
    from ..index.search import TopicIndex
    from ..index.topic_writer import DIRECTORY
    from ..index.topic_writer import FORMAT as TOPICS_FORMAT

    index = ReferenceIndex(args.index)
    topics = TopicIndex(args.index) if (args.index / DIRECTORY).exists() else None
    info: dict[str, Any] = {
        **asdict(index.coverage),
        "searchable_papers": 0 if topics is None else len(topics),
        "format": FORMAT,
        "topics_format": None if topics is None else TOPICS_FORMAT,
        "bytes": _size(args.index.iterdir()),
        "topics_bytes": 0 if topics is None else _size((args.index / DIRECTORY).iterdir()),
    }
    if args.json:
        _print_json(info)
        return 0
    search = "no; `paperqa index build` makes an index that can be searched"
    if topics is not None:
        size = _megabytes(info["topics_bytes"])
        search = f"{len(topics):,} papers (all but the withdrawn), {size}, format {TOPICS_FORMAT}"
    print(f"Index {args.index}")
    for name, value in {
        "papers": f"{len(index):,}",
        "from": info["first"],
        "to": info["last"],
        "hash": info["hash"],
        "checking": f"{_megabytes(info['bytes'])}, format {FORMAT}",
        "search": search,
    }.items():
        print(f"  {name:<10}{value}")
    return 0


def evaluate(args: argparse.Namespace) -> None:
    """Print recall and nDCG of search and of the chat's retrieval, by kind of question and language."""
    from ..chat.rerank import open_reranker
    from ..chat.retrieve import Retriever
    from ..index.evaluation import DEPTH, evaluate, read_queries

    retriever = Retriever(args.index, open_reranker(args.reranker))
    queries = _dataset_queries(args) if args.queries is None else read_queries(args.queries)

    def searched(query: Query) -> list[str]:
        asked = retriever.topics.read(query.text)
        hits = retriever.topics.search(asked, limit=DEPTH) if asked.concepts else []
        return [paper.key for paper in retriever.index.papers([hit.row for hit in hits])]

    def retrieved(query: Query) -> list[str]:
        return [paper.key for paper in retriever.retrieve(retriever.read(query.text), DEPTH).papers[:DEPTH]]

    results = {name: evaluate(queries, find) for name, find in (("search", searched), ("chat", retrieved))}
    if args.json:
        rows = [
            {"by": by, "kind": kind, "lang": lang, **asdict(effect)}
            for by, effects in results.items()
            for (kind, lang), effect in effects.items()
        ]
        _print_json({"index": str(args.index), "hash": retriever.index.coverage.hash, "depth": DEPTH, "results": rows})
        return
    print(f"{'by':<8}{'kind':<14}{'lang':<6}{'questions':>9}{'answered':>10}{f'recall@{DEPTH}':>11}{f'nDCG@{DEPTH}':>9}"
          f"{'unanswerable':>14}{'declined':>10}")  # fmt: skip
    for by, effects in results.items():
        for (kind, lang), effect in effects.items():
            means = "".join(f"{'-' if mean is None else f'{mean:.3f}':>10}" for mean in (effect.recall, effect.ndcg))
            print(f"{by:<8}{kind:<14}{lang:<6}{effect.questions:>9}{effect.answered:>10}{means}"
                  f"{effect.unanswerable:>14}{effect.declined:>10}")  # fmt: skip


def _dataset_queries(args: argparse.Namespace) -> list[Query]:
    """The questions of a data set that stand by themselves."""
    from ..asked import read_asked
    from ..index.evaluation import Query

    rows = read_asked(args.dataset_info, [args.dataset])
    return [
        Query(row.instruction, frozenset(row.paper_ids), row.kind, row.lang) for row in rows if row.kind != "multi_turn"
    ]


def _size(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _table(counts: Mapping[str, int]) -> str:
    return "\n".join(f"{name:<32}{count:>12,}" for name, count in counts.items())


def _print_json(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
