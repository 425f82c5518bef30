from itertools import islice

import pytest

from paperqa_ext.convert.asks import Asks
from paperqa_ext.convert.grounded import KINDS, MAX_GOLD, RECORDS, grounded
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.prompts import LANGS


@pytest.fixture(scope="module")
def corpus(conversion):
    return conversion.corpus


def some(corpus, split):
    return [ask for stream in Asks(corpus, split, LANGS).streams("en").values() for ask in islice(stream, 80)]


@pytest.mark.parametrize("split", SPLITS)
def test_records_shown_are_the_answer_s_and_distractors_of_the_split(corpus, split):
    asks = list(grounded(corpus, split, some(corpus, split)))
    assert len(asks) > 100
    for ask in asks:
        assert ask.kind in KINDS
        assert len(ask.shown) == len(set(ask.shown)) == RECORDS
        assert set(ask.rows) <= set(ask.shown) and len(ask.rows) <= MAX_GOLD
        assert {SPLITS[corpus.splits.papers[row]] for row in ask.shown} == {split}


def test_a_distractor_is_not_of_the_year_asked_for(corpus):
    for ask in grounded(corpus, "train", some(corpus, "train")):
        if ask.year:
            assert ask.year not in {corpus.year(row) for row in ask.shown if row not in ask.rows}


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_of_a_share_the_answer_is_removed(corpus, share):
    before = [ask for ask in some(corpus, "train") if ask.kind in KINDS and len(ask.rows) <= MAX_GOLD]
    after = list(grounded(corpus, "train", before, share))
    removed = [(old, new) for old, new in zip(before, after, strict=True) if new.variant == "removed"]
    assert len(removed) == pytest.approx(share * len(before), abs=0.1 * len(before))
    for old, new in removed:
        assert new.rows == () and not set(old.rows) & set(new.shown)


def test_the_answer_s_place_varies(corpus):
    places = {ask.shown.index(ask.rows[0]) for ask in grounded(corpus, "train", some(corpus, "train")) if ask.rows}
    assert places == set(range(RECORDS))
