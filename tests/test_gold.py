from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
# What is reached. Rules are written against the first set; of the second nobody who writes rules sees the text.
REACHED = {"answers": (0.977, 0.0145), "answers_unseen": (0.956, 0.051)}  # recall, spurious
SHAPES = set(
    "numbered bulleted nested bold quoted linked labelled book_quotes apa ieee gbt7714 mla_chicago bibtex markdown_table "
    "html json prose ids titles_only canonical think escaped latex full_width emoji continuation truncated repetition "
    "abstention none hostile".split()
)


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(FIXTURES.parents[1] / "benchmarks")
    import extraction

    return extraction


@pytest.fixture
def gold(scorer: Any) -> list[Any]:
    return [answer for name in REACHED for answer in scorer.read_gold(FIXTURES / f"{name}.jsonl")]


def test_the_gold_sets_hold_every_shape_in_both_languages(gold: list[Any]) -> None:
    assert len(gold) >= 300
    assert len({answer["name"] for answer in gold}) == len(gold)
    assert len({answer["answer"] for answer in gold}) == len(gold)
    assert {answer["shape"] for answer in gold} >= SHAPES
    languages = [answer["lang"] for answer in gold]
    assert set(languages) <= {"en", "zh", "mixed"}
    assert min(languages.count("en"), languages.count("zh")) >= 0.4 * len(gold)


def test_every_field_of_the_gold_stands_in_the_answer_in_order(scorer: Any, gold: list[Any]) -> None:
    for answer in gold:
        text, at = answer["answer"], 0
        for cited in answer["citations"]:
            assert cited["title"] or cited["arxiv_id"] or cited["doi"], answer["name"]
            spans = scorer.places(cited, text, at)
            start, end = cited["span"]
            assert any(start < last and first < end for first, last in spans), (answer["name"], cited)
            at = spans[0][1]
            for author in cited["authors"]:
                assert scorer.occurrences(author, text), (answer["name"], author)
            assert cited["year"] is None or str(cited["year"]) in unicodedata.normalize("NFKC", text), answer["name"]
            if cited["arxiv_id"]:
                assert scorer.places(cited | {"title": None}, text), (answer["name"], cited["arxiv_id"])
            assert cited.get("doi", "").lower() in text.lower(), answer["name"]
            assert not cited.get("truncated") or cited is answer["citations"][-1], answer["name"]


@pytest.mark.parametrize("name", REACHED)
def test_extraction_finds_what_people_read_in_the_gold_sets(scorer: Any, name: str) -> None:
    scored = [*map(scorer.score, scorer.read_gold(FIXTURES / f"{name}.jsonl"))]
    recall, spurious = REACHED[name]
    assert scorer.recall(scored) >= recall
    assert scorer.spurious_rate(scored) <= spurious


def test_a_title_is_compared_up_to_mark_up_and_matched_where_it_stands(scorer: Any) -> None:
    text = '1. **Graph _Networks_: A {S}urvey.** (2020)\n2. "Nets", arXiv:2001.00001v2. We need nets.'
    first: dict[str, Any] = {"title": "graph networks: A Survey", "authors": [], "year": 2020, "arxiv_id": None}
    second: dict[str, Any] = {"title": "Nets", "authors": [], "year": None, "arxiv_id": "2001.00001"}
    assert [text[slice(*span)] for span in scorer.places(first, text)] == ["Graph _Networks_: A {S}urvey"]
    assert [text[slice(*span)] for span in scorer.places(second, text)] == ["Nets", "nets"]
    missing = first | {"title": "Graph Networks"}
    answer = {"answer": text, "abstains": False, "shape": "numbered", "lang": "en", "name": "any"}
    assert scorer.recall([scorer.score(answer | {"citations": [first, second]})]) == 1
    half = [scorer.score(answer | {"citations": [missing, second]})]
    assert (scorer.recall(half), scorer.spurious_rate(half)) == (0.5, 0.5)
