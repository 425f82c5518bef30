"""The glossary, its errors, and which topics a paper is matched to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper
from paperqa_ext.topics import MIN_ABSTRACT_HITS, Topic, TopicMatcher, load_topics, relevance

TOPICS = load_topics()
MATCHER = TopicMatcher(TOPICS)
GNN = next(topic for topic in TOPICS if topic.en == "graph neural networks")
WORDS = st.text(alphabet="ab -", min_size=1, max_size=6).map(lambda text: " ".join(text.replace("-", " ").split()))


def paper(title: str = "A title that names nothing", abstract: str = "") -> Paper:
    return Paper("2201.00001", title, abstract=abstract, published="2022-01")


def topics_of(title: str = "A title that names nothing", abstract: str = "") -> list[str]:
    return [topic.en for topic in MATCHER.match(paper(title, abstract))]


def glossary(directory: Path, text: str) -> Path:
    path = directory / "topics.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_bundled_glossary() -> None:
    assert GNN.zh == "图神经网络"
    assert len(TOPICS) >= 120
    for topic in TOPICS:
        assert any("\u4e00" <= character <= "\u9fff" for character in topic.zh), topic
        assert len(set(map(str.casefold, topic.keywords))) == len(topic.keywords), topic


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.en)
def test_every_keyword_finds_its_topic(topic: Topic) -> None:
    for keyword in topic.keywords:
        assert topic in MATCHER.match(paper(f"On {keyword.upper()}s, revisited")), keyword


@pytest.mark.parametrize(
    "title",
    [
        "Graph neural networks: a survey",
        "GRAPH-NEURAL NETWORK pruning",
        "What can GNNs learn?",
        "Graph\u2010neural\nnetworks",
        "(GNN)-based routing",
    ],
)
def test_case_plural_hyphen_and_white_space_do_not_count(title: str) -> None:
    assert GNN.en in topics_of(title)


@pytest.mark.parametrize(
    ("title", "wrong"),
    [
        ("Hypergraph neural networking hardware", "graph neural networks"),
        ("Paragraph neural network", "graph neural networks"),
        ("SGNNX and its uses", "graph neural networks"),
        ("Momentum for non-convex optimization", "convex optimization"),
        ("Solutions of a Kirchhoff-type system", "type theory and programming languages"),
        ("Cross-domain generalization of monitors", "domain generalization"),
        ("Permutation orbifolds of vertex operator algebras", "operator algebras"),
        ("Cell nuclei instance segmentation", "nuclear structure"),
        ("Can collider bias explain the obesity paradox?", "particle physics at colliders"),
        ("Kuramoto-Sivashinsky equation", "synchronization"),
    ],
)
def test_wrong_topics_are_not_matched(title: str, wrong: str) -> None:
    assert wrong not in topics_of(title)


def test_title_or_three_hits_in_the_abstract() -> None:
    mention = "We compare with a graph neural network (GNN)."
    assert GNN.en in topics_of("GNN routing")
    assert GNN.en not in topics_of(abstract=mention)
    assert GNN.en in topics_of(abstract=f"{mention} The GNN wins.")


def test_overlapping_keywords_count_for_each_topic() -> None:
    found = topics_of("Multi-agent reinforcement learning with large language model agents")
    assert {"reinforcement learning", "multi-agent reinforcement learning", "large language models", "LLM agents"} <= {
        *found
    }


def test_relevance_ranks_title_hits_first() -> None:
    in_title = paper("GNN routing")
    both = paper("GNN routing", "A GNN routes.")
    often = paper(abstract="GNN " * 50)
    once = paper(abstract="A GNN.")
    assert sorted([once, often, in_title, both], key=lambda p: relevance(p, GNN)) == [once, often, in_title, both]
    assert relevance(paper(), GNN) == 0


@given(st.sets(WORDS.filter(bool), min_size=1, max_size=6), st.text(alphabet="ab -", max_size=20))
def test_matcher_agrees_with_one_search_per_keyword(keywords: set[str], text: str) -> None:
    import re

    def named(keyword: str) -> bool:
        return bool(re.search(rf"(?<![\w-]){keyword.replace(' ', '[ -]')}(?:e?s)?(?!\w)", re.sub(r"\s+", " ", text)))

    topics = [Topic(keyword, keyword, (keyword,)) for keyword in sorted(keywords)]
    assert TopicMatcher(topics).match(paper(text)) == [topic for topic in topics if named(topic.en)]


@given(st.text())
def test_any_text_is_matched_without_error(text: str) -> None:
    for topic in MATCHER.match(paper(text, text)):
        assert relevance(paper(text, text), topic) > 0


def test_matching_is_linear() -> None:
    from time import perf_counter

    def seconds(repeats: int) -> float:
        start = perf_counter()
        MATCHER.match(paper(abstract="graph-neural non-graph neural networ " * repeats))
        return perf_counter() - start

    seconds(1000)
    assert seconds(20_000) < 40 * max(seconds(2_000), 1e-3)


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, "topic_en"),
        ("topic_en,keywords\na,b\n", 1, "topic_zh"),
        ("topic_en,topic_zh,keywords\na,甲,x\nb,,y\n", 3, "topic_zh"),
        ("topic_en,topic_zh,keywords\na,甲\n", 2, "keywords"),
        ("topic_en,topic_zh,keywords\na,甲, ; -\n", 2, "keywords"),
        ("topic_en,topic_zh,keywords\na,甲,x\nA,乙,y\n", 3, "topic_en"),
        ("topic_en,topic_zh,keywords\na,甲,x\nb,甲,y\n", 3, "topic_zh"),
        ("topic_en,topic_zh,keywords\n", None, None),
    ],
)
def test_bad_glossary(tmp_path: Path, text: str, line: int | None, field: str | None) -> None:
    path = glossary(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        load_topics(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (path, line, field)
    assert caught.value.remedy


def test_unreadable_glossary(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load_topics(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("topic_en,topic_zh,keywords\na,图神经网络,x\n".encode("gbk"))
    with pytest.raises(SourceError, match="cannot be read"):
        load_topics(tmp_path / "gbk.csv")


def test_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert load_topics(glossary(tmp_path, "\ufefftopic_en,topic_zh,keywords\na,甲,x; y ;\n")) == [
        Topic("a", "甲", ("x", "y"))
    ]


def test_minimum_is_documented() -> None:
    assert MIN_ABSTRACT_HITS == 3
    assert "three times" in (TopicMatcher.match.__doc__ or "")


def test_import_is_light() -> None:
    code = "import sys, paperqa_ext.topics; print(*({'torch', 'transformers', 'pandas', 'pyarrow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
