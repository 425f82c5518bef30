"""Names in both languages for everything that is counted, and how numbers are written."""

from __future__ import annotations

import re

import pytest

from paperqa_ext.convert.build import SHARES
from paperqa_ext.convert.card import CELLS
from paperqa_ext.metrics import DIMENSIONS, FIELDS, LABELS, RATES, Rate
from paperqa_ext.report import wording

HAN = re.compile(r"[\u3400-\u9fff]")


def test_every_verdict_rate_field_and_dimension_has_its_words():
    assert tuple(wording.VERDICTS) == LABELS and set(wording.RATE_TEXT) == set(RATES)
    assert set(wording.DIMENSIONS) == set(DIMENSIONS) and set(wording.FIELDS) == set(FIELDS)
    assert set(RATES) >= wording.ASKED_RATES
    for term in (*wording.VERDICTS.values(), *wording.RATE_TEXT.values()):
        for words in (term.name, term.meaning):
            assert HAN.search(words.zh) and not HAN.search(words.en) and words.en


@pytest.mark.parametrize(("dimension", "values"), [("kind", SHARES), ("cell", CELLS), ("lang", ("en", "zh"))])
def test_every_group_of_the_dataset_has_its_words(dimension, values):
    for value in values:
        if value != "grounded":  # says how a question is asked, and stands before its kind
            assert HAN.search(wording.value_name(dimension, value).zh), value


def test_other_groups_are_called_as_they_are():
    assert wording.value_name("topic", "graphs") == ("graphs", "graphs")
    assert wording.value_name("kind", "grounded recommend") == ("recommend, with records", "推荐论文（附记录）")
    assert wording.term("new_rate").name.en == "new rate"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("fabrication_rate", 0.1234, "12.3%"), ("verified_yield", 1.234, "1.23"), ("any_fake_rate", None, "–")],
)
def test_values(name, value, expected):
    assert wording.format_value(name, value) == expected


def test_intervals_differences_and_p_values():
    assert wording.format_interval("any_fake_rate", Rate(0.5, 0.25, 0.75, 4)) == "[25.0%, 75.0%]"
    assert wording.format_interval("any_fake_rate", Rate(None, None, None, 0)) == ""
    assert wording.format_difference(-0.123, "any_fake_rate") == "-12.3"
    assert wording.format_difference(0.123, "verified_yield") == "+0.12"
    assert [wording.format_p(p) for p in (0.0004, 0.0123, 1.0, None)] == ["<0.001", "0.012", "1.000", "–"]
