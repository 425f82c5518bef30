"""Citations as CSV that no spreadsheet computes, and the summary as Markdown."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from test_report import ASKED, FAKE, GOOD, HOSTILE, SIGNATURE, WRONG, answer, answers

from paperqa_ext.metrics import CheckedAnswer, Score
from paperqa_ext.report.exports import COLUMNS, citation_lines, summary_markdown
from paperqa_ext.verify import Verdict


def lines(*checked: CheckedAnswer) -> list[dict[str, str]]:
    text = citation_lines(checked)
    found = list(csv.DictReader(io.StringIO(text, newline=""), COLUMNS))
    assert len(found) == text.count("\r\n") == text.count("\n"), "one citation, one line"
    return found


def test_a_line_for_each_citation():
    first, second, *rest = lines(*(replace(one, asked=ASKED) for one in answers()))
    assert tuple(first) == COLUMNS and len(rest) == 3
    assert (first["answer"], first["citation"], first["verdict"], first["matched_id"]) == (
        "0",
        "1",
        "verified",
        "2201.01234",
    )
    assert first["matched_url"] == "https://arxiv.org/abs/2201.01234" and first["truncated"] == "0"
    assert (first["lang"], first["kind"], first["cell"]) == ("en", "recommend", "seen_paper")
    assert (second["wrong_fields"], second["year"], second["similarity"]) == ("year", "2022", "1.0")
    assert rest[0]["title"] == "图神经网络中的幻影" and rest[0]["matched_url"] == ""
    assert [row["answer"] for row in rest] == ["1", "1", "1"]
    assert [rest[0]["reason"], rest[0]["reason_zh"]] == [FAKE.reason, FAKE.reason_zh]


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\n@x", "\u200b=1"]


def test_no_cell_is_a_formula():
    for text in FORMULAS:
        verdict = Verdict("fabricated", text, text, 0.5, reason_zh=text)
        (row,) = lines(answer(0, text, (text, verdict), question=text))
        for column in ("title", "reason", "reason_zh", "matched_id", "question"):
            assert row[column] and not row[column].startswith(tuple("=+-@＝＋－＠\t\r\n ")), (text, column)


@given(st.text(), st.text(min_size=1))
def test_whatever_is_written_is_one_line_of_safe_cells(reason, question):
    verdict = Verdict("fabricated", reason, reason, None, reason_zh=reason)
    (row,) = lines(answer(0, "Fake", ("Fake", verdict), question=question))
    assert not any(cell.startswith(tuple("=+-@＝＋－＠")) for cell in row.values())
    str(row).encode("utf-8")


def test_long_cells_are_cut_and_hostile_ones_visible():
    (row,) = lines(
        answer(0, "Fake", ("Fake", Verdict("fabricated", HOSTILE * 100, None, None)), question="长" * 100_000)
    )
    assert len(row["reason"]) < 2_500 and len(row["question"]) < 2_100 and "⟨U+202E⟩gnp.exe" in row["reason"]


def test_summary_says_counts_rates_groups_and_signature():
    checked = [replace(one, asked=replace(ASKED, lang="zh" if one.index else "en")) for one in answers()]
    text = summary_markdown(Score.of(checked, resamples=50, alignment="every prompt fits"), SIGNATURE)
    for expected in (
        "3 answers, 5 citations, 1 declined.",
        "| fabricated · 编造 | 1 |",
        "| fabrication rate · 编造率 | 50.0% | &#91;0.0%, 100.0%&#93; | 4 |",
        "| year · 年份 | 1 |",
        "## By language",
        "| English · 英文 | 1 | 0.0% ",
        "every prompt fits",
        "| index, hash | 9f2c41d0 |",
    ):
        assert expected in text, expected


def test_nothing_in_the_summary_is_markup():
    bad = Verdict("metadata_error", "x", None, None, ("year",))
    checked = [
        replace(answer(n, "F", ("F", verdict)), asked=replace(ASKED, kind=f"{HOSTILE}|{n}", topic="<img>"))
        for n, verdict in enumerate((FAKE, GOOD, WRONG, bad))
    ]
    text = summary_markdown(Score.of(checked, resamples=50), {"a|b": HOSTILE})
    assert "<script" not in text and "<img" not in text and "\u202e" not in text
    assert "](javascript" not in text
