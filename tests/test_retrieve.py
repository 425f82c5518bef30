import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import REPOSITORY

from paperqa_ext.chat.retrieve import RECORDS, Retriever
from paperqa_ext.errors import IndexUnavailableError
from paperqa_ext.index import build_index
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import MAX_ABSTRACT
from paperqa_ext.topics import TopicMatcher

PAPERS = [
    Paper("1609.02907", "Semi-Supervised Classification with Graph Convolutional Networks", ("Thomas N. Kipf", "Max Welling"),
          "Convolutions on graphs. " * 30, ("cs.LG", "stat.ML"), "2016-09"),
    Paper("1801.00001", "Neural relational inference", ("Ethan Fetaya", "Thomas Kipf"), "", ("stat.ML",), "2018-02"),
    Paper("2201.00001", "Graph neural networks for molecules", ("Jane Kipf",), "Drug discovery.", ("cs.LG",), "2022-01"),
    Paper("2212.00001", "A survey of graph neural networks", ("Wei Wang",), "", ("cs.LG",), "2022-12-31"),
    Paper("2301.00001", "Kolmogorov Arnold Networks", ("T. Liu",), "Splines.", ("cs.LG",), "2023-01"),
    Paper("2301.00002", "On graphs", ("W. Wang",), "A neural network is mentioned, and graphs once.", ("math.CO",), "2023-01"),
    Paper("2301.00003", "Graph neural networks, withdrawn", ("Eve",), "", ("cs.LG",), "2023-01", withdrawn=True),
    Paper("2401.00001", "Optimization by Simulated Annealing", ("S. Kirk",), "", ("cs.NE",), "2024-01"),
]  # fmt: skip


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    directory = tmp_path_factory.mktemp("retrieve") / "index"
    directory.mkdir()
    write_searchable(PAPERS, directory, abstracts=True)
    return Retriever(directory)


@pytest.fixture(scope="module")
def ask(retriever):
    def ask(*questions, answers=(), limit=RECORDS):
        return retriever.retrieve(retriever.read(questions[-1], questions[:-1], answers), limit)

    return ask


def ids(found):
    return [paper.id for paper in found.papers]


@pytest.fixture(scope="module")
def sample(tmp_path_factory, papers):
    directory = tmp_path_factory.mktemp("sample") / "index"
    directory.mkdir()
    write_searchable(papers, directory, abstracts=True)
    return Retriever(directory)


@pytest.fixture(scope="module")
def test_rows():
    return json.loads((REPOSITORY / "data" / "arxiv_paperqa_test.json").read_text("utf-8"))


def retrieved(retriever, row, limit=10):
    questions, answers = zip(*row["history"], strict=True) if row["history"] else ((), ())
    return retriever.retrieve(retriever.read(row["instruction"], questions, answers), limit)


def test_what_papers_answer_is_found_and_what_none_answers_is_not(sample, test_rows):
    found = [(row, retrieved(sample, row)) for row in test_rows]
    answerable = [(row, one) for row, one in found if row["paper_ids"]]
    unanswerable = [(row["instruction"], ids(one)) for row, one in found if not row["paper_ids"] if one.papers]
    assert not unanswerable
    missed = [row["instruction"] for row, one in answerable if not one.papers]
    assert len(missed) <= 0.02 * len(answerable), missed
    shares = [len({*ids(one)} & {*row["paper_ids"]}) / len(row["paper_ids"]) for row, one in answerable]
    assert sum(shares) / len(shares) > 0.93


def test_every_paper_found_is_of_the_topic_year_category_and_author_asked_for(sample, papers, test_rows):
    matcher, by_id = TopicMatcher(), {paper.id: paper for paper in papers}
    for row in test_rows:
        asked = row["constraints"]
        for paper in (by_id[id] for id in ids(retrieved(sample, row))):
            assert asked["year"] in (None, paper.year)
            assert asked["category"] is None or asked["category"] in paper.categories
            if asked["topic"]:
                assert asked["topic"] in [topic.en for topic in matcher.match(paper)], row["instruction"]
            if asked["author"]:
                assert asked["author"].split()[-1] in " ".join(paper.authors)


def test_papers_that_only_mention_a_topic_are_not_about_it(ask):
    assert set(ids(ask("papers on graph neural networks"))) == {"1609.02907", "2201.00001", "2212.00001"}
    assert ids(ask("图神经网络的论文，2022 年的")) == ids(ask("graph neural networks 2022"))


def test_abstracts_come_as_far_as_prompts_show_them(ask):
    (paper,) = ask("What is arXiv:1609.02907?").papers
    assert PAPERS[0].abstract.startswith(paper.abstract)
    assert len(paper.abstract) == MAX_ABSTRACT + 1
    assert ask("What is arXiv:2212.00001?").papers[0].abstract == ""


def test_rows_are_those_of_the_papers(ask, retriever):
    found = ask("papers on graph neural networks")
    assert found.rows.dtype == "int64" and retriever.index.papers(found.rows) == [
        replace(paper, abstract="") for paper in found.papers
    ]
    assert found.whole and found.last == "2024-01"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("surveys of graph neural networks", ["2212.00001"]),
        ("papers on Kolmogorov-Arnold networks", ["2301.00001"]),
        ("papers by Thomas Kipf", ["1801.00001", "1609.02907"]),
        ("papers by T. Kipf", ["1801.00001", "1609.02907"]),
        ("papers by Kipf", ["2201.00001", "1801.00001", "1609.02907"]),
        ("papers with Thomas Kipf as first author", ["1609.02907"]),
        ("Thomas Kipf 是第一作者的论文", ["1609.02907"]),
        ("papers by Thomas Kipf and Max Welling", ["1609.02907"]),
        ("the latest paper in cs.LG", ["2301.00001", "2212.00001", "2201.00001", "1609.02907"]),
        ("newest papers on graph neural networks", ["2212.00001", "2201.00001", "1609.02907"]),
        ("graph neural networks before 2017", ["1609.02907"]),
        ("Optimization by Simulated Annealing", ["2401.00001"]),
        ('"Graph Neural Networks for Molecules": real or made up?', ["2201.00001"]),
        ("Compare 1609.02907 with 2201.00001", ["1609.02907", "2201.00001"]),
        ('Which paper fits this description? "The authors pursue drug discovery by means of molecules"', ["2201.00001"]),
    ],
)  # fmt: skip
def test_what_is_found(ask, question, expected):
    found = ask(question)
    assert ids(found) == expected and found.whole


def test_a_title_that_does_not_exist_finds_the_nearest(ask):
    found = ask('Does the paper "Graph neural networks for proteins" exist?')
    assert ids(found) == ["2201.00001"] and not found.whole
    assert ids(ask('Does the paper "Attention is all you need" exist?')) == []


def test_nothing_found_says_what_would_match(ask):
    found = ask("graph neural networks from 2019")
    assert not found.papers and not found.whole and found.near.years == (2016, 2022)
    assert ask("papers by Wei Wang from 2023").near.years == (2022,)
    assert ask("2021 年语义数据包发酵的论文").papers == []
    near = ask("papers on knitted graph neural networks").near
    assert near.topics == ("graph neural networks",)
    assert ask("papers on graph neural netwrks pruning").near.topics[0] == "graph neural networks"
    assert set(ask("papers by Tomas Kipf").near.authors) == {"Thomas Kipf", "Thomas N. Kipf"}
    assert "Thomas Kipf" in ask("papers by Thomas Kipff").near.authors


def test_initials_of_the_records_are_not_the_name_asked_for(ask):
    assert ids(ask("papers by Wei Wang")) == ["2212.00001"]
    found = ask("papers by Tengyu Liu")
    assert not found.papers and found.near.authors == ("T. Liu",)


def test_more_leaves_out_what_was_shown(ask):
    first = ask("papers on graph neural networks", limit=1)
    more = ask("papers on graph neural networks", "more", answers=[f"arXiv:{id}" for id in ids(first)])
    assert set(ids(more)) == {"1609.02907", "2201.00001", "2212.00001"} - set(ids(first))


def test_follow_ups_about_the_papers_shown(ask):
    answers = ["1. arXiv:2212.00001\n2. arXiv:1609.02907"]
    assert ids(ask("papers on graph neural networks", "the second one?", answers=answers)) == ["1609.02907"]
    assert ids(ask("papers on graph neural networks", "最后一篇呢", answers=answers)) == ["1609.02907"]
    assert ids(ask("papers on graph neural networks", "the fifth one?", answers=answers)) == []
    assert ids(ask("papers on graph neural networks", "Are you sure?", answers=answers)) == ["2212.00001", "1609.02907"]


def test_the_number_asked_for_is_a_minimum_of_the_limit(ask):
    assert len(ids(ask("papers on graph neural networks", limit=1))) == 1
    assert len(ids(ask("two papers on graph neural networks", limit=1))) == 2


@pytest.mark.parametrize("question", ["", "hello", "你好！", "What can you do?", "in 2022?", "two, please"])
def test_nothing_asked_finds_nothing(ask, question):
    assert ask(question).papers == []


def test_a_reranker_puts_papers_in_order(retriever):
    class Shortest:
        def scores(self, query, papers):
            assert query and all(paper.title for paper in papers)
            return [-len(paper.title) for paper in papers]

    reranked = Retriever(retriever.index.path, Shortest())
    titles = [paper.title for paper in reranked.retrieve(reranked.read("papers on graph neural networks")).papers]
    assert titles == sorted(titles, key=len) and len(titles) == 3


def test_many_threads_may_ask(ask):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: ids(ask("papers on graph neural networks")), range(64)))
    assert all(result == results[0] for result in results)


def test_an_index_without_topics_is_refused(tmp_path):
    build_index(PAPERS, tmp_path / "index")
    with pytest.raises(IndexUnavailableError, match="built without that part"):
        Retriever(tmp_path / "index")
