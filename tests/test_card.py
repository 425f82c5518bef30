import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import yaml

from paperqa_ext.convert.card import MAX_TURN, card
from paperqa_ext.convert.card_plots import MAX_CATEGORIES, plot
from paperqa_ext.convert.summary import SplitSummary, Summary

HOSTILE = "A | B `code` ``` <script>alert(1)</script> $x$ </details> *b*\n~~~\n\u202eevil\r\n# heading\x1b[31m"


def make_split(kinds=None, tokens=((200, 60), (320, 90), (1500, 700))):
    return SplitSummary(
        kinds=Counter(kinds or {("recommend", "en"): 1200, ("recommend", "zh"): 1100, ("exist", "en"): 3}),
        cells=Counter({"seen_paper": 2303}),
        variants=Counter({("exist", "altered"): 3}),
        years=Counter({2019: 4, 2022: 9}),
        categories=Counter({"cs.LG": 9, "": 1, "hep-th": 3}),
        papers=1234,
        tokens=list(tokens),
    )


def make_row(**changes):
    row = {
        "instruction": "Recommend a 2022 paper on trees.", "input": "", "output": "1. **Trees** — A B (2022).", "system": "You recommend papers.",
        "history": [], "id": "recommend-en-1", "kind": "recommend", "lang": "en", "paper_ids": ["2201.01234"],
        "constraints": {"topic": "trees", "year": 2022, "author": None}, "cell": "seen_paper", "twin": "", "variant": "",
    }  # fmt: skip
    return row | changes


def make_summary(**changes):
    summary = Summary(
        command="python -m paperqa_ext.convert --size 2303",
        sources=["sample.parquet"],
        source_hash="0123abcd",
        records=59054,
        first="1991-08-01",
        last="2025-03-28",
        counts={"read": 5000, "kept": 4990, "dropped: no title": 10, "merged: same id": 0},
        not_cited={"withdrawn": 12},
        dropped={"too long": 3},
        held_out=frozenset({"tensor networks", "coral reefs", "bird song", "plasma"}),
        held_out_year=2013,
        splits={"train": make_split(), "val": make_split(), "seen": make_split()},
        shared={("train", "val"): 0, ("train", "test"): 0, ("val", "test"): 0},
        examples={
            ("recommend", "en"): make_row(),
            ("recommend", "zh"): make_row(lang="zh", instruction="请推荐论文。"),
        },
    )
    return replace(summary, **changes)


DEGENERATE = {
    "no tokens": {"splits": {"train": make_split(tokens=())}},
    "one split, one kind, one row": {"splits": {"train": make_split({("lookup", "zh"): 1}, [(40, 12)])}, "examples": {}},
    "nothing cited": {
        "splits": {"train": SplitSummary(Counter({("unanswerable", "en"): 1}), Counter({"unanswerable": 1}), Counter(), Counter(), Counter(), 0, [])}
    },
    "an empty split": {"splits": {"train": make_split(), "test": SplitSummary(Counter(), Counter(), Counter(), Counter(), Counter(), 0, [])}},
    "nothing left out": {"counts": {}, "not_cited": {}, "dropped": {}, "held_out": frozenset(), "held_out_year": 0},
    "kinds not known here": {"splits": {"grounded_train": make_split({("riddle", "en"): 5})}, "examples": {("riddle", "en"): make_row(kind="riddle")}},
    "hostile names": {
        "sources": [HOSTILE], "command": HOSTILE, "counts": {HOSTILE: 1}, "dropped": {HOSTILE: 1}, "held_out": frozenset({HOSTILE}),
        "splits": {"train": make_split({(HOSTILE, "en"): 5})}, "examples": {(HOSTILE, "en"): make_row()},
    },
}  # fmt: skip


def outside_code(text):
    """The card without its code blocks, each of which must end with the fence it began with."""
    lines, fence = [], ""
    for line in text.splitlines():
        opening = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif opening:
            fence = opening[0]
        else:
            lines.append(line)
    assert not fence
    return lines


def tables(text):
    found, current = [], []
    for line in [*outside_code(text), ""]:
        if line.startswith("|"):
            current.append([cell.strip() for cell in line.strip("|").split("|")])
        elif current:
            found.append(current)
            current = []
    return found


def section(text, title):
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_header_says_licence_and_languages():
    text = card(make_summary())
    header = yaml.safe_load(text.split("---\n")[1])
    assert text.startswith("---\n")
    assert header["license"] == "cc0-1.0"
    assert header["language"] == ["en", "zh"]
    only_chinese = make_summary(**DEGENERATE["one split, one kind, one row"])
    assert yaml.safe_load(card(only_chinese).split("---\n")[1])["language"] == ["zh"]


def test_counts_are_in_their_tables():
    text = card(make_summary())
    assert "| `train` | 2,303 | 1,203 | 1,100 | 1,234 |" in section(text, "Rows")
    assert re.search(r"\| `recommend` \| [^|]+ \| 2,300 \| 2,300 \| 2,300 \|", text)
    assert re.search(r"\| `exist` \| `altered` \| [^|]+ \| 3 \| 3 \| 3 \|", text)
    assert "bird song, coral reefs, plasma, tensor networks" in text
    assert "| dropped: no title | 10 |" in text and "merged: same id" not in text
    assert "| train, test | 0 |" in section(text, "Papers in two splits")
    assert "| `val` | answer | 3 | 90 | 700 | 700 | 700 |" in section(text, "Lengths")
    assert "| usable records in them | 4,990 |" in section(text, "Source")
    assert "`arxiv_paperqa_seen`" in section(text, "Load")


def test_columns_are_those_of_the_rows_and_all_explained():
    rows = tables(section(card(make_summary()), "Columns"))[0]
    assert [row[0] for row in rows[2:5]] == ["`instruction`", "`input`", "`output`"]
    assert "`constraints.topic`" in {row[0] for row in rows}
    assert all(meaning for _, meaning in rows)


@pytest.mark.parametrize("changes", DEGENERATE.values(), ids=DEGENERATE)
def test_tables_are_well_formed(changes):
    text = card(make_summary(**changes))
    found = tables(text)
    assert len(found) >= 5
    for rows in found:
        assert len({len(row) for row in rows}) == 1
        assert set(rows[1]) <= {"---", "--:"}
    assert "\n\n\n" not in text
    assert text.endswith("\n") and not text.endswith("\n\n")


def test_hostile_names_stay_text():
    text = card(make_summary(**DEGENERATE["hostile names"]))
    outside = "\n".join(outside_code(text))
    assert "<script" not in outside and "\n# heading" not in outside
    assert outside.count("</details>") == outside.count("<details>") == 1
    assert "A &#124; B &#96;code&#96;" in outside
    assert not {"\u202e", "\x1b", "\r"} & set(text)


def test_hostile_rows_cannot_end_their_code_block():
    row = make_row(instruction=HOSTILE, output="1. ```` </details>\n````\n| a |", history=[[HOSTILE, HOSTILE]])
    text = card(make_summary(examples={("recommend", "en"): row}))
    outside = "\n".join(outside_code(text))
    assert "script" not in outside and "| a |" not in outside
    assert outside.count("</details>") == 1
    assert "\n`````\n" in text


def test_examples_show_the_turns_before_and_cut_long_ones():
    question = "First words. " + "x " * MAX_TURN + "The question?"
    row = make_row(instruction=question, history=[["Earlier question", "Earlier answer"]], kind="multi_turn")
    shown = section(card(make_summary(examples={("multi_turn", "en"): row})), "Examples")
    turns = [
        "[system]",
        "[user]\nEarlier question",
        "[assistant]\nEarlier answer",
        "First words.",
        "[…]",
        "The question?",
        "**Trees**",
    ]
    places = [shown.index(turn) for turn in turns]
    assert places == sorted(places)
    assert len(shown) < 2 * MAX_TURN
    assert 'constraints: {"topic": "trees", "year": 2022}' in shown


def test_sharegpt_rows_are_shown_like_alpaca_rows():
    turns = [{"from": "human", "value": "Question"}, {"from": "gpt", "value": "Answer"}]
    text = card(make_summary(examples={("recommend", "en"): {"conversations": turns, "system": "S"}}))
    assert "[user]\nQuestion\n\n[assistant]\nAnswer" in section(text, "Examples")
    assert "`conversations`" in section(text, "Columns")


def test_the_card_links_the_plots_it_is_told_of():
    assert "(plots.svg)" in card(make_summary(), "plots.svg")
    assert ".svg" not in card(make_summary(), "")


def test_the_same_summary_gives_the_same_bytes(monkeypatch):
    import matplotlib

    first = card(make_summary()), plot(make_summary())
    monkeypatch.setitem(matplotlib.rcParams, "axes.facecolor", "red")  # as of another matplotlibrc
    again = make_summary(held_out=frozenset(sorted(make_summary().held_out, reverse=True)))
    assert (card(again), plot(again)) == first


@pytest.mark.parametrize("changes", DEGENERATE.values(), ids=DEGENERATE)
def test_plots_are_drawn_of_whatever_there_is(changes):
    svg = plot(make_summary(**changes))
    texts = [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "Citations by year of the paper" in texts
    assert len(svg) < 80_000
    assert "dc:date" not in svg


def test_plots_show_any_category():
    names = {HOSTILE: 3, "机器学习": 2, "_hidden": 1}
    svg = plot(make_summary(splits={"train": replace(make_split(), categories=Counter(names))}))
    texts = [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"机器学习", "_hidden"} <= set(texts)


def test_plots_sum_rare_categories():
    many = replace(make_split(), categories=Counter({f"cs.A{number}": 99 - number for number in range(40)}))
    svg = plot(make_summary(splits={"train": many}))
    assert "cs.A14<" in svg and "cs.A15<" not in svg
    assert f"{40 - MAX_CATEGORIES} others" in svg
    assert len(svg) < 80_000
