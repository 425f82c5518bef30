import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.citations import Citation, abstains, extract

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "citations.jsonl").read_text(encoding="utf-8").splitlines()
]
LINE = (
    "1. **Title of Things** — First Author, Second Author et al. (2022). "
    "[arXiv:2201.01234](https://arxiv.org/abs/2201.01234)"
)


def check_spans(answer, citations):
    end = 0
    for citation in citations:
        start, stop = citation.span
        assert end <= start < stop <= len(answer)
        assert answer[start:stop] == citation.text
        assert citation.title is None or citation.title in citation.text
        end = stop


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden(case):
    found = extract(case["answer"])
    fields = [
        {
            "title": citation.title,
            "authors": list(citation.authors),
            "year": citation.year,
            "arxiv_id": citation.arxiv_id,
            "truncated": citation.truncated,
        }
        for citation in found
    ]
    assert fields == case["expected"]
    assert abstains(case["answer"]) == case["abstains"]
    check_spans(case["answer"], found)


def test_golden_set_is_bilingual_and_names_are_unique():
    assert len(CASES) >= 60
    assert sum(bool(re.search(r"[\u4e00-\u9fff]", case["answer"])) for case in CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_canonical_line_is_cited_whole_but_for_its_number():
    assert extract(LINE) == [
        Citation(LINE[3:], (3, len(LINE)), "Title of Things", ("First Author", "Second Author"), 2022, "2201.01234")
    ]


def test_only_the_last_citation_can_be_truncated():
    answer = f"{LINE}\n2. **Other Thin\n\n{LINE}"
    assert not any(citation.truncated for citation in extract(answer))


def test_a_repetition_loop_yields_each_item():
    assert len(extract("\n".join([LINE] * 500))) == 500


WORD = st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)
TITLES = st.one_of(
    st.builds(" ".join, st.lists(WORD, min_size=2, max_size=12)),
    st.builds("{}: {} with {} for {}".format, WORD, WORD, WORD, WORD),
    st.builds("{} {}-{} (In {})?".format, WORD, WORD, WORD, WORD),
    st.builds('"{} {} {}": {} $O(n^2)$ {}'.format, WORD, WORD, WORD, WORD, WORD),
    st.text("图神经网络综述研究方法学习模型表示", min_size=4, max_size=20),
)
NAMES = st.one_of(
    st.builds("{} {}".format, WORD, WORD),
    st.builds("{} {}. {}-{}".format, WORD, st.sampled_from("ABJK"), WORD, WORD),
    st.builds("{} van der {}".format, WORD, WORD),
    st.sampled_from(["Petar Veličković", "Łukasz Kaiser", "张三", "Seán Ó Briain", "C. d'Ascoli", "Xu"]),
)
IDS = st.one_of(
    st.builds("{:02}{:02}.{:05}".format, st.integers(15, 26), st.integers(1, 12), st.integers(1, 99999)),
    st.builds("{:02}{:02}.{:04}".format, st.integers(8, 14), st.integers(1, 12), st.integers(1, 9999)),
    st.builds("hep-th/{:02}{:02}{:03}".format, st.integers(92, 99), st.integers(1, 12), st.integers(1, 999)),
)
RECORDS = st.tuples(TITLES, st.lists(NAMES, max_size=2, unique=True), st.booleans(), st.integers(1991, 2026), IDS)


@given(st.lists(RECORDS, min_size=1, max_size=4), st.booleans())
@settings(deadline=None)
def test_canonical_lines_round_trip(records, numbered):
    lines = []
    for number, (title, authors, more, year, arxiv_id) in enumerate(records, 1):
        by = f" — {', '.join(authors)}{' et al.' if more and len(authors) == 2 else ''}" if authors else ""
        line = f"**{title}**{by} ({year}). [arXiv:{arxiv_id}](https://arxiv.org/abs/{arxiv_id})"
        lines.append(f"{number}. {line}" if numbered else line)
    found = extract("I recommend:\n\n" + "\n".join(lines))
    assert [(c.title, c.authors, c.year, c.arxiv_id, c.truncated) for c in found] == [
        (title, tuple(authors), year, arxiv_id, False) for title, authors, _, year, arxiv_id in records
    ]
    assert [c.text for c in found] == [line.removeprefix(f"{n}. ") for n, line in enumerate(lines, 1)]


PIECES = [
    *"*_\"“”「」《》[]()（）#-—–.,:：，。、 \n\t\r\0",
    "**", "1. ", "- ", "[1] ", "Title: ", "标题：", "作者：", "Year: ", "by ", "et al.", "等", "由", "(2020)", "2021 年",
    "arXiv:", "2201.01234", "2213.99999", "hep-th/9901001", "https://arxiv.org/abs/", "<think>", "</think>", "A. Smith",
    "Graph Attention Networks", "图神经网络综述", "论文", "张三", "[J]", "\u2028", "\U0001f600", "İ", "ß",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
@settings(deadline=None, max_examples=500)
def test_any_text_gives_ordered_spans(answer):
    check_spans(answer, extract(answer))
    abstains(answer)


@given(st.lists(st.sampled_from([case["answer"] for case in CASES]), max_size=4).map("\n\n".join))
@settings(deadline=None)
def test_joined_answers_give_ordered_spans(answer):
    check_spans(answer, extract(answer))


@pytest.mark.parametrize(
    "unit",
    [
        "**",
        '"',
        "[[[[",
        "1",
        " ",
        "1. ",
        '**"《[',
        "《",
        "<think>",
        "**a b ",
        "(2020 ",
        "A. Bc, ",
        " by A",
        "arXiv:",
        "\n",
    ],
)
def test_time_is_linear(unit):
    def seconds(size):
        answer = (unit * size)[:size]
        started = time.process_time()
        extract(answer)
        return time.process_time() - started

    small, large = seconds(250_000), seconds(1_000_000)
    assert large < 10 * small + 0.1
    assert large < 4  # generous: a busy machine doubles it
