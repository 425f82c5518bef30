import json
from dataclasses import replace

import pytest

from paperqa_ext.asked import Asked, read_asked
from paperqa_ext.check import check_answers
from paperqa_ext.constraints import knows_topics
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.index.search import TopicIndex
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.papers import Paper
from paperqa_ext.predictions import Prediction
from paperqa_ext.prompts import citation_line
from paperqa_ext.topics import TopicMatcher

TITLED = Paper("2201.00001", "Graph Neural Networks for Molecular Toxicity Screening", ("Ada Lovelace",), "",
               ("cs.LG", "q-bio.BM"), "2022-01-03")  # fmt: skip
ABSTRACT = Paper("2201.00002", "Message Passing Without Oversmoothing on Citation Data", ("Alan Turing",),
                 "Graph neural networks are deep. Graph neural networks are wide. Graph neural networks smooth.",
                 ("stat.ML",), "2022-06-01")  # fmt: skip
OTHER = Paper("2101.00003", "Tidal Heating of Small Icy Satellites Around Giant Planets", ("Emmy Noether",), "",
              ("astro-ph.EP",), "2021-03-01")  # fmt: skip
UNNUMBERED = Paper("", "Graph Neural Networks for Railway Timetable Repair", ("Alan Turing",), "", ("cs.AI",), "2022")
PAPERS = [TITLED, ABSTRACT, OTHER, UNNUMBERED]
NOTHING = Asked("r", "recommend", "en", "unseen_paper", "", "", (), None, None, None, None, None, "Q?", "")
GNN = "graph neural networks"


@pytest.fixture(scope="module")
def searchable(tmp_path_factory) -> ReferenceIndex:
    directory = tmp_path_factory.mktemp("searchable")
    write_searchable(PAPERS, directory)
    return ReferenceIndex(directory)


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> ReferenceIndex:
    directory = tmp_path_factory.mktemp("plain") / "index"
    build_index(PAPERS, directory)
    return ReferenceIndex(directory)


def judged(index: ReferenceIndex, asked: Asked, *lines: str) -> list[bool | None]:
    [answer] = check_answers([Prediction(1, "Q?", "\n".join(lines), "")], index, 0, [asked])
    assert len(answer.citations) == len(lines)
    return [checked.on_constraint for checked in answer.citations]


LINES = [citation_line(paper, n) for n, paper in enumerate(PAPERS, 1)]
FAKE = "5. **Graph Neural Networks Dreaming of Electric Sheep Pastures** — N. Body (2022)."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"years": (2022, 2022)}, [True, True, False, True, False]),
        ({"years": (2021, 2022)}, [True, True, True, True, False]),
        ({"category": "stat.ML"}, [False, True, False, False, False]),
        ({"category": "q-bio.BM"}, [True, False, False, False, False]),  # a cross-list
        ({"category": "astro-ph"}, [False, False, True, False, False]),  # the archive
        ({"author": "A. Turing"}, [False, True, False, True, False]),
        ({"topic": GNN}, [True, True, False, True, False]),
        ({"topic": GNN, "years": (2022, 2022), "category": "cs.LG"}, [True, False, False, False, False]),
        ({"topic": "hypoelliptic knot budgets"}, [False] * 5),  # invented
        ({"topic": "icy satellites"}, [False, False, True, False, False]),  # not in the glossary
        ({}, [None] * 5),
        ({"kind": "compare", "topic": GNN}, [None] * 5),  # the question names them
    ],
)
def test_what_is_asked_is_compared_with_the_record(searchable, asked, expected):
    assert judged(searchable, replace(NOTHING, **asked), *LINES, FAKE) == expected


def test_the_record_counts_not_what_is_stated(searchable):
    wrong_year = f"1. **{TITLED.title}** — Ada Lovelace (2017)."
    assert judged(searchable, replace(NOTHING, years=(2022, 2022)), wrong_year) == [True]
    assert judged(searchable, replace(NOTHING, years=(2017, 2017)), wrong_year) == [False]


def test_what_is_unverifiable_is_not_judged(searchable):
    newer = "1. **Graph Neural Networks After the Last Record of All** — N. Body (2031)."
    assert judged(searchable, replace(NOTHING, years=(2022, 2022)), newer) == [None]


def test_without_the_topic_part_titles_and_gold_tell(plain, searchable):
    """A paper that names the topic in its abstract alone counts where the reference answer cites it."""
    assert (knows_topics(plain), knows_topics(searchable)) == (False, True)
    asked = replace(NOTHING, topic=GNN)
    assert judged(plain, asked, *LINES) == [True, False, False, True]
    assert judged(plain, replace(asked, paper_ids=(ABSTRACT.id,)), *LINES) == [True, True, False, True]
    # Gold of another year than the one asked for would be an error of the dataset, not of the answer; still it is off.
    assert judged(plain, replace(asked, paper_ids=(OTHER.id,), years=(2022, 2022)), LINES[2]) == [False]


def test_an_unknown_question_judges_nothing(plain):
    [answer] = check_answers([Prediction(1, "Q?", LINES[0], "")], plain)
    assert (answer.asked, answer.citations[0].on_constraint) == (None, None)


def test_the_topic_part_knows_what_the_matcher_says(papers, tmp_path):
    some = papers[:400]
    write_searchable(some, tmp_path)
    topics, matcher = TopicIndex(tmp_path), TopicMatcher()
    truth: dict[str, set[int]] = {}
    for row, paper in enumerate(some):
        for topic in () if paper.withdrawn else matcher.match(paper):
            truth.setdefault(topic.en, set()).add(row)
    assert len(truth) > 50
    assert {name: topics.about(name, range(len(some))) for name in truth} == truth
    name, rows = max(truth.items(), key=lambda item: len(item[1]))
    one = min(rows)
    assert topics.about(name, [one, len(some) - 1]) == ({one, len(some) - 1} & rows)
    assert topics.about("no such topic", range(400)) == topics.about(name, []) == set()


def test_reference_answers_are_on_constraint(rows, index, tmp_path):
    """Of the real conversion: what the answer of a question cites is what it asks for, nearly always by title too."""
    (tmp_path / "test.json").write_text(json.dumps(rows["test"]))
    (tmp_path / "dataset_info.json").write_text('{"t": {"file_name": "test.json"}}')
    asked = read_asked(tmp_path / "dataset_info.json", ["t"])
    predictions = [Prediction(n, row.instruction, row.output, "") for n, row in enumerate(asked, 1)]
    answers = check_answers(predictions, index, 0, asked)
    found = [c.on_constraint for answer in answers for c in answer.citations if c.verdict.label == "verified"]
    assert found.count(True) > 50
    assert False not in found
    stripped = [replace(row, paper_ids=()) for row in asked]
    found = [c.on_constraint for answer in check_answers(predictions, index, 0, stripped) for c in answer.citations]
    assert found.count(True) > 9 * found.count(False)
