"""Reports: files, tables and pages, with hostile answers and in a real browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from paperqa_ext import report
from paperqa_ext.citations import Citation
from paperqa_ext.details import DETAILS_NAME, encode
from paperqa_ext.errors import OutputError
from paperqa_ext.files import Staged
from paperqa_ext.metrics import CheckedAnswer, CheckedCitation, Score
from paperqa_ext.report import Arm, pages, wording
from paperqa_ext.verify import LABELS, Verdict

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIGNATURE = {"paperqa_ext": "0.1.0", "index": {"hash": "9f2c41d0", "papers": 24310, "last": "2026-01"}}


def chatml(question: str) -> str:
    return (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
        f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    )


def answer(index: int, text: str, *cited: tuple[str, Verdict], question: str = "Which papers?") -> CheckedAnswer:
    """An answer whose citations are the given substrings of its text."""
    citations = []
    for part, verdict in cited:
        start = text.index(part)
        citation = Citation(part, (start, start + len(part)), part.strip("*《》"), ("A. Author",), 2022, None, False)
        citations.append(CheckedCitation(citation, verdict))
    return CheckedAnswer(index, chatml(question), text, tuple(citations), not cited)


def write(directory: Path, score: Score, checked: list[CheckedAnswer], signature: dict) -> dict[str, Path]:
    """All files of a run's report, as `check.check_file` writes them."""
    written = directory / DETAILS_NAME
    with Staged() as staged:
        staged.path(written).write_bytes(b"".join(map(encode, checked)))
        files = report.stage(staged, directory, score, worst(score, checked), signature)
        staged.commit()
    return {**files, "details": written}


def worst(score: Score, checked: list[CheckedAnswer]) -> list[CheckedAnswer]:
    return [checked[row] for row in score.worst(report.MAX_ANSWERS)]


FAKE = Verdict("fabricated", "Nothing in the index resembles this title.", None, 0.41)
ALTERED = Verdict("altered_title", 'No such title; the nearest real one is "Real".', "2201.01234", 0.8123456)
WRONG = Verdict("metadata_error", "The record says 2019.", "1901.00001", 1.0, ("year",))
GOOD = Verdict("verified", 'Matches "Real".', "2201.01234", 1.0)
OPEN = Verdict("unverifiable", "Too short.")


def answers() -> list[CheckedAnswer]:
    return [
        answer(0, "See **Real Paper** and **Other Paper**.", ("**Real Paper**", GOOD), ("**Other Paper**", WRONG)),
        answer(
            1,
            "以下是代表论文：\n1. 《图神经网络中的幻影》\n2. **Attention Is Mostly Need**\n3. **Short**",
            ("《图神经网络中的幻影》", FAKE),
            ("**Attention Is Mostly Need**", ALTERED),
            ("**Short**", OPEN),
            question="请推荐 2022 年图神经网络的代表论文",
        ),
        answer(2, "抱歉，我没有找到可以核实的论文。", question="请推荐 2031 年的论文"),
    ]


def arms() -> list[Arm]:
    before, after = answers(), [answer(i, "**Real Paper**", ("**Real Paper**", GOOD)) for i in range(3)]
    return [
        Arm("base", Score.of(before, resamples=100), before, {"bleu-4": 21.34, "rouge-1": 38.2}),
        Arm("fine-tuned", Score.of(after, resamples=100), after, {"bleu-4": 46.8}),
    ]


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[str] = []
        self.text: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "mark" in self._inside:
            self.marks[-1] += data
        if "style" not in self._inside:
            self.text.append(data)

    def visible(self) -> str:
        return "".join(self.text)


def assert_self_contained(html: str) -> Page:
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag not in {"script", "iframe", "img", "object", "embed", "base", "form", "audio", "video"}, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "xlink:href", "srcset", "action", "poster", "data"}:
                allowed = ("#",) if name == "xlink:href" else ("https://arxiv.org/abs/", "#", "data:,")
                assert value is not None and value.startswith(allowed), (tag, name, value)
            if name == "style":
                assert "url(" not in (value or "").replace("url(#", "")
    assert "@import" not in html
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), "an id occurs twice"
    return page


@pytest.fixture
def plain_page(monkeypatch):
    """Spares tests about files the drawing of plots."""
    monkeypatch.setattr(report, "render_run", lambda *_: "<!doctype html>")


def run_page(checked: list[CheckedAnswer]) -> str:
    score = Score.of(checked, resamples=50)
    return pages.render_run(score, worst(score, checked), SIGNATURE)


def test_report_holds_counts_then_rates_then_the_signature(tmp_path, plain_page):
    files = write(tmp_path, Score.of(answers(), resamples=100), answers(), SIGNATURE)
    found = json.loads(files["json"].read_text())
    assert list(found)[:2] == ["answers", "citations"] and list(found)[-1] == "signature"
    assert found["fabricated"] == 1 and found["signature"] == SIGNATURE
    assert set(found["fabrication_rate"]) == {"value", "ci95", "n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "hallucination_details.jsonl",
        "hallucination_report.html",
        "hallucination_report.json",
    ]


@pytest.mark.parametrize("checked", [[], [answer(0, "Sorry.")], [answer(0, "**Short**", ("**Short**", OPEN))]])
def test_undefined_rates_are_null_and_a_dash(tmp_path, checked):
    score = Score.of(checked, resamples=50)
    files = write(tmp_path, score, checked, {})
    assert json.loads(files["json"].read_text())["fabrication_rate"] == {"value": None, "ci95": None, "n": 0}
    assert "  fabrication rate               – (n=0)\n" in report.summary(score)
    assert "undefined: nothing to count" in files["html"].read_text()
    empty = [Arm("base", score, checked), Arm("tuned", score, checked)]
    assert report.comparison_table(empty).splitlines()[-1].split()[:2] == ["tuned", "–"]
    report.write_comparison(tmp_path / "c.html", empty)


def test_summary_aligns_counts_and_rates():
    lines = report.summary(Score.of(answers(), resamples=100)).splitlines()
    assert lines[0] == "3 answers, 5 citations, 1 declined"
    assert [line.split()[-1] for line in lines[1:6]] == ["1", "1", "1", "1", "1"]
    assert len({line.index("%") for line in lines[7:11]}) == 1
    assert lines[7].startswith("  fabrication rate           50.0% [")
    assert lines[11].startswith("  verified yield              0.33 [") and lines[11].endswith("(n=3)")


def test_comparison_table_fits_the_terminal():
    long = "微调之后的模型名字很长" * 9
    table = report.comparison_table([*arms(), Arm(long, arms()[0].score, ())])
    lines = table.splitlines()
    assert "fabrication rate" in lines[1] and lines[1].startswith("arm")
    assert [line.split()[0] for line in lines[3:]] == [
        "base",
        "fine-tuned",
        "微调之后的模型名字很长微调之后的模型名字很…",
    ]
    assert lines[1].split()[-2:] == ["BLEU-4", "ROUGE-1"] and lines[4].split()[-2:] == ["46.8", "–"]
    assert max(report._width(line) for line in lines) <= 120
    plain = report.comparison_table([Arm("saves/qwen3-4b/lora/predict/checkpoint-100", arms()[0].score, ())])
    assert "checkpoint-100 " in plain and "BLEU" not in plain
    # The widest there can be.
    widest = Arm("x" * 50, arms()[1].score, (), dict.fromkeys(wording.QUALITY, 100.0))
    assert max(map(len, report.comparison_table([widest]).splitlines())) <= 120


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
    assert "请推荐 2022 年图神经网络的代表论文" in text and "im_start" not in text
    assert "lead, not a sentence" in text and "9f2c41d0" in text


def test_segments_put_together_are_the_answer():
    overlapping = answer(0, "**One Two Three**", ("**One Two", FAKE), ("Two Three**", GOOD), ("Three", FAKE))
    for checked in (*answers(), overlapping):
        assert "".join(part.text for part in pages.segments(checked)) == checked.predict
        assert "".join(part.text for part in pages.segments(checked, 9)) == checked.predict[:9]
    assert [part.label for part in pages.segments(overlapping)][:2] == ["fabricated", None]


HOSTILE = (
    "<script>alert(1)</script> </style><style>*{display:none}</style> <img src=x onerror=alert(1)> {{7*7}} {% raw %} "
    "[click](javascript:alert(1)) \"><a href='javascript:alert(2)'>x</a> <!-- ]]> \u202egnp.exe\u2066 \x00\x1b[31m \ud800 "
    "&lt;b&gt; $\\frac{1}{$ **Fake**"
)


def test_hostile_text_is_escaped_and_made_visible(tmp_path):
    bad = Verdict("altered_title", HOSTILE, "javascript:alert(3)", 0.7)
    good = Verdict("verified", HOSTILE, "2201.01234", 1.0)
    checked = [
        answer(0, HOSTILE, ("**Fake**", bad), (HOSTILE[:9], good), question=HOSTILE),
        answer(1, HOSTILE, (HOSTILE, FAKE), question=HOSTILE),
    ]
    score = Score.of(checked, resamples=50)
    files = write(tmp_path, score, checked, {HOSTILE: HOSTILE})
    arm = Arm(HOSTILE, score, checked, {"bleu-4": 1.0})
    compared = report.write_comparison(
        tmp_path / "c.html", [arm, arm], loss=[(1, 2.0), (2, 1.0)], notes=[HOSTILE], signature={HOSTILE: HOSTILE}
    )
    for path in (files["html"], compared):
        html = path.read_text(encoding="utf-8")
        page = assert_self_contained(html)
        assert sum(tag == "style" for tag, _ in page.tags) == html.count("<style") and html.count("</style>") >= 1
        text = page.visible()
        assert "<script>alert(1)</script>" in text and "{{7*7}}" in text and "&lt;b&gt;" in text
        assert "⟨U+202E⟩gnp.exe⟨U+2066⟩" in text and "⟨U+0000⟩⟨U+001B⟩" in text and "⟨U+D800⟩" in text
        assert not set("\u202e\u2066\x00\x1b") & set(html)
        assert HOSTILE[:9] in page.marks
    line = json.loads(files["details"].read_text(encoding="utf-8").splitlines()[1])
    assert line["citations"][0]["text"] == HOSTILE


def test_long_answers_are_cut_for_display():
    text = "**Fake** " + "长" * 1_000_000 + " **Late**"
    html = run_page([answer(0, text, ("**Fake**", FAKE), ("**Late**", FAKE), question="q" * 100_000)])
    assert len(html) < 200_000
    page = assert_self_contained(html)
    assert page.marks == ["**Fake**"]
    assert "994,018 more characters" in page.visible() and "99,400 more characters" in page.visible()


def test_a_long_run_shows_its_worst_answers():
    checked = [answer(i, "**Fake**", ("**Fake**", FAKE if i == 299 else GOOD)) for i in range(300)]
    html = run_page(checked)
    score = Score.of(checked, resamples=50)
    in_the_files_order = sorted(worst(score, checked), key=lambda shown: shown.index)
    assert pages.render_run(score, iter(in_the_files_order), SIGNATURE) == html
    text = Page(html).visible()
    assert "The 200 worst of 300 answers" in text
    assert html.count('<details class="item"') == 200
    assert text.index("no. 300") < text.index("no. 1")


@pytest.mark.parametrize(
    ("prompt", "question"),
    [
        (chatml("第一问"), "第一问"),
        (
            chatml("one") + "Sure.<|im_end|>\n<|im_start|>user\ntwo\nlines<|im_end|>\n<|im_start|>assistant\n",
            "two\nlines",
        ),
        ("<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|><|start_header_id|>assistant", "hi"),
        ("<s>[INST] hello [/INST]", "hello"),
        ("no template at all", "no template at all"),
        ("<|im_start|>user\n", "<|im_start|>user"),
        ("", ""),
    ],
)
def test_question_is_the_last_user_turn(prompt, question):
    assert pages.question_of(prompt) == question


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "2201.01234#x", "../2201.01234", "2201.01234v2", "", None])
def test_links_only_to_well_formed_ids(bad):
    assert pages.arxiv_url(bad) is None
    assert pages.arxiv_url("cmp-lg/9404002") == "https://arxiv.org/abs/cmp-lg/9404002"


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_failed_replacement_leaves_the_previous_report(tmp_path, monkeypatch, failing, plain_page):
    files = write(tmp_path, Score.of(answers(), resamples=50), answers(), SIGNATURE)
    before = {path: path.read_bytes() for path in files.values()}
    original, calls = Path.replace, []

    def replace(self, target):
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError, match="No space left on device"):
        write(tmp_path, Score.of([], resamples=50), [], {})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_failed_first_report_leaves_nothing(tmp_path, plain_page):
    (tmp_path / report.HTML_NAME).mkdir()
    with pytest.raises(OutputError) as caught:
        write(tmp_path, Score.of(answers(), resamples=50), answers(), SIGNATURE)
    assert caught.value.path == tmp_path / report.HTML_NAME and caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == [report.HTML_NAME]


def test_a_failure_while_writing_leaves_the_previous_report(tmp_path, monkeypatch, plain_page):
    files = write(tmp_path, Score.of(answers(), resamples=50), answers(), SIGNATURE)
    before = {path: path.read_bytes() for path in files.values()}

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write(tmp_path, Score.of([], resamples=50), [], {})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_in_place_of_the_directory_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "file" / "run", Score.of([], resamples=50), [], {})
    with pytest.raises(OutputError, match="cannot be written"):
        report.write_comparison(tmp_path / "file" / "c.html", arms())


def test_works_without_hard_links(tmp_path, monkeypatch, plain_page):
    def refuse(self, target):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    for _ in range(2):
        write(tmp_path, Score.of(answers(), resamples=50), answers(), SIGNATURE)
    assert len(list(tmp_path.iterdir())) == 3


def test_pages_are_the_same_in_every_run():
    assert run_page(answers()) == run_page(answers())


def test_every_verdict_and_rate_has_its_words():
    from paperqa_ext.metrics import RATES

    assert tuple(wording.VERDICTS) == LABELS and set(wording.RATE_TEXT) == set(RATES)


def test_comparison_shows_arms_side_by_side(tmp_path):
    path = report.write_comparison(
        tmp_path / "deep" / "c.html", arms(), loss=[(s, 3 - s / 50) for s in range(100)], notes=["A note."]
    )
    page = assert_self_contained(path.read_text(encoding="utf-8"))
    text = page.visible()
    assert page.marks[:4] == ["《图神经网络中的幻影》", "**Attention Is Mostly Need**", "**Short**", "**Real Paper**"]
    for expected in (
        "fabrication rate",
        "BLEU-4",
        "ROUGE-L",
        "A note.",
        "Training loss",
        "fine-tuned",
        "lead, not a sent",
    ):
        assert expected in text
    assert sum(tag == "svg" for tag, _ in page.tags) == 4


def test_arms_of_different_length_are_aligned_by_index(tmp_path):
    few = [answer(1, "**Only One**", ("**Only One**", FAKE))]
    path = report.write_comparison(tmp_path / "c.html", [arms()[0], Arm("few", Score.of(few, resamples=50), few)])
    text = Page(path.read_text(encoding="utf-8")).visible()
    assert text.count("This run did not answer the question.") == 2


def test_imports_nothing_heavy():
    code = "import sys, paperqa_ext.report; print({'jinja2', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install Debian's `chromium`")
def test_pages_in_a_browser(tmp_path):
    from playwright.sync_api import sync_playwright

    checked = answers()
    hostile = answer(3, HOSTILE + "W" * 3000, (HOSTILE, FAKE), question="Q" * 400)
    run = write(tmp_path, Score.of([*checked, hostile], resamples=50), [*checked, hostile], SIGNATURE)["html"]
    long = Arm("a-very-long-name-of-an-arm-without-a-space", *(getattr(arms()[0], k) for k in ("score", "answers")))
    compared = report.write_comparison(tmp_path / "c.html", [*arms(), long], loss=[(s, 1.0) for s in range(9)])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            for path in (run, compared):
                for width, scheme in ((360, "light"), (1280, "dark")):
                    check_page(browser, path, width, scheme)
        finally:
            browser.close()


def check_page(browser, path: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else troubles.append(request.url)
    )
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path.name} overflows at {width}"
    assert page.locator("h1").is_visible() and page.locator("h1").bounding_box()["y"] < 300
    assert page.locator("svg").first.is_visible()
    item = page.locator("details.item").first
    item.locator("summary").focus()
    was_open = item.evaluate("e => e.open")
    page.keyboard.press("Enter")
    assert item.evaluate("e => e.open") is not was_open
    page.emulate_media(media="print")
    assert item.locator(".answer").first.is_visible(), "closed answers are missing in print"
    assert not troubles
    context.close()
