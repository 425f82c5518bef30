import re

import numpy as np
import pytest

from paperqa_ext.decode.free_text import BOLD, QUOTED, FreeText

PIECES = (
    "** * 《 》 a Ar arXiv arxiv. org : / // abs 2 20 2201 .0 . 012 34567 hep-th /99 \n 1. 1 ) - 、 é 深 “ [ ]".split(
        " "
    )
)
TOKENS = [
    b"",
    *(piece.encode() for piece in PIECES),
    b" ",
    b"\n",
    b"**D",
    b"x**",
    b"*\n",
    b"\xe3\x80",
    b"\x8a",
    b"\xe3",
]
BARS = re.compile(rb"arxiv[:\]-]|arxiv\.org/|\d{4}\.\d{3}|/\d{7}|\n\[", re.IGNORECASE)
NUMBER = re.compile(rb"\n(?:\d{1,2}[.)]|\d\xe3\x80\x81)")
MARKS = [f"{space}{mark}".encode() for space in ("", " ") for mark in (BOLD, QUOTED)]
ITEM = re.compile(rb"\n(?:\d{1,2}[.)]|\d\xe3\x80\x81|[-*] )")


@pytest.fixture(scope="module")
def free_text():
    return FreeText(TOKENS)


def test_every_text_is_followed_as_if_read_from_its_beginning(free_text):
    random = np.random.default_rng(0)
    opened = {BOLD: 0, QUOTED: 0}
    barred = listed = 0
    for _ in range(3000):
        state, text = free_text.start, b"\n"
        while True:
            token = int(random.integers(len(TOKENS)))
            longer = text + TOKENS[token]
            ends = [
                (found.end(), mark) for mark in (BOLD, QUOTED) if (found := re.search(re.escape(mark.encode()), longer))
            ]
            bars = BARS.search(longer)
            uncited = any(
                not any(
                    mark.startswith(longer[found.end() :]) or longer[found.end() :].startswith(mark) for mark in MARKS
                )
                for found in NUMBER.finditer(longer)
            )
            stops = bool(bars) or uncited or any(end < len(longer) for end, _ in ends)
            assert (token in free_text.barred[state]) == stops
            items = any(found.end() > len(text) for found in ITEM.finditer(longer))
            assert (token in free_text.exhausted[state]) == (items or stops or bool(ends))
            if stops:
                barred += 1
                assert free_text.follow(state, token) == state
                break
            after = free_text.follow(state, token)
            if ends:
                assert after == ends[0][1]
                opened[ends[0][1]] += 1
                break
            assert isinstance(after, int)
            listed += items
            state, text = after, longer
    assert min(*opened.values(), barred, listed) > 50


def test_before_anything_is_cited_no_token_is_silent(free_text):
    for barred, unfinished in zip(free_text.barred, free_text.unfinished, strict=True):
        assert set(unfinished) == {*barred, 0}


def test_special_tokens_and_ids_beyond_the_vocabulary_change_nothing(free_text):
    half = free_text.follow(free_text.start, TOKENS.index(b"*"))
    for token in (0, len(TOKENS), 10**6):
        assert free_text.follow(half, token) == half
    assert free_text.follow(half, TOKENS.index(b"*")) == BOLD


def test_ids_are_barred_in_pieces_and_in_any_case(free_text):
    state = free_text.after_citation
    for piece in (b"Ar", b"a", b"2201", b".0"):
        state = free_text.follow(state, TOKENS.index(piece))
    assert TOKENS.index(b"012") in free_text.barred[state]
    assert TOKENS.index(b".") not in free_text.barred[state]
