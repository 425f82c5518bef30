import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.convert.records import LineStore, Records, decode, encode, merge
from paperqa_ext.papers import Paper

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PAPERS = st.builds(
    Paper, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), TEXT, st.lists(TEXT, max_size=2).map(tuple),
    st.just("2022-01"), st.booleans(), TEXT,
)  # fmt: skip


@given(st.lists(PAPERS, max_size=4))
def test_papers_come_back_as_they_were(papers):
    lines, lengths = encode(papers)
    starts = np.cumsum(lengths) - lengths
    assert [decode(lines[at : at + size]) for at, size in zip(starts, lengths, strict=True)] == papers


def test_lines_are_fetched_by_row_in_any_order_and_between_appends(tmp_path):
    store = LineStore(tmp_path)
    store.append(b"abbccc", np.array([1, 2, 3]))
    assert list(store.lines([2, 0])) == [b"ccc", b"a"]
    store.append(b"", np.array([0]))
    store.append(b"dddd", np.array([4]))
    assert len(store) == 5
    assert list(store.lines([4, 3, 1, 1])) == [b"dddd", b"", b"bb", b"bb"]


def test_selected_rows_are_all_that_is_left(tmp_path):
    store = LineStore(tmp_path)
    store.append(b"abbccc", np.array([1, 2, 3]))
    store.select(np.array([2, 0]))
    assert len(store) == 2 and list(store.lines(range(2))) == [b"ccc", b"a"]
    store.append(b"e", np.array([1]))
    assert list(store.lines([2, 0])) == [b"e", b"ccc"]


def test_the_file_leaves_nothing_behind(tmp_path):
    records = Records(tmp_path)
    records.add([Paper("2201.00001", "T")])
    assert list(tmp_path.iterdir()) == []
    records.close()


@pytest.mark.parametrize(
    ("fields", "merged"),
    [
        ([{"title": "Old"}, {"title": "New"}], {"title": "New"}),
        ([{"abstract": "A"}, {"abstract": ""}], {"abstract": "A"}),
        ([{"authors": ("A",)}, {"authors": ("B",)}], {"authors": ("B",)}),
        ([{"categories": ("cs.LG",)}, {}], {"categories": ("cs.LG",)}),
        ([{"published": "2022-01"}, {"published": "2022-01-05"}], {"published": "2022-01-05"}),
        ([{"published": "2022-01-05"}, {"published": "2023"}], {"published": "2022-01-05"}),
        ([{"withdrawn": True}, {"withdrawn": False}], {"withdrawn": True}),
    ],
)
def test_merging(fields, merged):
    papers = [Paper(**{"id": "2201.00001", "title": "T", "published": "2022-01", **given}) for given in fields]
    assert merge(papers) == Paper(**{"id": "2201.00001", "title": "T", "published": "2022-01", **merged})
