import re

import pytest

from paperqa_ext.citations.patterns import HAN_CHAR
from paperqa_ext.verify.id_faults import id_fault, is_after

NUMBER = re.compile(r"\d+")


@pytest.mark.parametrize(
    ("arxiv_id", "fault"),
    [
        ("2213.01234", "it names month 13"),
        ("2200.01234", "it names month 00"),
        ("hep-th/9913001", "it names month 13"),
        ("1412.01234", "ids had four digits after the point until 2014-12"),
        ("2201.0123", "ids have five digits after the point since 2015-01"),
        ("2201.012345", "ids have five digits after the point since 2015-01"),
        ("0703.1234", "ids of this form began in 2007-04"),
        ("8001.00001", "ids of this form began in 2007-04"),
        ("9905.12345", "ids of this form began in 2007-04"),
        ("hep-th/8001001", "ids of this form were issued from 1991-07 to 2007-03"),
        ("hep-th/0801001", "ids of this form were issued from 1991-07 to 2007-03"),
        ("hep-th/9106001", "arXiv began in 1991-07"),
        ("cs/990100", "ids of this form have three digits after the month"),
        ("foo/9901001", "there is no such archive"),
        ("1706", "it has not the form of an arXiv id"),
        ("", "it has not the form of an arXiv id"),
    ],
)
def test_what_is_impossible_about_an_id(arxiv_id, fault):
    en, zh = id_fault(arxiv_id)
    assert en == fault
    assert HAN_CHAR.search(zh) and sorted(NUMBER.findall(zh)) == sorted(NUMBER.findall(en))


@pytest.mark.parametrize(
    "arxiv_id", ["2201.01234", "2201.01234v3", "1412.0123", "hep-th/9107001", "cs/0702001", "math.GT/0309136"]
)
def test_possible_ids(arxiv_id):
    assert id_fault(arxiv_id) is None


def test_a_month_is_after_a_month_or_a_year():
    assert is_after("2407.00001", "2024-06")
    assert not is_after("2406.00001", "2024-06")
    assert is_after("2501.00001", "2024")
    assert not is_after("2412.00001", "2024")
