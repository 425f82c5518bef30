"""The page of one run: what it says, what hostile answers do to it, and how it works in a real browser."""

from __future__ import annotations

import base64
import json
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_report import (
    ALTERED,
    ASKED,
    FAKE,
    GOOD,
    HOSTILE,
    OPEN,
    SIGNATURE,
    WRONG,
    Page,
    answer,
    answers,
    arms,
    assert_self_contained,
)

from paperqa_ext import report
from paperqa_ext.metrics import CheckedAnswer, Score
from paperqa_ext.report.listing import WRITTEN, entry
from paperqa_ext.report.pages import RunPage
from paperqa_ext.report.plots import run_plots
from paperqa_ext.verify import Verdict

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install Debian's `chromium`")
HAN = re.compile(r"[\u3400-\u9fff]")


def run_page(checked: list[CheckedAnswer], *, plots: bool = False) -> str:
    score = Score.of(checked, resamples=50)
    page = RunPage()
    for one in checked:
        page.add(entry([one]))
    return "".join(page.render(score, SIGNATURE, run_plots(score) if plots else []))


def unpacked(html: str) -> list[dict[str, Any]]:
    """All items of a page, as its script reads them."""
    blocks = re.findall(r'<script type="text/plain" class="block">([^<]*)</script>', html)
    return [item for block in blocks for item in json.loads(zlib.decompress(base64.b64decode(block, validate=True)))]


def index_of(html: str) -> dict[str, Any]:
    (index,) = re.findall(r'<script type="application/json" id="index">(.*?)</script>', html, re.DOTALL)
    return json.loads(index)


def test_highlights_exactly_the_citations():
    page = assert_self_contained(run_page(answers()))
    assert page.marks == [
        *("《图神经网络中的幻影》", "**Attention Is Mostly Need**", "**Short**"),  # worst first
        *("**Real Paper**", "**Other Paper**"),
    ]
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert links == {"https://arxiv.org/abs/2201.01234", "https://arxiv.org/abs/1901.00001"}
    text = page.visible()
    assert "3 answers with 5 citations" in text and "1 answer declined to cite." in text and "1 citation could" in text
    assert "3 个回答，5 条引用" in text and "1 个回答拒绝引用。" in text
    assert "请推荐 2022 年图神经网络的代表论文" in text and "im_start" not in text
    assert "lead, not a sentence" in text and "标记只是线索" in text and "9f2c41d0" in text


def test_hostile_text_is_escaped_and_made_visible(tmp_path):
    bad = Verdict("altered_title", HOSTILE, "javascript:alert(3)", 0.7, reason_zh=f"《{HOSTILE}》")
    good = Verdict("verified", HOSTILE, "2201.01234", 1.0, reason_zh=f"《{HOSTILE}》")
    asking = replace(ASKED, kind=HOSTILE, cell="</script><script>alert(4)</script>", topic=HOSTILE)
    checked = [
        replace(answer(0, HOSTILE, ("**Fake**", bad), (HOSTILE[:9], good), question=HOSTILE), asked=asking),
        replace(answer(1, HOSTILE, (HOSTILE, FAKE), question=HOSTILE), asked=replace(asking, kind="<b>", topic="<i>")),
    ]
    arm = report.Arm(HOSTILE, Score.of(checked, resamples=50), checked, {"bleu-4": 1.0})
    compared = report.write_comparison(
        tmp_path / "c.html", [arm, arm], loss=[(1, 2.0), (2, 1.0)], notes=[HOSTILE], signature={HOSTILE: HOSTILE}
    )
    for html in (run_page(checked, plots=True), compared.read_text(encoding="utf-8")):
        page = assert_self_contained(html)
        assert sum(tag == "style" for tag, _ in page.tags) == html.count("<style") and html.count("</style>") >= 1
        text = page.visible()
        assert "<script>alert(1)</script>" in text and "{{7*7}}" in text and "&lt;b&gt;" in text
        assert "⟨U+202E⟩gnp.exe⟨U+2066⟩" in text and "⟨U+0000⟩⟨U+001B⟩" in text and "⟨U+D800⟩" in text
        assert not set("\u202e\u2066\x00\x1b") & set(html)
        assert HOSTILE[:9] in page.marks
        assert "《<script>alert(1)</script> " in text and "&lt;b&gt; $\\frac{1}{$ **Fake**》" in text
        assert not set("\u202e\u2066\x1b") & set(json.dumps(unpacked(html), ensure_ascii=False))
        index_of(html)


def test_long_answers_are_cut_for_display():
    text = "**Fake** " + "长" * 1_000_000 + " **Late**"
    html = run_page([answer(0, text, ("**Fake**", FAKE), ("**Late**", FAKE), question="q" * 100_000)])
    assert len(html) < 200_000
    page = assert_self_contained(html)
    assert page.marks == ["**Fake**"]
    assert "994,018 more characters" in page.visible() and "其余 994,018 个字符" in page.visible()


def test_a_long_run_packs_all_its_answers_and_writes_the_worst():
    checked = [answer(i, "**Fake**", ("**Fake**", FAKE if i == 299 else GOOD)) for i in range(300)]
    html = run_page(checked)
    assert html.count('<details class="item"') == WRITTEN and "worst of" not in Page(html).visible()
    items = unpacked(html)
    assert [item["number"] for item in items] == index_of(html)["numbers"] == [300, *range(1, 300)]


def test_of_a_huge_run_the_worst_are_shown(monkeypatch):
    monkeypatch.setattr("paperqa_ext.report.pages.MAX_ANSWERS", 3)
    checked = [answer(i, "**Fake**", ("**Fake**", FAKE if i % 2 else GOOD)) for i in range(9)]
    html = run_page(checked)
    assert [item["number"] for item in unpacked(html)] == [2, 4, 6]
    assert "The 3 worst of 9 answers" in Page(html).visible()
    assert "verdict" not in index_of(html)["facets"], "all that are shown are fabricated: nothing to choose"


def test_worst_first_invented_papers_before_wrong_details():
    verdicts = [[GOOD], [WRONG, WRONG], [FAKE, ALTERED], [GOOD, FAKE], [FAKE, FAKE]]
    checked = [
        answer(row, "**A** **B**", *zip(("**A**", "**B**"), found, strict=False)) for row, found in enumerate(verdicts)
    ]
    assert [item["number"] for item in unpacked(run_page(checked))] == [3, 5, 4, 2, 1]


def test_what_was_not_measured_is_said_with_the_reason():
    score = Score.of(answers(), resamples=50, alignment="no dataset is named")
    text = Page("".join(RunPage().render(score, {}, []))).visible()
    assert "Not measured" in text and "no dataset is named" in text and "There are no answers." in text
    assert "on-constraint precision合要求精确率, gold recall" in text and "Made by" in text


def test_breakdowns_are_tables_of_groups():
    rows = [("en", "recommend"), ("zh", "recommend"), ("zh", "exist")]
    checked = [
        replace(one, asked=replace(ASKED, lang=lang, kind=kind))
        for one, (lang, kind) in zip(answers(), rows, strict=True)
    ]
    html = run_page(checked)
    text = Page(html).visible()
    assert "Breakdowns" in text and "推荐论文" in text and "kind of question" in text
    facets = index_of(html)["facets"]
    assert facets["kind"]["values"] == [["recommend", "推荐论文"], ["exist", "是否存在"]]
    assert facets["kind"]["column"] == [0, 0, 1] and "cell" not in facets  # one value: nothing to choose


def test_pages_are_the_same_in_every_run():
    assert run_page(answers(), plots=True) == run_page(answers(), plots=True)


# --------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """Opens a page as some reader would; whatever it does beside showing itself is an error."""
    troubles: list[str] = []
    contexts = []

    def open_page(path: Path, width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else troubles.append(request.url),
        )
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The page of a run and that of a comparison, both with all there can be and with hostile answers."""
    directory = tmp_path_factory.mktemp("pages")
    bad = Verdict("fabricated", f"No {HOSTILE}", reason_zh=f"没有{HOSTILE}")
    hostile = answer(3, HOSTILE + "W" * 3000, (HOSTILE, bad), question="Q" * 400)
    many = [answer(i, f"Some text **Fake {i}** here", (f"**Fake {i}**", GOOD)) for i in range(4, 130)]
    checked = [
        replace(one, asked=replace(ASKED, lang="zh" if one.index % 3 else "en", kind="exist" if one.index % 2 else "author"))
        for one in [*answers(), hostile, *many]
    ]  # fmt: skip
    run = directory / "run.html"
    run.write_bytes(run_page(checked, plots=True).encode("utf-8", "backslashreplace"))
    long = report.Arm("a-very-long-name-of-an-arm-without-a-space", arms()[0].score, arms()[0].answers)
    compared = report.write_comparison(directory / "c.html", [*arms(), long], loss=[(s, 1.0) for s in range(9)])
    return run, compared


@needs_browser
@pytest.mark.parametrize("which", [0, 1], ids=["run", "comparison"])
@pytest.mark.parametrize(("width", "scheme", "locale"), [(360, "light", "zh-CN"), (1280, "dark", "en-GB")])
def test_readable_on_phone_and_desktop_and_on_paper(opened, files, which, width, scheme, locale):
    page = opened(files[which], width, color_scheme=scheme, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").is_visible() and page.locator("h1").bounding_box()["y"] < 300
    assert page.locator("svg").first.is_visible()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(254, 254, 253)"
    assert dark is (scheme == "dark")
    item = page.locator("details.item").first
    item.locator("summary").focus()
    was_open = item.evaluate("e => e.open")
    page.keyboard.press("Enter")
    assert item.evaluate("e => e.open") is not was_open
    page.emulate_media(media="print")
    assert item.locator(".answer").first.is_visible(), "closed answers are missing in print"
    assert not page.locator(".filters").is_visible() and not page.locator("#theme").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@needs_browser
@pytest.mark.parametrize("which", [0, 1], ids=["run", "comparison"])
def test_language_and_theme_follow_the_reader_and_are_remembered(opened, files, which):
    page = opened(files[which], locale="zh-CN", color_scheme="light")
    state = "[document.documentElement.lang, document.documentElement.dataset.theme]"
    assert page.evaluate(state) == ["zh-Hans", "light"]
    # All that is said is Chinese, but for names, numbers and model text.
    said = page.evaluate(
        """() => [...document.querySelectorAll("h1,h2,h3,p,th,label,option,button,.badge u,.chip,.tag,.reasons li,text.zh,#status")]
             .filter(e => e.offsetParent !== null || e instanceof SVGElement)
             .map(e => e instanceof HTMLElement ? e.innerText : e.textContent)"""
    )
    names = (
        "English",
        "arXiv",
        "BLEU-4",
        "ROUGE",
        "n =",
        "p",
        "base",
        "fine-tuned",
        "a-very-",
        "jsonl",
        "paperqa",
        "answers",
    )
    for text in filter(str.strip, said):
        assert HAN.search(text) or not re.search("[a-z]{3}", text) or any(name in text for name in names), text
    assert HAN.search(page.title())
    page.click("#language")
    page.click("#theme")
    assert page.evaluate(state) == ["en", "dark"] and not HAN.search(page.locator("h1").inner_text())
    page.reload()
    assert page.evaluate(state) == ["en", "dark"] and page.locator("#sort option").first.inner_text() == "worst first"


@needs_browser
@pytest.mark.parametrize("which", [0, 1], ids=["run", "comparison"])
def test_reasons_are_in_the_language_of_the_reader(opened, files, which):
    from playwright.sync_api import expect

    page = opened(files[which], locale="en-US")
    reasons = page.locator("#items > details", has_text="Attention Is Mostly Need").first.locator(".reasons li")
    english = [
        f"fabricated {FAKE.reason}",
        f"altered title {ALTERED.reason} nearest: arXiv:2201.01234",
        f"unverifiable {OPEN.reason}",
    ]
    chinese = [
        f"编造 {FAKE.reason_zh}",
        f"标题被改 {ALTERED.reason_zh} 最接近：arXiv:2201.01234",
        f"无法核实 {OPEN.reason_zh}",
    ]
    assert reasons.all_inner_texts()[:3] == english
    page.click("#language")
    assert reasons.all_inner_texts()[:3] == chinese
    page.fill("#search", "最接近的真实标题")  # what the script draws
    expect(page.locator("#status")).to_contain_text("找到 1 条")
    assert reasons.all_inner_texts()[:3] == chinese
    page.click("#language")
    assert reasons.all_inner_texts()[:3] == english


@needs_browser
def test_answers_are_filtered_and_searched(opened, files):
    from playwright.sync_api import expect

    page = opened(files[0], locale="en-US")
    status, items = page.locator("#status"), page.locator("#items > details")
    assert items.count() == 20 and "20 shown of 130 found, 130 in all" in status.inner_text()
    page.click("#more")
    expect(items).to_have_count(70)
    page.select_option("#by-verdict", label="altered title (1)")
    expect(items).to_have_count(1)
    assert items.first.locator("mark").all_inner_texts()[1] == "**Attention Is Mostly Need**"
    assert items.first.locator("a").get_attribute("href") == f"https://arxiv.org/abs/{ALTERED.matched_id}"
    page.click("#reset")
    expect(items).to_have_count(50)
    page.fill("#search", "some FAKE 12")
    expect(status).to_contain_text(" 12 found")  # 112 too
    page.select_option("#by-lang", label="English (44)")
    expect(status).to_contain_text(" 5 found")
    page.fill("#search", "nothing like this")
    expect(status).to_contain_text(" 0 found")
    assert items.count() == 0 and not page.locator("#more").is_visible()
    page.click("#reset")
    page.select_option("#sort", "file")
    expect(items.locator(".row").first).to_have_text("1")


DRAWN = """() => [...document.querySelectorAll("#items > details")].slice(0, 20)
  .map((item) => item.outerHTML.replace(/>\\s+</g, "><").replace(/>\\s+|\\s+</g, (found) => found.trim()))"""


@needs_browser
@pytest.mark.parametrize("which", [0, 1], ids=["run", "comparison"])
def test_script_and_template_draw_the_same(opened, files, which):
    from playwright.sync_api import expect

    page = opened(files[which])
    written = page.evaluate(DRAWN)
    page.evaluate("document.getElementById('items').replaceChildren()")
    page.click("#reset")
    expect(page.locator("#items > details").first).to_be_attached()
    assert page.evaluate(DRAWN) == written and len(written) >= 3


@needs_browser
def test_without_scripts_the_worst_answers_can_be_read(opened, files):
    page = opened(files[0], java_script_enabled=False)
    assert page.locator("#items > details").count() == WRITTEN and page.locator("mark").first.is_visible()
    assert not page.locator(".filters").is_visible() and not page.locator("#language").is_visible()
    assert page.locator(".lost").is_visible() and page.locator("h1 .en").is_visible()
