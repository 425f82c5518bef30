from collections import Counter
from dataclasses import replace

import pytest

from paperqa_ext.convert.summary import Summary, leakage, summarize_split, text
from paperqa_ext.errors import DatasetError


@pytest.fixture(scope="module")
def splits(conversion):
    return {split: summarize_split(rows, conversion.corpus) for split, rows in conversion.rows.items()}


def test_a_split_is_counted(conversion, rows, splits):
    for split, counted in splits.items():
        assert counted.rows == len(rows[split]) == sum(counted.cells.values())
        assert counted.kinds == Counter((row["kind"], row["lang"]) for row in rows[split])
        assert sum(counted.years.values()) == sum(len(row["paper_ids"]) for row in rows[split])
        assert len(counted.tokens) == counted.rows


def test_papers_of_dialogues_count_those_cited_before(conversion, splits):
    before = {paper for row in conversion.rows["train"] if row.ask.kind == "multi_turn" for paper in row.ask.gold}
    assert before and splits["train"].papers >= len(before)


def test_no_split_leaks(conversion):
    assert leakage(conversion.rows) == {("train", "val"): 0, ("train", "test"): 0, ("val", "test"): 0}


def test_a_leak_fails_the_run(conversion):
    row = next(row for row in conversion.rows["train"] if row.ask.rows)
    with pytest.raises(DatasetError, match=r"papers are shared between splits: .* in train and test"):
        leakage({**conversion.rows, "test": [row]})


def test_a_record_shown_in_a_prompt_is_a_leak_too(conversion):
    row = next(row for row in conversion.rows["train"] if row.ask.rows)
    shown = replace(conversion.rows["test"][0], ask=replace(conversion.rows["test"][0].ask, shown=row.ask.rows))
    with pytest.raises(DatasetError, match="in train and test"):
        leakage({**conversion.rows, "grounded_test": [shown]})


def test_seen_must_ask_about_train_s_papers(conversion):
    row = next(row for row in conversion.rows["test"] if row.ask.rows)
    with pytest.raises(DatasetError, match="of seen that train lacks"):
        leakage({**conversion.rows, "seen": [row]})


def test_the_summary_in_words(splits):
    summary = Summary(
        command="c", sources=["a"], source_hash="h", records=5, first="1991-01", last="2026-06",
        counts={"read": 1234, "kept": 1200, "dropped: no title": 34}, not_cited={"withdrawn": 2}, dropped={},
        held_out=frozenset({"chaos"}), held_out_year=2012, splits=splits, shared={("train", "test"): 0},
    )  # fmt: skip
    told = text(summary)
    assert "records: 1,234 read, 1,200 kept, 34 dropped: no title" in told
    assert "not cited: 2 withdrawn" in told
    assert "only test asks about: 1 topics and the year 2012" in told
    assert "papers cited in two splits: train/test 0" in told
    for split, counted in splits.items():
        assert f"{counted.rows:,}" in next(line for line in told.splitlines() if line.startswith(f"{split} "))
