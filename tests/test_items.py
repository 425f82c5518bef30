"""What is shown of an answer: cut at citations, clipped, and made visible."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_report import FAKE, GOOD, HOSTILE, answer, answers

from paperqa_ext.report import items


def test_segments_put_together_are_the_answer():
    overlapping = answer(0, "**One Two Three**", ("**One Two", FAKE), ("Two Three**", GOOD), ("Three", FAKE))
    for checked in (*answers(), overlapping):
        assert "".join(part.text for part in items.segments(checked)) == checked.predict
        assert "".join(part.text for part in items.segments(checked, 9)) == checked.predict[:9]
    assert [part.label for part in items.segments(overlapping)][:2] == ["fabricated", None]


def test_every_text_of_an_item_is_visible_and_bounded():
    text = HOSTILE + "长" * 1_000_000 + " **Late**"
    late = answer(6, text, ("**Fake**", FAKE), ("**Late**", GOOD), question="q\u202e" * 100_000)
    item = items.item([late, None], ["base", "tuned"])
    packed = orjson.dumps(item).decode()
    assert len(packed) < 30_000 and not set("\u202e\u2066\x1b") & set(packed)
    (side, absent) = item["sides"]
    assert absent is None and item["number"] == 7 and item["lang"] == "en" and side["lang"] == "zh-Hans"
    assert side["cut"] == len(text) - items.MAX_ANSWER_CHARS and len(side["citations"]) == 2
    assert item["question"].endswith("… [+199,400]")


def test_a_reason_is_shown_in_both_languages_and_in_english_where_it_has_no_other():
    older = replace(FAKE, reason_zh="")
    long = replace(GOOD, reason="\u202e" * 1_000, reason_zh="长" * 1_000)
    (side,) = items.item([answer(0, "**A** **B** **C**", ("**A**", FAKE), ("**B**", older), ("**C**", long))])["sides"]
    first, second, third = (reason for _, _, reason, _ in side["citations"])
    assert first == [FAKE.reason, FAKE.reason_zh] and second == [FAKE.reason, FAKE.reason]
    assert third == [f"{'⟨U+202E⟩' * 600}… [+400]", f"{'长' * 600}… [+400]"]


@given(st.text())
def test_visible_text_can_be_written_and_shown(text):
    shown = items.visible(text)
    shown.encode("utf-8")
    assert items.visible(shown) == shown


def test_many_citations_are_counted_and_the_first_shown():
    long = answer(0, " ".join(f"**T{n}**" for n in range(50)), *((f"**T{n}**", FAKE) for n in range(50)))
    (side,) = items.item([long])["sides"]
    assert side["counts"] == [["fabricated", 50]] and len(side["citations"]) == 40 and side["more"] == 10


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "2201.01234#x", "../2201.01234", "2201.01234v2", "", None])
def test_links_only_to_well_formed_ids(bad):
    assert items.arxiv_url(bad) is None
    assert items.arxiv_url("cmp-lg/9404002") == "https://arxiv.org/abs/cmp-lg/9404002"
