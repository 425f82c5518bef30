import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext import cli
from paperqa_ext.errors import SourceError
from paperqa_ext.index.evaluation import DEPTH, Effectiveness, Query, evaluate, ndcg, read_queries, recall
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.papers import Paper

KEYS = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=12)
PAPERS = [
    Paper("2201.00001", "Graph neural networks for molecules", ("Jane Kipf",), "", ("cs.LG",), "2022-01"),
    Paper("2201.00002", "Chaotic dynamics of maps", ("Ed Ott",), "", ("nlin.CD",), "2022-01"),
]


@pytest.mark.parametrize(
    ("found", "relevant", "share", "gain"),
    [
        ("ab", "ab", 1, 1),
        ("ba", "ab", 1, 1),
        ("xa", "a", 1, 1 / math.log2(3)),
        ("xab", "ab", 1, (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))),
        ("ax", "ab", 1 / 2, 1 / (1 + 1 / math.log2(3))),
        ("", "a", 0, 0),
        ("xyz", "a", 0, 0),
        ("x" * DEPTH + "a", "a", 0, 0),
    ],
)
def test_recall_and_ndcg(found, relevant, share, gain):
    assert recall(list(found), frozenset(relevant)) == pytest.approx(share)
    assert ndcg(list(found), frozenset(relevant)) == pytest.approx(gain)


@given(KEYS, KEYS.filter(bool))
def test_ndcg_is_that_of_scikit_learn(found, relevant):
    metrics = pytest.importorskip("sklearn.metrics")
    everything = [*found, *sorted({*relevant} - {*found}), "none", "other"]
    scores = [[len(everything) - place if key in found else 0 for place, key in enumerate(everything)]]
    truth = [[float(key in relevant) for key in everything]]
    if len(found) >= DEPTH:  # below it scikit-learn ranks what was not found as well
        assert ndcg(found, frozenset(relevant)) == pytest.approx(metrics.ndcg_score(truth, scores, k=DEPTH))


@given(KEYS, KEYS.filter(bool))
def test_both_are_shares_and_one_for_the_answer_itself(found, relevant):
    for measure in (recall, ndcg):
        assert 0 <= measure(found, frozenset(relevant)) <= 1 + 1e-9
        if len(relevant) <= DEPTH:
            assert measure(relevant, frozenset(relevant)) == pytest.approx(1)


def test_kinds_and_languages_are_counted_apart():
    queries = [
        Query("one", frozenset("a"), "author", "en"),
        Query("two", frozenset("ab"), "author", "zh"),
        Query("three", frozenset("c"), "author", "zh"),
        Query("four", frozenset(), "unanswerable", "en"),
        Query("five", frozenset(), "unanswerable", "en"),
    ]
    found = {"one": ["a"], "two": ["a"], "three": [], "four": [], "five": ["x"]}
    effects = evaluate(queries, lambda query: found[query.text])
    assert effects["author", "en"] == Effectiveness(1, 1, 1, 1, 0, 0)
    assert effects["author", "zh"].answered == 1 and effects["author", "zh"].recall == 0.25
    assert effects["unanswerable", "en"] == Effectiveness(0, 0, None, None, 2, 1)
    assert (effects["all", ""].questions, effects["all", ""].unanswerable, effects["all", ""].recall) == (3, 2, 0.5)


def test_queries_are_read(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"query": "chaos", "relevant": ["arXiv:2201.00002v3", "x"], "lang": "en"}\n\n', "utf-8")
    assert read_queries(path) == [Query("chaos", frozenset(("2201.00002", "x")), "", "en")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"queries\.jsonl:2: is no question"),
        ("[]", r"queries\.jsonl:2: is no question"),
        ('{"query": "chaos"}', r"queries\.jsonl:2: field 'relevant': the key is missing"),
        ('{"query": " ", "relevant": []}', r"queries\.jsonl:2: is no question: `query` is no text"),
        ('{"query": "chaos", "relevant": "2201.00002"}', r"`relevant` is no list of ids"),
    ],
)
def test_lines_that_are_no_questions_are_named(tmp_path, line, message):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"query": "chaos", "relevant": []}\n' + line, "utf-8")
    with pytest.raises(SourceError, match=message):
        read_queries(path)


def test_a_file_that_is_missing_or_empty(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_queries(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(SourceError, match="there is no question"):
        read_queries(tmp_path / "empty.jsonl")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    directory = tmp_path_factory.mktemp("evaluation") / "index"
    directory.mkdir()
    write_searchable(PAPERS, directory)
    return str(directory)


def test_the_command_measures_queries(tmp_path, index, capsys):
    path = tmp_path / "queries.jsonl"
    lines = [
        {"query": "graph neural networks", "relevant": ["2201.00001"]},
        {"query": "2022 年混沌的论文", "relevant": ["2201.00002"]},
        {"query": "papers by Ed Ott", "relevant": ["2201.00002"]},
        {"query": "papers on chaos from 2020", "relevant": []},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert cli.main(["index", "eval", str(path), "--index", index, "--json"]) == 0
    results = {row["by"]: row for row in json.loads(capsys.readouterr().out)["results"] if row["kind"] == "all"}
    assert results["chat"] == {
        "by": "chat", "kind": "all", "lang": "", "questions": 3, "answered": 3, "recall": 1.0, "ndcg": 1.0,
        "unanswerable": 1, "declined": 1,
    }  # fmt: skip
    assert results["search"]["recall"] == pytest.approx(2 / 3)


def test_the_command_measures_the_questions_of_a_dataset(index, capsys, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    assert cli.main(["index", "eval", "--index", index, "--dataset", "arxiv_paperqa_seen"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "by", "kind", "lang", "questions", "answered", "recall@10", "nDCG@10", "unanswerable", "declined",
    ]  # fmt: skip
    assert any(line.split()[:3] == ["chat", "recommend", "zh"] for line in lines)


def test_the_command_names_a_dataset_that_is_not_registered(index, capsys, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    assert cli.main(["index", "eval", "--index", index, "--dataset", "none"]) == 1
    assert "none" in capsys.readouterr().err
