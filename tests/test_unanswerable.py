from collections import Counter
from itertools import islice

import pytest

from paperqa_ext.convert.asks import Asks
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.convert.unanswerable import VARIANTS, insisted, unanswerable
from paperqa_ext.prompts import LANGS


@pytest.fixture(scope="module")
def corpus(conversion):
    return conversion.corpus


def twins(corpus, split, number=60):
    streams = Asks(corpus, split, LANGS).streams("en")
    return [ask for kind in ("recommend", "category", "author") for ask in islice(streams[kind], number)]


@pytest.mark.parametrize("split", SPLITS)
def test_one_thing_differs_from_the_twin(corpus, split):
    asks = list(islice(unanswerable(corpus, split, twins(corpus, split)), 60))
    assert len(asks) > 20
    for ask in asks:
        twin = ask.base
        assert ask.rows == () and ask.kind == ask.cell == "unanswerable"
        changed = {
            name for name in ("label", "year", "n", "invented", "lenders") if getattr(ask, name) != getattr(twin, name)
        }
        assert changed == {
            {"future": "year", "empty": "year", "unknown_topic": "invented", "unknown_author": "lenders"}[ask.variant]
        }


def test_the_records_hold_nothing_of_what_is_asked(corpus):
    for ask in unanswerable(corpus, "train", twins(corpus, "train")):
        if ask.variant in ("future", "empty"):
            assert ask.year not in corpus.years(ask.label)
            assert (ask.year > int(corpus.last[:4])) == (ask.variant == "future")
            assert corpus.splits.of(ask.label, ask.year) == "train"


def test_variants_take_turns_and_a_twin_is_used_once(corpus):
    asks = list(unanswerable(corpus, "train", twins(corpus, "train")))
    assert {ask.variant for ask in asks[:8]} == set(VARIANTS)
    assert max(Counter(ask.base for ask in asks).values()) == 1


def invented(corpus, split):
    asks = unanswerable(corpus, split, twins(corpus, split, 200))
    return [ask for ask in asks if ask.variant == "unknown_topic"]


def test_no_invented_topic_is_asked_about_in_two_splits(corpus):
    used = {split: {ask.invented for ask in invented(corpus, split)} for split in SPLITS}
    assert all(used.values())
    assert sum(map(len, used.values())) == len(set().union(*used.values()))


@pytest.mark.parametrize("split", SPLITS)
def test_an_invented_topic_is_near_to_its_twin_s(corpus, split):
    asks = invented(corpus, split)
    assert len(asks) >= 20
    assert all(ask.label in corpus.invented[ask.invented].near for ask in asks)


def test_without_near_topics_there_is_no_invented_one(corpus):
    near = {name for topic in corpus.invented for name in topic.near}
    far = [
        ask for ask in islice(Asks(corpus, "train", LANGS).streams("en")["recommend"], 2000) if ask.label not in near
    ]
    assert far
    assert "unknown_topic" not in {ask.variant for ask in unanswerable(corpus, "train", far)}


def test_users_insist_where_a_topic_was_asked_about(corpus):
    asks = list(unanswerable(corpus, "train", twins(corpus, "train")))
    again = list(insisted(asks))
    assert [ask.base for ask in again] == [ask for ask in asks if ask.label]
    assert {(ask.kind, ask.variant, ask.rows) for ask in again} == {("multi_turn", "sure_none", ())}


def test_without_twins_there_is_nothing(corpus):
    assert list(unanswerable(corpus, "train", [])) == []
