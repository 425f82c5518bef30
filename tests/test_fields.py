import datetime

import pytest

from paperqa_ext.sources import fields


@pytest.mark.parametrize(
    ("value", "text"),
    [(" a\n b ", "a b"), (b"caf\xc3\xa9", "café"), (7, "7"), (float("nan"), ""), (True, ""), (["a"], ""), (None, "")],
)
def test_text(value, text):
    assert fields.text(value) == text


@pytest.mark.parametrize(
    ("value", "arxiv_id"),
    [
        ("https://huggingface.co/papers/2201.01234", "2201.01234"),
        ("https://doi.org/10.48550/arXiv.2201.01234", "2201.01234"),
        ("10.1016/j.aop.2007.04010", None),
        ("https://doi.org/10.1016/j.aop.2007.04010", None),
        (2201.01234, "2201.01234"),
        (["2201.01234v2"], "2201.01234"),
    ],
)
def test_ids(value, arxiv_id):
    assert fields.arxiv_id(value) == arxiv_id


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2021-12-31T10:00:00Z", "2021-12-31"),
        (" 2021-12", "2021-12"),
        (2021, "2021"),
        (datetime.date(2021, 12, 31), "2021-12-31"),
        ("Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"),
        ([{"version": "v1", "created": "Fri, 31 Dec 2021 19:18:42 GMT"}, {"created": "x"}], "2021-12-31"),
        (["v1"], ""),
        ("yesterday", ""),
        (20211231, ""),
        (None, ""),
    ],
)
def test_dates(value, date):
    assert fields.date(value) == date


@pytest.mark.parametrize(
    ("value", "year"), [(2022, "2022"), (2022.0, "2022"), ("2022-03-01", "2022"), ("n/a", ""), (22, ""), (20221, "")]
)
def test_years(value, year):
    assert fields.year(value) == year


@pytest.mark.parametrize(
    ("value", "authors"),
    [
        (["Ana L\\'opez", "B.  Two"], ("Ana López", "B. Two")),
        ([" A. One", "B. Two "], ("A. One", "B. Two")),
        ('Mart&iacute;n P&eacute;rez; Hans H{\\"o}lder', ("Martín Pérez", "Hans Hölder")),
        ("Jose\u0301 Ruiz", ("José Ruiz",)),
        (["Jose\u0301 Ruiz"], ("José Ruiz",)),
        ([None, "A. One"], ("A. One",)),
        (["", "A. One"], ("A. One",)),
    ],
)
def test_authors_are_readable(value, authors):
    assert fields.authors(value) == authors


def test_only_a_note_at_the_start_or_in_the_comments_withdraws():
    assert fields.withdrawn("This paper has been withdrawn.", None)
    assert fields.withdrawn("", "Withdrawn: error in Lemma 2")
    assert not fields.withdrawn("Money withdrawn from banks.", "12 pages")
