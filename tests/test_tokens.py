from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.convert.tokens import (
    CUTOFF_LEN,
    MAX_ANSWER,
    answer_tokens,
    count_tokens,
    percentile,
    prompt_tokens,
    too_long,
)


def test_token_counts():
    assert count_tokens("") == 0
    assert count_tokens("你好") == 1
    assert percentile([3, 1, 2], 50) == 2


def test_a_row_is_counted_as_llamafactory_lays_it_out():
    """<|im_start|>system\\nS<|im_end|>\\n<|im_start|>user\\nQ<|im_end|>\\n<|im_start|>assistant\\n: 5 + 5 + 3 marks."""
    assert prompt_tokens("S", ["Q"]) == 2 + 13
    assert prompt_tokens("S", ["Q", "A", "Q"]) == 4 + 13 + 10
    assert answer_tokens("A") == 3


def test_what_is_too_long():
    assert not too_long("S", ["Q"], "word " * (MAX_ANSWER - 10))
    assert too_long("S", ["Q"], "word " * (MAX_ANSWER + 1))
    assert not too_long("S", ["word " * (CUTOFF_LEN - 60)], "A")
    assert too_long("S", ["word " * (CUTOFF_LEN + 1)], "A")


@given(st.text(max_size=400), st.integers(1, 12))
def test_rows_that_are_not_counted_fit(text, times):
    question, answer = text * times, text
    if not too_long("S", [question], answer):
        assert prompt_tokens("S", [question]) + answer_tokens(answer) <= CUTOFF_LEN
        assert answer_tokens(answer) <= MAX_ANSWER
