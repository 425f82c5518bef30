"""The glossary, its errors, and which topics a paper is matched to."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper
from paperqa_ext.sources import DISTRACTORS, SAMPLE, read_papers
from paperqa_ext.topics import (
    MIN_ABSTRACT_HITS,
    InventedTopic,
    Topic,
    TopicMatcher,
    load_invented_topics,
    load_topics,
)

TOPICS = load_topics()
INVENTED = load_invented_topics()
MATCHER = TopicMatcher(TOPICS)
GNN = next(topic for topic in TOPICS if topic.en == "graph neural networks")
ALPHABET = "abesS -\u2013\u00e9\u0142(\n\u3000"
KEYWORDS = st.text(alphabet=ALPHABET, min_size=1, max_size=6).filter(lambda text: text.strip(" -\u2013\n\u3000"))
TEXTS = st.text(alphabet=ALPHABET, max_size=30)


@pytest.fixture(scope="module")
def sample() -> list[Paper]:
    return list(read_papers([SAMPLE]))


def plain(text: str) -> str:
    return re.sub(r"[\u2010-\u2015]", "-", re.sub(r"\s+", " ", text.lower()))


@cache
def one_keyword(keyword: str) -> re.Pattern[str]:
    words = re.split(r"[ -]+", plain(keyword).strip(" -"))
    return re.compile(rf"(?<![\w-])(?={'[ -]'.join(map(re.escape, words))}(?:s|es)?(?!\w))")


def hits_by_definition(topics: Sequence[Topic], paper: Paper) -> list[tuple[int, float]]:
    """What `TopicMatcher.hits` promises, with one search per keyword."""
    in_title, in_abstract = plain(paper.title), plain(paper.abstract)
    hits = []
    for number, topic in enumerate(topics):
        title, abstract = (
            len({match.start() for keyword in topic.keywords for match in one_keyword(keyword).finditer(text)})
            for text in (in_title, in_abstract)
        )
        if title or abstract >= MIN_ABSTRACT_HITS:
            hits.append((number, bool(title) + abstract / (abstract + 1)))
    return hits


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
    assert len(TOPICS) >= 330
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
        ("A survey on elasticity in stream processing", "elasticity and viscoelasticity"),
        ("TSP-OCS: time-series prediction for camera selection", "vehicle routing and the traveling salesman problem"),
        ("COMET: a metric for machine translation", "small bodies of the Solar System"),
        ("MARS: radio map super-resolution", "planetary science"),
        ("Time delay in electron scattering", "delay differential equations"),
        ("Revisiting autoregressive models for image generation", "time series analysis"),
        ("Optimal design of conductive domains", "experimental design"),
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
    seldom = paper(abstract="GNN " * MIN_ABSTRACT_HITS)

    def relevance(text: Paper) -> float:
        return dict(MATCHER.hits(text))[TOPICS.index(GNN)]

    assert sorted([seldom, often, in_title, both], key=relevance) == [seldom, often, in_title, both]


def test_hits_number_the_topics_and_rank_them() -> None:
    text = paper("GNN routing", "A GNN and an LLM, an LLM, an LLM, and a CNN.")
    assert [(TOPICS[number].en, value) for number, value in MATCHER.hits(text)] == [
        ("graph neural networks", 1.5),
        ("large language models", 0.75),
    ]


@given(st.lists(st.lists(KEYWORDS, min_size=1, max_size=3), max_size=5), TEXTS, TEXTS)
def test_matcher_agrees_with_one_search_per_keyword(groups: list[list[str]], title: str, abstract: str) -> None:
    topics = [Topic(str(number), str(number), tuple(keywords)) for number, keywords in enumerate(groups)]
    text = paper(title, abstract)
    assert TopicMatcher(topics).hits(text) == hits_by_definition(topics, text)


def test_matcher_agrees_with_one_search_per_keyword_on_real_papers(sample: list[Paper]) -> None:
    topics = TOPICS[::10]
    matcher = TopicMatcher(topics)
    found = Counter[int]()
    for text in sample[::16]:
        hits = matcher.hits(text)
        assert hits == hits_by_definition(topics, text), text
        found.update(number for number, _ in hits)
    assert len(sample[::16]) >= 300
    assert len(found) >= 15


def test_a_matcher_survives_the_way_to_another_process() -> None:
    text = paper("GNN routing with LLM agents")
    assert pickle.loads(pickle.dumps(MATCHER)).hits(text) == MATCHER.hits(text) != []


def test_no_topics_match_nothing() -> None:
    assert TopicMatcher([]).match(paper("GNN routing")) == []


def test_title_and_abstract_are_apart() -> None:
    topic = Topic("a b", "甲", ("a b",))
    assert TopicMatcher([topic]).match(paper("On a", "b")) == []


def test_every_archive_has_topics(sample: list[Paper]) -> None:
    papers, with_topic = Counter[str](), Counter[str]()
    for text in sample:
        archive = "".join(text.categories[:1]).partition(".")[0]
        papers[archive] += 1
        with_topic[archive] += bool(MATCHER.hits(text))
    assert {archive: papers[archive] for archive in papers if with_topic[archive] < 0.25 * papers[archive]} == {}


def test_invented_topics_are_named_by_no_record(sample: list[Paper]) -> None:
    matcher = TopicMatcher(INVENTED)
    # Three times over, so that one mention in an abstract would be enough.
    for text in sample + list(read_papers([DISTRACTORS])):
        assert matcher.match(paper(text.title, f"{text.abstract}\n" * MIN_ABSTRACT_HITS)) == [], text


def test_invented_topics_look_like_topics() -> None:
    assert len(INVENTED) >= 80
    matcher = TopicMatcher(INVENTED)
    for topic in INVENTED:
        assert len(topic.en.split()) >= 3, topic
        assert any("\u4e00" <= character <= "\u9fff" for character in topic.zh), topic
        assert len(topic.keywords) == 1, topic
        assert topic in matcher.match(paper(f"Advances in {topic.en}")), topic
    for names in ({topic.en for topic in TOPICS + INVENTED}, {topic.zh for topic in TOPICS + INVENTED}):
        assert len(names) == len(TOPICS) + len(INVENTED)


def test_invented_topics_are_near_to_most_real_ones() -> None:
    for topic in INVENTED:
        assert 5 <= len(set(topic.near)) == len(topic.near) <= 10, topic
    assert {name for topic in INVENTED for name in topic.near} <= {topic.en for topic in TOPICS}
    assert len({name for topic in INVENTED for name in topic.near}) >= 400


@given(st.text(), st.text())
def test_any_text_is_matched_without_error(title: str, abstract: str) -> None:
    assert all(value > 0 for _, value in MATCHER.hits(paper(title, abstract)))


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


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("topic_en,topic_zh,keywords\na b,甲,a b\n", 1, "near"),
        ("topic_en,topic_zh,keywords,near\na b,甲,a b,chaos\nb c,乙,b c,\n", 3, "near"),
        ("topic_en,topic_zh,keywords,near\na b,甲,a b,;\n", 2, "near"),
        ("topic_en,topic_zh,keywords,near\na b,甲,a b,chaos;fog algebra\n", 2, "near"),
        ("topic_en,topic_zh,keywords,near\na b,甲,a b,Chaos\n", 2, "near"),
        ("topic_en,topic_zh,keywords,near\na b,甲,;,chaos\n", 2, "keywords"),
        ("topic_en,topic_zh,keywords,near\na b,甲,a b,chaos\nA b,乙,b,chaos\n", 3, "topic_en"),
    ],
)
def test_bad_glossary_of_invented_topics(tmp_path: Path, text: str, line: int, field: str) -> None:
    path = glossary(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        load_invented_topics(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (path, line, field)
    assert caught.value.remedy


def test_an_unknown_near_topic_is_named(tmp_path: Path) -> None:
    path = glossary(tmp_path, "topic_en,topic_zh,keywords,near\na b,甲,a b,chaos;fog algebra\n")
    with pytest.raises(SourceError, match="no topic 'fog algebra'"):
        load_invented_topics(path)


def test_near_topics_are_parted_by_semicolons(tmp_path: Path) -> None:
    path = glossary(tmp_path, "topic_en,topic_zh,keywords,near\na b,甲,a b,chaos ; knot theory;\n")
    assert load_invented_topics(path) == [InventedTopic("a b", "甲", ("a b",), ("chaos", "knot theory"))]


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
