"""Verified answers: what is real stays as it is, and nothing else stays without being struck through."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.chat.verified import VerifiedStream, language, struck, summary, verify_answer
from paperqa_ext.citations import extract
from paperqa_ext.index import ReferenceIndex
from paperqa_ext.prompts import citation_line
from paperqa_ext.verify import verify_all

FAKE = "**Peeling Quantum Bananas with Neural Elephants** — Jane Doe et al. (2020). [arXiv:2001.03762](https://arxiv.org/abs/2001.03762)"
FAKE_STRUCK = "~~**Peeling Quantum Bananas with Neural Elephants** — Jane Doe et al. (2020). arXiv:2001.03762~~"
STRUCK = re.compile(r"~~[^~\n]*~~(?: \(.*\)|（.*）)?")
REAL = 100  # a row of the index


@pytest.fixture(scope="module")
def line(index: ReferenceIndex) -> str:
    return citation_line(index.paper(REAL))


def streamed(answer: str, index: ReferenceIndex, *, hold: bool, size: int = 3) -> tuple[list[str], str]:
    """What is shown while an answer is written in pieces, and at its end."""
    stream = VerifiedStream(index, hold=hold)
    shown = [stream.feed(answer[start : start + size]) for start in range(0, len(answer), size)]
    return shown, stream.end()[0]


def test_a_real_citation_stays_as_it_is(index, line):
    verified = verify_answer(f"Read this:\n\n1. {line}\n", index)
    assert verified.text == f"Read this:\n\n1. {line}\n"
    assert [one.verdict.label for one in verified.checked] == ["verified"]


def test_an_invented_one_is_struck_through_without_its_link_and_the_nearest_is_named(index, line):
    text = verify_answer(f"1. {line}\n2. {FAKE}\n   It peels.", index).text
    first, second, third = text.split("\n")
    assert (first, third) == (f"1. {line}", "   It peels.")
    assert second.startswith(f"2. {FAKE_STRUCK} (no such paper found; the nearest is **")
    assert "2001.03762](" not in second
    [nearest] = extract(second.partition("the nearest is ")[2])
    assert verify_all([nearest], index)[0].label == "verified"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"published": "1999-01"}, "(not as cited; the record says: "),
        ({"authors": ("Marie Curie",)}, "(not as cited; the record says: "),
        ({"title": "Obstruction bundles over moduli spaces with elephants and the action filtration in symplectic field theory"}, "(no paper has this title; the nearest is "),
    ],
)  # fmt: skip
def test_what_contradicts_the_record_is_followed_by_it(index, line, changed, why):
    wrong = citation_line(replace(index.paper(REAL), **changed))
    text = verify_answer(f"See {wrong}", index).text
    assert text == f"See {struck(wrong)} {why}{line})"


def test_the_notes_are_in_the_language_of_the_answer(index):
    text = verify_answer("推荐《量子香蕉神经剥皮方法研究》（张三，2020）。", index).text
    assert text == "推荐~~《量子香蕉神经剥皮方法研究》（张三，2020）~~（无法核实）。"
    assert "（查无此论文；最接近的是 **" in verify_answer(f"推荐：\n1. {FAKE}", index).text


def test_an_answer_cut_off_in_a_citation_does_not_pass_for_a_citation(index):
    title = index.paper(REAL).title
    for length in (len(title) // 2, len(title) - 1, len(title)):
        text = verify_answer(f"1. **{title[:length]}", index).text
        assert text.startswith("1. ~~") and "(cut off" in text


def test_cells_of_a_table_are_struck_through_one_by_one(index):
    table = "| Title | Year |\n|---|---|\n| Peeling Quantum Bananas with Neural Elephants | 2017 |\n"
    row = verify_answer(table, index).text.splitlines()[2]
    assert row.startswith("| ~~Peeling Quantum Bananas with Neural Elephants~~ | ~~2017~~ (") and row.endswith(" |")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**A** ~~b~~", "~~**A** ∼∼b∼∼~~"),  # it cannot end the striking
        ("A** by B", "~~A by B~~"),
        ("A\n  - by B", "~~A~~\n  ~~- by B~~"),
        ("see [A](https://a.b/c) and [B](https://arxiv.org/abs/1)", "~~see A and B~~"),
    ],
)
def test_struck(text, shown):
    assert struck(text) == shown


answers = st.lists(
    st.tuples(st.sampled_from(["real", "fake", "year", "half", "text"]), st.integers(0, 5_000)), min_size=1, max_size=6
)


def _written(parts: list[tuple[str, int]], index: ReferenceIndex) -> str:
    lines = []
    for number, (kind, row) in enumerate(parts, 1):
        paper = index.paper(row)
        lines.append(
            {
                "real": citation_line(paper, number),
                "fake": f"{number}. {FAKE.replace('Bananas', f'Bananas {row}')}",
                "year": citation_line(replace(paper, published="1950"), number),
                "half": f"{number}. **{paper.title[: len(paper.title) // 2]} of Elephants** ({paper.year})",
                "text": "Some words between them.",
            }[kind]
        )
    return "\n".join(lines)


@given(answers)
@settings(max_examples=40, deadline=None)
def test_what_is_not_struck_through_is_real(index, parts):
    text = verify_answer(_written(parts, index), index).text
    left = extract(STRUCK.sub("", text))
    assert [verdict.label for verdict in verify_all(left, index)] == ["verified"] * len(left)
    assert text.count("**") % 2 == 0


@given(answers, st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_a_stream_that_holds_back_shows_the_same_and_never_what_is_not_verified(index, parts, size):
    answer = _written(parts, index)
    shown, rest = streamed(answer, index, hold=True, size=size)
    assert "".join(shown) + rest == verify_answer(answer, index).text


def test_a_stream_shows_each_item_once_it_is_complete(index, line):
    shown, rest = streamed(f"1. {line}\n2. {FAKE}\n3. {line}", index, hold=True)
    pieces = [piece for piece in shown if piece]
    assert pieces[0] == f"1. {line}\n"
    assert pieces[1].startswith(f"2. {FAKE_STRUCK}")
    assert rest == f"3. {line}"


def test_what_was_shown_at_once_is_named_at_the_end_if_it_is_not_verified(index, line):
    answer = f"1. {line}\n2. {FAKE}"
    shown, rest = streamed(answer, index, hold=False)
    assert "".join(shown) == answer
    assert rest.startswith(f"\n\nNot verified:\n\n- {FAKE_STRUCK} (no such paper found; the nearest is ")
    assert streamed(f"1. {line}\n", index, hold=False)[1] == ""


def test_summary():
    assert summary([], "en") == ""
    assert summary(["verified"] * 3, "en") == "✓ 3 of 3 citations verified."
    assert summary(["verified", "fabricated"], "en") == "✗ 1 of 2 citations verified."
    assert summary(["fabricated"], "zh") == "✗ 1 条引用中 0 条得到核实。"
    assert (language("Graph networks"), language("图 networks")) == ("en", "zh")
