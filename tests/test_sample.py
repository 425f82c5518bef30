"""The bundled records: size, coverage, and that each can be read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from paperqa_ext.papers import Paper, parse_arxiv_id
from paperqa_ext.sources import DISTRACTORS, SAMPLE, read_papers
from paperqa_ext.topics import TopicMatcher

MB = 1_000_000
AREAS = {"cs", "stat", "math", "physics", "cond-mat", "astro-ph", "quant-ph", "q-bio", "q-fin", "econ", "eess"}


def read(path: Path) -> list[Paper]:
    counts: Counter[str] = Counter()
    papers = list(read_papers([path], counts))
    assert counts["read"] == counts["kept"] == len(papers), counts
    return papers


@pytest.fixture(scope="module")
def sample() -> list[Paper]:
    return read(SAMPLE)


@pytest.fixture(scope="module")
def distractors() -> list[Paper]:
    return read(DISTRACTORS)


def archives(papers: list[Paper]) -> Counter[str]:
    return Counter(paper.categories[0].partition(".")[0] for paper in papers if paper.categories)


def test_sizes() -> None:
    assert SAMPLE.stat().st_size <= 4 * MB
    assert DISTRACTORS.stat().st_size <= 3 * MB


def test_sample_covers_years_and_areas(sample: list[Paper]) -> None:
    years = Counter(paper.year for paper in sample)
    assert set(years) == set(range(2007, 2027))
    assert min(years.values()) >= 100
    found = archives(sample)
    assert set(found) >= AREAS
    assert any(archive.startswith("hep-") for archive in found)
    assert (found["cs"] + found["stat"]) / len(sample) > 0.5


def test_distractors_cover_years_and_areas(distractors: list[Paper]) -> None:
    assert len(distractors) > 30_000
    assert set(range(1995, 2027)) <= {paper.year for paper in distractors}
    assert set(archives(distractors)) >= AREAS


def test_files_are_disjoint(sample: list[Paper], distractors: list[Paper]) -> None:
    assert not {paper.id for paper in sample} & {paper.id for paper in distractors}
    assert not {paper.title.casefold() for paper in sample} & {paper.title.casefold() for paper in distractors}


def test_every_record_is_whole(sample: list[Paper], distractors: list[Paper]) -> None:
    for paper in sample + distractors:
        assert parse_arxiv_id(paper.id) == paper.id
        assert len(paper.original_title or paper.title) >= 15
        assert paper.authors
        assert not paper.withdrawn
        assert len(paper.published) == 7
    assert all(paper.abstract for paper in sample)
    assert not any(paper.abstract for paper in distractors)
    assert all(len(paper.authors) <= 30 for paper in distractors)


def test_all_2022_papers_that_name_graph_neural_networks(sample: list[Paper]) -> None:
    """Defined as: published in 2022, "graph neural network" in title or abstract, in any case."""
    named = [p for p in sample if p.year == 2022 and "graph neural network" in f"{p.title}\n{p.abstract}".casefold()]
    assert len(named) >= 99


def test_enough_full_cells(sample: list[Paper]) -> None:
    """572 cells of a topic and a year hold six papers or more when this was written, in every year."""
    matcher = TopicMatcher()
    cells = Counter((topic.en, paper.year) for paper in sample for topic in matcher.match(paper))
    full = [cell for cell, count in cells.items() if count >= 6]
    assert len(full) >= 500
    assert set(range(2007, 2027)) == {year for _, year in full}
    assert len({topic for topic, _ in full}) >= 100
    assert cells["graph neural networks", 2022] >= 9
