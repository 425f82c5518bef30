import numpy as np
import pytest

from paperqa_ext.convert.survey import (
    CITABLE,
    LATEX,
    LONG,
    OTHER,
    SHOUTED,
    WITHDRAWN,
    askable_authors,
    author_key,
    concatenate,
    not_cited,
    survey,
)
from paperqa_ext.papers import Paper
from paperqa_ext.topics import Topic, TopicMatcher

TREES, GRAPHS = Topic("trees", "树", ("tree",)), Topic("graphs", "图", ("graph",))
MATCHER = TopicMatcher([TREES, GRAPHS])


def paper(**fields):
    return Paper(**{"id": "2201.00001", "title": "On trees", "published": "2022-01", **fields})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, CITABLE),
        ({"withdrawn": True}, WITHDRAWN),
        ({"title": r"On $\trees$"}, LATEX),
        ({"title": "On trees " * 30}, LONG),
        ({"title": "ON TREES"}, SHOUTED),
        ({"title": "C^*-algebras"}, CITABLE),
    ],
)
def test_status(fields, status):
    assert survey([paper(**fields)], MATCHER).status.tolist() == [status]
    assert survey([paper(**fields)], MATCHER, citable=False).status.tolist() == [OTHER]


def test_what_is_counted_as_not_cited():
    assert not_cited(np.array([CITABLE, CITABLE, WITHDRAWN, OTHER, LATEX, LATEX])) == {
        "withdrawn": 1,
        "LaTeX in title": 2,
    }


@pytest.mark.parametrize(
    ("published", "date", "year"),
    [("2022", 20220000, 2022), ("1999-12", 19991200, 1999), ("2007-04-02", 20070402, 2007)],
)
def test_dates(published, date, year):
    facts = survey([paper(published=published)], MATCHER)
    assert (facts.dates.tolist(), facts.years.tolist()) == ([date], [year])


def test_works_and_titles_are_equal_for_what_differs_in_dress_only():
    facts = survey(
        [
            paper(authors=("A. One", "B. Two")),
            paper(id="2202.00001", title="ON  Trees!", authors=("a. one",)),
            paper(id="2202.00002", authors=("C. Three",)),
            paper(id="2202.00003", title="On three trees", authors=("A. One",)),
        ],
        MATCHER,
    )
    assert len(set(facts.keys.tolist())) == 4
    assert [facts.works.tolist().index(work) for work in facts.works] == [0, 0, 2, 3]
    assert [facts.titles.tolist().index(title) for title in facts.titles] == [0, 0, 0, 3]


def test_remarks_on_other_papers():
    titles = ["Comment on trees", "Erratum: trees", "Commenting trees", "Proceedings of trees"]
    assert survey([paper(title=title) for title in titles], MATCHER).remarks.tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    ("name", "askable"),
    [
        ("Ada Lovelace", True),
        ("Ada M. Lovelace", True),
        ("Rampášek Ladislav", True),
        ("Jean-Yves O'Brien", True),
        ("A. Lovelace", False),
        ("Lovelace", False),
        ("ATLAS Collaboration 2", False),
        ("", False),
    ],
)
def test_only_full_names_are_asked_about(name, askable):
    assert askable_authors(paper(authors=(name,))) == ([name] if askable else [])


def test_entries_of_papers_follow_each_other_and_selection_keeps_them_together():
    papers = [
        paper(title="Trees and graphs", authors=("Ada Lovelace", "Alan Turing")),
        paper(id="2201.00002", title="Nothing"),
        paper(id="2201.00003", title="Graphs", authors=("Alan Turing",)),
    ]
    facts = concatenate([survey(papers[:1], MATCHER), survey(papers[1:], MATCHER)])
    rows, topics, relevance = facts.topic_entries(2)
    assert list(zip(rows.tolist(), topics.tolist(), strict=True)) == [(0, 0), (0, 1), (2, 1)]
    assert relevance.tolist() == [1, 1, 1]
    assert facts.topic_entries(1)[0].tolist() == [0]
    keys = facts.keys.tolist()
    facts.select(np.array([False, True, True]))
    assert len(facts) == 2
    assert facts.topic_entries(2)[0].tolist() == [1]
    assert facts.authors.tolist() == [author_key("alan turing")]
    assert facts.keys.tolist() == keys[1:]
