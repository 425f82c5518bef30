import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.index.arrays import Codes, Strings, Text, load, offsets, save, spans


@pytest.mark.parametrize(("largest", "bytes_each"), [(255, 1), (256, 2), (2**32 - 1, 4), (2**64 - 1, 8)])
def test_arrays_are_as_small_as_their_numbers_allow(tmp_path, largest, bytes_each):
    save(tmp_path, "numbers", np.array([0, largest], dtype=np.uint64))
    numbers = load(tmp_path, "numbers")
    assert (numbers.itemsize, numbers.tolist()) == (bytes_each, [0, largest])
    assert not numbers.flags.writeable


def test_an_empty_array_is_read_back(tmp_path):
    save(tmp_path, "none", np.empty(0, dtype=np.uint64))
    assert load(tmp_path, "none").tolist() == []


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 5))))
def test_spans_are_the_places_of_runs(runs):
    starts, lengths = (np.array([run[i] for run in runs], dtype=np.uint32) for i in range(2))
    assert spans(starts, lengths).tolist() == [start + i for start, length in runs for i in range(length)]
    assert offsets(lengths).tolist() == [sum(length for _, length in runs[:i]) for i in range(len(runs) + 1)]


def test_codes_are_given_in_order():
    codes = Codes()
    assert [codes[text] for text in ("b", "", "b", "a")] == [0, 1, 0, 2]
    assert list(codes) == ["b", "", "a"]


@pytest.mark.parametrize("texts", [[], [""], ["", "图神经", "", "é", "plain"]])
def test_strings_are_read_back_in_any_order(tmp_path, texts):
    Text(texts).save(tmp_path, "texts")
    strings = Strings(tmp_path, "texts")
    rows = [*reversed(range(len(texts))), *range(len(texts))]
    assert strings.get(rows) == [texts[row] for row in rows]
    assert len(strings) == len(texts)


def test_strings_that_are_cut_are_not_read(tmp_path):
    Text(["some", "text"]).save(tmp_path, "texts")
    (tmp_path / "texts.txt").write_bytes(b"sometex")
    with pytest.raises(ValueError, match=r"texts.txt is not as long as texts.npy says"):
        Strings(tmp_path, "texts")
