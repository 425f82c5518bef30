import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.papers import Paper, arxiv_id_month, is_category, parse_arxiv_id, parse_authors, repair_arxiv_id


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


@pytest.mark.parametrize(
    ("number", "arxiv_id"),
    [
        ("704.001", "0704.0010"),
        ("704.0001", "0704.0001"),
        ("1412.1", "1412.1000"),
        ("1501.1", "1501.10000"),
        ("2201.1", "2201.10000"),
        ("0704.001", None),
        ("2213.1", None),
        ("5.25", None),
        ("2201", None),
        ("nan", None),
    ],
)
def test_ids_that_were_stored_as_numbers(number, arxiv_id):
    assert repair_arxiv_id(number) == arxiv_id


@given(st.integers(2007, 2069), st.integers(1, 12), st.integers(1, 99999))
def test_any_id_survives_being_a_number(year, month, number):
    digits = 5 if year >= 2015 else 4
    arxiv_id = f"{year % 100:02}{month:02}.{number % 10**digits or 1:0{digits}}"
    if parse_arxiv_id(arxiv_id) and not arxiv_id.startswith("0"):
        assert parse_arxiv_id(str(float(arxiv_id))) in (None, arxiv_id)
    if parse_arxiv_id(arxiv_id):
        assert repair_arxiv_id(str(float(arxiv_id))) == arxiv_id


@pytest.mark.parametrize("text", ["cs.LG", "hep-th", "physics.gen-ph", "stat", "q-fin.GN", "astro-ph.CO"])
def test_categories(text):
    assert is_category(text)


@pytest.mark.parametrize("text", ["", "Machine", "68T05", "I.2.7", "and", "cs.", "cs.LG.x"])
def test_no_categories(text):
    assert not is_category(text)


@pytest.mark.parametrize(
    ("given_authors", "authors"),
    [
        ("A. Vaswani, N. Shazeer and N. Parmar", ("A. Vaswani", "N. Shazeer", "N. Parmar")),
        ("A. Vaswani, N. Shazeer, and N. Parmar", ("A. Vaswani", "N. Shazeer", "N. Parmar")),
        ("Vaswani, A., Shazeer, N. M., and Parmar, N.", ("A. Vaswani", "N. M. Shazeer", "N. Parmar")),
        ("Vaswani, Ashish; Shazeer, Noam", ("Ashish Vaswani", "Noam Shazeer")),
        ("Anderson Sand and Sandy Andersson", ("Anderson Sand", "Sandy Andersson")),
        ("王伟、李娜", ("王伟", "李娜")),
        ("Martin King, Jr., Noam Shazeer III", ("Martin King Jr.", "Noam Shazeer III")),
        ("A. One (1), B. Two (2) and C. Three ((1) X, Y, (2) Z)", ("A. One", "B. Two", "C. Three")),
        ("A. One & B. Two", ("A. One", "B. Two")),
        (["Martin King, Jr."], ("Martin King Jr.",)),
        ([["Yuan", "C. -P."], ["H1 Collaboration", None, None]], ("C.-P. Yuan", "H1 Collaboration")),
        (["Vaswani, Ashish", "Noam  Shazeer", ""], ("Ashish Vaswani", "Noam Shazeer")),
        ([["Vaswani", "Ashish", ""], ["King", "Martin", "Jr."]], ("Ashish Vaswani", "Martin King Jr.")),
        ([{"name": "Ashish Vaswani"}, {"keyname": "Shazeer", "forenames": "Noam"}], ("Ashish Vaswani", "Noam Shazeer")),
        ('["Ashish Vaswani", "Noam Shazeer"]', ("Ashish Vaswani", "Noam Shazeer")),
        ("['Ashish Vaswani', 'Noam Shazeer']", ("Ashish Vaswani", "Noam Shazeer")),
        ("[Collaboration]", ("[Collaboration]",)),
        ({"name": "Ashish Vaswani"}, ("Ashish Vaswani",)),
        (None, ()),
        ("", ()),
        (5, ()),
    ],
)
def test_authors(given_authors, authors):
    assert parse_authors(given_authors) == authors


@pytest.mark.parametrize("piece", ["(", "()", "A, ", "A;", " and", "[", "[1,"])
def test_long_author_lists_take_no_long_time(piece):
    parse_authors(piece * 100_000)
    parse_authors(piece * 50_000 + ")" * 50_000)
