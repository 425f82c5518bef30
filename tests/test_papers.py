import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.papers import Paper, arxiv_id_month, parse_arxiv_id


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("2201.01234", "2201.01234"),
        ("0704.0010", "0704.0010"),
        ("arXiv:2201.01234v12", "2201.01234"),
        ("https://arxiv.org/pdf/2201.01234v3.pdf", "2201.01234"),
        ("http://arxiv.org/abs/cs/0701001", "cs/0701001"),
        ("10.48550/arXiv.2201.01234", "2201.01234"),
        ("math.GT/0309136v2", "math/0309136"),
        ("cmp-lg/9404002", "cmp-lg/9404002"),
        # Read as floats these lost their last zeros, and which paper was meant cannot be told.
        ("704.001", None),
        ("0704.001", None),
        ("1501.0001", None),
        ("2201.1234", None),
        ("2213.01234", None),
        ("2201.012345", None),
        ("12201.01234", None),
        ("nonsense/9404002", None),
        ("", None),
    ],
)
def test_arxiv_ids(text, arxiv_id):
    assert parse_arxiv_id(text) == arxiv_id


@given(st.integers(2015, 2069), st.integers(1, 12), st.integers(0, 99999), st.integers(1, 20))
def test_new_ids_are_found_in_any_wrapping(year, month, number, version):
    arxiv_id = f"{year % 100:02}{month:02}.{number:05}"
    for text in (arxiv_id, f"arXiv:{arxiv_id}v{version}", f"see https://arxiv.org/abs/{arxiv_id}."):
        assert parse_arxiv_id(text) == arxiv_id
    assert arxiv_id_month(arxiv_id) == f"{year}-{month:02}"
    assert Paper(arxiv_id, "T", published=arxiv_id_month(arxiv_id)).year == year


@given(st.text(max_size=60))
def test_any_text_has_an_id_or_none(text):
    found = parse_arxiv_id(text)
    assert found is None or parse_arxiv_id(found) == found
