import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.seeding import apportion, hash64, pick, rank, ranks, share


def test_the_same_parts_give_the_same_number_in_every_process():
    code = "from paperqa_ext.seeding import rank; print(rank(0, 'topic', 2022))"
    for seed in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert int(run.stdout) == rank(0, "topic", 2022)


def test_parts_are_told_apart():
    assert len({rank("ab", "c"), rank("a", "bc"), rank("abc"), rank("c", "ab")}) == 4


def test_shares_are_even():
    drawn = [share("draw", number) for number in range(4000)]
    assert all(0 <= value < 1 for value in drawn)
    assert np.histogram(drawn, bins=4, range=(0, 1))[0] == pytest.approx([1000] * 4, rel=0.1)


def test_ranks_are_those_of_the_key_whatever_the_order():
    keys = np.array([hash64(str(number)) for number in range(1000)], dtype=np.uint64)
    drawn = ranks(keys, 0, "order")
    assert (ranks(keys[::-1], 0, "order")[::-1] == drawn).all()
    assert len(np.unique(drawn)) == 1000
    assert not (ranks(keys, 1, "order") == drawn).any()
    assert np.histogram(drawn / 2.0**64, bins=4, range=(0, 1))[0] == pytest.approx([250] * 4, rel=0.2)


def test_every_choice_is_picked_sometimes():
    assert {pick("abc", number) for number in range(50)} == set("abc")


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=9))
def test_apportioned_parts_add_up_and_are_near_their_share(whole, shares):
    parts = apportion(whole, shares)
    assert sum(parts) == whole
    for part, wanted in zip(parts, shares, strict=True):
        assert abs(part - whole * wanted / sum(shares)) < 1 + 1e-6
