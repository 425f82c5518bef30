"""The page of a real comparison: what changed, by how much, and which answers it shows."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from test_pages import browser, index_of, needs_browser, opened, unpacked  # noqa: F401
from test_report import ALTERED, FAKE, GOOD, HOSTILE, Page, answer, assert_self_contained

from paperqa_ext.compare import Comparison, compare, find_runs
from paperqa_ext.details import DETAILS_NAME, REPORT_NAME, encode
from paperqa_ext.metrics import CheckedAnswer
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.report import write_comparison

VERDICTS = {"V": ("**Real Paper**", GOOD), "X": ("**Fake Paper**", FAKE), "A": ("**Nearly Real**", ALTERED)}


def run(directory: Path, verdicts: list[str], quality: float | None = None) -> Path:
    """A checked run on questions 1, 2, 3 …; of each answer the verdicts of its citations."""
    answers = [_answer(row, found) for row, found in enumerate(verdicts)]
    directory.mkdir(parents=True)
    rows = [{"prompt": one.prompt, "predict": one.predict, "label": ""} for one in answers]
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (directory / FILE_NAME).write_bytes(text)
    (directory / DETAILS_NAME).write_bytes(b"".join(map(encode, answers)))
    signature = {"predictions": FILE_NAME, "predictions_sha256": hashlib.sha256(text).hexdigest(), "field": None}
    (directory / REPORT_NAME).write_text(json.dumps({"signature": signature, "alignment": {"reason": None}}))
    if quality is not None:
        (directory / "predict_results.json").write_text(json.dumps({"predict_bleu-4": quality}))
    return directory


def _answer(row: int, verdicts: str) -> CheckedAnswer:
    cited = [VERDICTS[kind] for kind in verdicts]
    text = " and ".join(part for part, _ in cited) or f"Sorry. {HOSTILE}"
    return answer(row, text, *cited, question=f"Question {row + 1}?")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    saves = tmp_path_factory.mktemp("saves")
    before = run(saves / "base", ["X", "XA", "V", "X", "", "V", "X"] * 10, 12.25)
    after = run(saves / "tuned", ["V", "XA", "X", "V", "", "V", "V"] * 10, 26.75)
    return compare(find_runs([before, after]), resamples=200)


@pytest.fixture(scope="module")
def page(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("page") / "c.html", comparison)


def rows_of(html: str) -> dict[str, list[str]]:
    """The table of differences in English: name of the rate → what its row says."""
    (table,) = re.findall(r'<table class="differences">(.*?)</table>', html, re.DOTALL)
    table = re.sub(r'<span class="zh">.*?</span>', "", table)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr")[2:]]
    texts = [[" ".join(Page(cell).visible().split()) for cell in row] for row in cells]
    return {re.split(r" (?=[\d.]+%? →)", row[0])[0]: row for row in texts}


def test_it_says_before_after_difference_interval_and_p(comparison, page):
    html = page.read_text(encoding="utf-8")
    found = assert_self_contained(html)
    assert "2 runs answered the same 70 questions." in found.visible()
    assert "30 answers lost all their fabricated citations, 10 gained some (McNemar's exact test: p 0.002)." in (
        found.visible()
    )
    rows = rows_of(html)
    (pair,) = comparison.pairs
    assert len(rows) == sum(difference.value is not None for difference in pair.differences)
    name, difference, interval, p = rows["any-fake rate"]
    assert name == "any-fake rate 57.1% → 28.6%" and difference == "-28.6"
    assert re.fullmatch(r"\[-\d+\.\d, [+-]\d+\.\d\]", interval) and re.fullmatch(r"0\.\d{3}|<0\.001", p)
    assert rows["verified yield"][0] == "verified yield 0.29 → 0.57" and rows["verified yield"][1] == "+0.29"


def test_rows_are_bold_where_the_interval_does_not_hold_0(comparison, page):
    (pair,) = comparison.pairs
    clear = [d.name for d in pair.differences if d.value is not None and d.low is not None and not d.low <= 0 <= d.high]
    assert 0 < len(clear) < len(rows_of(page.read_text(encoding="utf-8")))
    assert page.read_text(encoding="utf-8").count('<tr class="clear">') == len(clear)


def test_only_changed_answers_are_listed_those_with_the_most_fakes_first(page):
    html = page.read_text(encoding="utf-8")
    items = unpacked(html)
    assert len(items) == 40 and {item["number"] % 7 for item in items} == {1, 3, 4, 0}
    assert all(item["names"] == ["base", "tuned"] and len(item["sides"]) == 2 for item in items)
    change = index_of(html)["facets"]["change"]
    names = [name for name, _ in change["values"]]
    assert {names[bits.bit_length() - 1] for bits in change["column"]} == {"more fabricated", "fewer fabricated"}
    text = Page(html).visible()
    assert (
        "Only questions on which some run's verdicts differ" in text and "Questions whose verdicts changed" not in text
    )


def test_runs_that_do_not_differ_say_so(tmp_path):
    same = [run(tmp_path / name, ["X", "V", ""]) for name in ("a", "b")]
    html = write_comparison(tmp_path / "c.html", compare(find_runs(same), resamples=50)).read_text(encoding="utf-8")
    assert "No answers differ." in Page(html).visible() and 'class="clear"' not in html
    assert {row[1] for row in rows_of(html).values()} <= {"+0.0", "+0.00"}


def test_checkpoints_are_a_curve_and_every_pair_has_its_table(tmp_path):
    verdicts = {10: ["X", "X", ""], 20: ["X", "V", "V"], 30: ["V", "V", "V"]}
    runs = [run(tmp_path / f"checkpoint-{step}", found) for step, found in verdicts.items()]
    log = tmp_path / "trainer_log.jsonl"
    log.write_text("".join(json.dumps({"current_steps": step, "loss": 3 / step}) + "\n" for step in range(5, 35, 5)))
    found = compare(find_runs(runs), resamples=50, log=log)
    html = write_comparison(tmp_path / "c.html", found).read_text(encoding="utf-8")
    text = assert_self_contained(html).visible()
    assert "What changed from checkpoint-10 to checkpoint-30" in text and html.count('class="differences"') == 2
    assert "Over the training steps" in text and "its training loss is below" in text


@needs_browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_differences_fit_a_phone_and_a_desktop(opened, page, width):  # noqa: F811
    shown = opened(page, width, locale="en-GB")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    scrolled = "e => e.parentElement.scrollWidth - e.parentElement.clientWidth"
    assert shown.locator("table.differences").evaluate(scrolled) <= 1
    if width > 1000:
        assert shown.locator("table.results").evaluate(scrolled) <= 1
    words = shown.locator("table.results thead th .en").all_inner_texts()
    assert shown.locator("table.results thead th").nth(1).bounding_box()["height"] < 80, words
