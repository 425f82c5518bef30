from collections import Counter

import numpy as np
import pytest

from paperqa_ext.convert.splits import HELD_OUT_SHARE, HELD_OUT_YEAR_SHARE, NOWHERE, SPLITS, assign
from paperqa_ext.convert.survey import survey
from paperqa_ext.papers import Paper
from paperqa_ext.topics import TopicMatcher, load_topics

TOPICS = load_topics()


@pytest.fixture(scope="module")
def facts(papers):
    return survey(papers, TopicMatcher(TOPICS))


@pytest.fixture(scope="module")
def splits(facts):
    return assign(facts, TOPICS, 0.2, 0)


def test_every_citable_paper_has_a_split_and_no_other_has(facts, splits):
    assert ((splits.papers == NOWHERE) == (facts.status != 0)).all()
    sizes = Counter(splits.papers.tolist())
    assert sizes[SPLITS.index("train")] > 2.5 * sizes[SPLITS.index("val")] > 0


def test_a_paper_is_in_the_split_of_its_main_topic_and_year(papers, splits):
    matcher = TopicMatcher(TOPICS)
    for row in range(0, len(papers), 7):
        hits = matcher.hits(papers[row])
        if not hits or splits.papers[row] == NOWHERE:
            continue
        main = max(hits, key=lambda hit: hit[1])[0]
        expected = splits.of(TOPICS[main].en, papers[row].year)
        if splits.unseen_topic[row]:
            expected = "test"
        assert SPLITS[splits.papers[row]] == expected


def test_papers_of_held_out_topics_and_year_are_tested_only(papers, splits):
    matcher = TopicMatcher(TOPICS)
    assert splits.held_out and splits.held_out_year
    for row, paper in enumerate(papers):
        held = paper.year == splits.held_out_year or any(t.en in splits.held_out for t in matcher.match(paper))
        if held and splits.papers[row] != NOWHERE:
            assert SPLITS[splits.papers[row]] == "test"


def test_what_is_held_out_is_small_and_not_the_last_year(papers, facts, splits):
    assert splits.unseen_topic.sum() < 1.5 * HELD_OUT_SHARE * len(papers)
    share = (facts.years == splits.held_out_year).sum() / len(papers)
    assert HELD_OUT_YEAR_SHARE[0] <= share <= HELD_OUT_YEAR_SHARE[1]
    assert splits.held_out_year != facts.years.max()


def test_the_order_of_the_papers_does_not_matter(papers, splits):
    shuffled = survey(papers[::-1], TopicMatcher(TOPICS))
    again = assign(shuffled, TOPICS, 0.2, 0)
    assert (again.papers[::-1] == splits.papers).all()
    assert (again.held_out, again.held_out_year) == (splits.held_out, splits.held_out_year)


def test_another_seed_splits_otherwise(facts, splits):
    assert (assign(facts, TOPICS, 0.2, 1).papers != splits.papers).mean() > 0.2


def test_few_papers_hold_out_no_year():
    papers = [Paper(f"2201.{number:05}", "Trees", published="2022-01") for number in range(1, 5)]
    splits = assign(survey(papers, TopicMatcher(TOPICS)), TOPICS, 0.2, 0)
    assert splits.held_out_year == 0
    assert np.isin(splits.papers, range(3)).all()
