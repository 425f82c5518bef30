from collections import Counter

import numpy as np
import pytest

from paperqa_ext.categories import load_categories
from paperqa_ext.convert.corpus import MAX_OEUVRE, Corpus
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.convert.survey import author_key, concatenate, survey
from paperqa_ext.errors import DatasetError
from paperqa_ext.papers import Paper
from paperqa_ext.titles import title_key, words
from paperqa_ext.topics import InventedTopic, Topic, TopicMatcher

TREES, GRAPHS = Topic("trees", "树", ("tree",)), Topic("graphs", "图", ("graph",))
INVENTED = [
    InventedTopic("moss calculus", "苔演算", ("moss calculus",), ("trees",)),
    InventedTopic("fog algebra", "雾代数", ("fog algebra",), ("graphs",)),
]
MATCHER = TopicMatcher([TREES, GRAPHS, *INVENTED])


def paper(number, title="On trees", year=2020, **fields):
    return Paper(
        f"{year % 100:02}01.{number:05}",
        title,
        fields.pop("authors", (f"Ada Nr{'a' * number}",)),
        published=f"{year}-01",
        **fields,
    )


def corpus_of(papers, others=(), seed=0):
    facts = concatenate([survey(papers, MATCHER), survey(others, MATCHER, citable=False)])
    return Corpus(facts, [TREES, GRAPHS], INVENTED, load_categories(), 0.2, seed)


@pytest.fixture(scope="module")
def corpus(conversion):
    return conversion.corpus


def test_cells_hold_papers_of_their_split_year_and_label(corpus, papers):
    matcher = TopicMatcher()
    for split in SPLITS:
        cells = corpus.topic_cells[split]
        assert len(cells) > 50
        for cell in cells:
            assert corpus.splits.of(cell.label, cell.year) == split
            for row in cell.rows:
                assert papers[row].year == cell.year
                assert cell.label in {topic.en for topic in matcher.match(papers[row])}
                assert SPLITS[corpus.splits.papers[row]] == split
        for cell in corpus.category_cells[split]:
            assert all(cell.label in papers[row].categories for row in cell.rows)


def test_a_topic_cell_begins_with_the_most_relevant_paper(corpus, papers):
    matcher = TopicMatcher()
    numbers = {topic.en: number for number, topic in enumerate(matcher.topics)}
    for cell in corpus.topic_cells["train"][:100]:
        relevance = [dict(matcher.hits(papers[row]))[numbers[cell.label]] for row in cell.rows]
        assert relevance == pytest.approx(sorted(relevance, reverse=True))


def test_a_category_cell_begins_with_the_newest_paper(corpus, papers):
    for cell in corpus.category_cells["train"][:100]:
        dates = [papers[row].published for row in cell.rows]
        assert dates == sorted(dates, reverse=True)


def test_a_cell_is_complete_if_nothing_of_it_is_elsewhere():
    trees = [paper(number, f"On {number} trees") for number in range(1, 5)]
    for others, complete in (([], True), ([paper(9, "More trees")], False), ([paper(9, "More graphs")], True)):
        corpus = corpus_of(trees, others)
        (cell,) = [cell for split in SPLITS for cell in corpus.topic_cells[split] if cell.label == "trees"]
        assert (len(cell.rows), cell.complete) == (4, complete)


def test_remarks_on_other_papers_are_not_recommended():
    corpus = corpus_of([paper(1, "On trees"), paper(2, "Comment on trees")])
    (cell,) = [cell for split in SPLITS for cell in corpus.topic_cells[split]]
    assert cell.rows == (0,) and not cell.complete


def test_of_one_title_and_first_author_the_earliest_paper_is_cited():
    same = ("Ada Lovelace",)
    corpus = corpus_of([paper(5, "On trees", 2021, authors=same), paper(3, "On Trees.", 2020, authors=same), paper(4)])
    assert corpus.skipped == {"same title and first author": 1}
    assert corpus.splits.papers[0] == len(SPLITS)


def test_authors_have_their_papers_newest_first(corpus, papers):
    written = Counter(key for paper in papers for key in {author_key(name) for name in paper.authors})
    for split in SPLITS:
        for alone in (True, False):
            for oeuvre in list(corpus.oeuvres(split, alone=alone))[:200]:
                found = [papers[row] for row in oeuvre.rows]
                assert all(oeuvre.author in map(author_key, p.authors) for p in found)
                assert [p.published for p in found] == sorted((p.published for p in found), reverse=True)
                assert {SPLITS[corpus.splits.papers[row]] for row in oeuvre.rows} == {split}
                assert not oeuvre.complete or written[oeuvre.author] == len(found)
                assert (written[oeuvre.author] == 1) == alone


def test_no_author_is_asked_about_in_two_splits(corpus):
    asked = [{o.author for alone in (True, False) for o in corpus.oeuvres(split, alone=alone)} for split in SPLITS]
    assert not asked[0] & asked[1] and not asked[0] & asked[2] and not asked[1] & asked[2]


def test_a_name_under_many_papers_is_not_asked_about():
    many = [paper(number, f"On {number} trees", authors=("Wei Wang",)) for number in range(1, MAX_OEUVRE + 2)]
    assert not any(list(corpus_of(many).oeuvres(split, alone=False)) for split in SPLITS)
    assert any(list(corpus_of(many[1:]).oeuvres(split, alone=False)) for split in SPLITS)


def test_titles_and_authors_that_exist(corpus, papers):
    assert corpus.has_title(title_key(words(papers[3].title.upper())))
    assert not corpus.has_title(title_key(words(papers[3].title + " revisited")))
    known = next(name for p in papers for name in p.authors if name.isascii() and "." not in name and len(name) > 10)
    assert corpus.has_author(author_key(known))
    assert not corpus.has_author(author_key("Nobody Whoeverwrote"))


def test_a_title_of_two_papers_is_not_unique():
    corpus = corpus_of([paper(1, "Same trees"), paper(2, "same trees!"), paper(3, "One tree")])
    assert [corpus.unique_title(row) for row in range(3)] == [False, False, True]


def test_an_invented_topic_that_a_record_names_is_not_used():
    assert [topic.en for topic in corpus_of([paper(1, "Moss calculus on trees")]).invented] == ["fog algebra"]


def test_years_and_last_date():
    corpus = corpus_of([paper(1), paper(2, "Two trees", 2007)], [paper(3, "Three trees", 2024)])
    assert corpus.years("trees") == [2007, 2020, 2024]
    assert corpus.years("graphs") == []
    assert corpus.last == "2024-01"


def test_years_of_topics_and_categories_ascend_and_are_all_that_there_are(corpus, papers):
    years = {}
    for paper in papers:
        for category in paper.categories:
            years.setdefault(category, set()).add(paper.year)
    for cell in corpus.category_cells["train"]:
        assert corpus.years(cell.label) == sorted(years[cell.label])
    for cell in corpus.topic_cells["train"]:
        assert corpus.years(cell.label) == sorted(corpus.years(cell.label))


def test_primary_category(corpus, papers):
    known = load_categories()
    for row in range(0, len(papers), 50):
        codes = [code for code in papers[row].categories if code in known]
        assert corpus.primary_category(row) == (codes[0] if codes else "")


def test_nothing_to_cite():
    with pytest.raises(DatasetError, match="no record can be cited in an answer: 1 LaTeX in title"):
        corpus_of([paper(1, r"On $\trees$")])


def test_what_training_has_seen(corpus):
    rows = corpus.shuffled("test", "any")
    seen = {corpus.novelty("test", (row,)) for row in rows.tolist()}
    assert seen == {"unseen_paper", "unseen_topic", "unseen_year"}
    assert corpus.novelty("train", corpus.shuffled("train", "any")[:1]) == "seen_paper"
    held = next(iter(corpus.splits.held_out))
    assert corpus.novelty("test", (), held, 2020) == "unseen_topic"
    assert corpus.novelty("test", (), "chaos", corpus.splits.held_out_year) == "unseen_year"


def test_order_is_the_seed_s(corpus, papers):
    rows = corpus.shuffled("train", "a")
    assert sorted(rows) == np.flatnonzero(corpus.splits.papers == 0).tolist()
    other = corpus.shuffled("train", "b").tolist()
    assert sorted(rows) != rows.tolist() != other != sorted(rows)
