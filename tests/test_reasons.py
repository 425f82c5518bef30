from paperqa_ext.citations import Citation
from paperqa_ext.papers import Paper
from paperqa_ext.verify import reasons

PAPER = Paper("2001.00001", "On Things", ("A. Lee", "B. Chen", "C. Diaz", "D. Eliot"), published="2020-01")


def test_a_record_is_named_with_year_and_id():
    assert reasons.name(PAPER) == '"On Things" (2020, arXiv:2001.00001)'
    assert reasons.name(Paper("", "On Things", published="2020")) == '"On Things" (2020)'


def test_every_wrong_field_is_named_with_what_the_record_says():
    cited = Citation("", (0, 0), "On Things", ("X. Y", "Z. W"), 2015, "1501.00001")
    assert reasons.wrong_fields(cited, PAPER, {"year": [], "authors": ["X. Y", "Z. W"], "arxiv_id": []}) == (
        '"On Things" (2020, arXiv:2001.00001) exists, but year 2015 is stated, the record says 2020; X. Y, Z. W are not '
        "among its authors (A. Lee, B. Chen, C. Diaz et al.); arXiv:1501.00001 is stated, the record is arXiv:2001.00001."
    )
    assert "X. Y is not among" in reasons.wrong_fields(cited, PAPER, {"authors": ["X. Y"]})


def test_an_id_without_record_is_explained():
    assert (
        reasons.unknown_id("2213.00001", None, "2024-06") == "arXiv cannot have issued 2213.00001: it names month 13."
    )
    assert "newer than the index" in reasons.unknown_id("2501.00001v2", "2501.00001", "2024-06")
    assert reasons.unknown_id("2401.00001", "2401.00001", "2024-06") == "The index has no arXiv:2401.00001."
