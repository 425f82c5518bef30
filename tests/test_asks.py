from collections import Counter
from itertools import islice

import pytest

from paperqa_ext.convert.asks import COUNTS, FIELDS, MAX_PAPERS, OPEN_COUNT, Asks
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.prompts import LANGS


@pytest.fixture(scope="module")
def corpus(conversion):
    return conversion.corpus


def asked(corpus, split, kind, lang="en", number=400, langs=LANGS, **options):
    return list(islice(Asks(corpus, split, langs, **options).streams(lang)[kind], number))


@pytest.mark.parametrize("split", SPLITS)
def test_every_paper_asked_about_is_of_the_split(corpus, split):
    for lang in LANGS:
        for stream in Asks(corpus, split, LANGS).streams(lang).values():
            for ask in islice(stream, 200):
                assert {SPLITS[corpus.splits.papers[row]] for row in ask.papers} <= {split}


def test_the_two_languages_ask_the_same_in_turn(corpus):
    """Each thing is asked in one language first, and in the other when all have been asked once."""
    english, chinese = (asked(corpus, "test", "describe", lang, 100_000) for lang in LANGS)
    assert {ask.rows for ask in english} == {ask.rows for ask in chinese}
    first = len(english) * 2 // 5
    assert not {ask.rows for ask in english[:first]} & {ask.rows for ask in chinese[:first]}


def test_one_language_alone_asks_everything(corpus):
    both = {ask.key for ask in asked(corpus, "test", "describe", number=100_000)}
    alone = {ask.key for ask in asked(corpus, "test", "describe", number=100_000, langs=("en",))}
    assert both == alone


def test_numbers_asked_for(corpus):
    counts = Counter(ask.n for ask in asked(corpus, "train", "recommend"))
    assert set(counts) == {n for n, _ in COUNTS}
    assert counts[None] > counts[1] > 0
    for ask in asked(corpus, "train", "recommend"):
        assert len(ask.rows) == (ask.n or OPEN_COUNT) or ask.fewer
        assert len(ask.rows) <= MAX_PAPERS


@pytest.mark.parametrize("most", range(1, MAX_PAPERS + 1))
def test_most_papers(corpus, most):
    for kind in ("recommend", "category", "author", "multi_turn"):
        asks = asked(corpus, "train", kind, number=150, max_papers=most)
        assert asks and max(len(ask.rows) for ask in asks) <= most


def test_fewer_is_said_only_where_the_records_hold_no_more(corpus):
    complete = {
        (c.label, c.year): c.complete
        for split in SPLITS
        for c in (*corpus.topic_cells[split], *corpus.category_cells[split])
    }
    for kind in ("recommend", "category"):
        for ask in asked(corpus, "train", kind, number=2000):
            assert not ask.fewer or complete[ask.label, ask.year]


def test_lookups_ask_for_every_field(corpus):
    fields = Counter(ask.field for ask in asked(corpus, "train", "lookup"))
    assert set(fields) == set(FIELDS)
    for ask in asked(corpus, "train", "lookup"):
        assert ask.field == "title" or corpus.unique_title(ask.rows[0])


def test_comparisons_are_of_one_topic_and_no_paper_comes_twice(corpus):
    asks = asked(corpus, "train", "compare", langs=("en",))
    papers = [row for ask in asks for row in ask.rows]
    assert len(papers) == len(set(papers)) == 2 * len(asks)
    assert all(ask.label in corpus.topics for ask in asks)


def test_a_paper_s_title_is_asked_about_as_it_is_or_changed_but_not_both(corpus):
    real, changed = (asked(corpus, "train", kind, number=100_000) for kind in ("exist", "exist_not"))
    assert not {ask.rows for ask in real} & {ask.rows for ask in changed}
    assert 0.8 < len(real) / len(changed) < 1.2
    assert {ask.variant for ask in changed} == {"altered", "chimera"}
    assert all(ask.lenders and ask.lenders != ask.rows for ask in changed)


def test_dialogues(corpus):
    asks = asked(corpus, "train", "multi_turn", number=300)
    variants = Counter(ask.variant for ask in asks)
    assert {"refine", "sure", "more", "fewer"} <= set(variants)
    for ask in asks:
        base = ask.base
        assert base.kind == "recommend"
        if ask.variant == "refine":
            assert (ask.label, ask.n) == (base.label, base.n) and ask.year != base.year
            assert {corpus.year(row) for row in ask.rows} == {ask.year}
        elif ask.variant == "more":
            assert ask.rows and not set(ask.rows) & set(base.rows)
        elif ask.variant == "fewer":
            assert ask.rows == base.rows[:1] and len(base.rows) > 1
        elif ask.variant == "sure":
            assert ask.rows == base.rows
        assert set(ask.gold) == {*ask.rows, *base.rows}


def test_keys_tell_asks_apart(corpus):
    for kind, stream in Asks(corpus, "train", LANGS).streams("en").items():
        keys = [ask.key for ask in islice(stream, 500)]
        assert len(keys) == len(set(keys)), kind
