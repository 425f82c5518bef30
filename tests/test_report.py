"""A run's files and texts: all there or none, whatever the answers hold."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import pytest

from paperqa_ext import report
from paperqa_ext.asked import Asked
from paperqa_ext.citations import Citation
from paperqa_ext.details import DETAILS_NAME, encode
from paperqa_ext.errors import OutputError
from paperqa_ext.files import Staged
from paperqa_ext.metrics import CheckedAnswer, CheckedCitation, Score
from paperqa_ext.report import Arm, terminal, wording
from paperqa_ext.verify import Verdict

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
        citation = Citation(part, (start, start + len(part)), part.strip("*《》"), ("A. Author",), 2022)
        citations.append(CheckedCitation(citation, verdict))
    return CheckedAnswer(index, chatml(question), text, tuple(citations), not cited)


def write(directory: Path, score: Score, checked: list[CheckedAnswer], signature: dict) -> dict[str, Path]:
    """All files of a run's report, as `check.check_file` writes them."""
    written = directory / DETAILS_NAME
    with Staged() as staged:
        staged.path(written).write_bytes(b"".join(map(encode, checked)))
        run = report.RunReport(staged, directory)
        run.add(report.show(checked))
        files = run.write(score, signature)
        staged.commit()
    return {**files, "details": written}


FAKE = Verdict(
    "fabricated", "Nothing in the index resembles this title.", None, 0.41, (), "索引中没有与这个标题相似的论文。"
)
ALTERED = Verdict(
    "altered_title", 'The nearest real one is "Real".', "2201.01234", 0.8123456, (), "最接近的真实标题是《Real》。"
)
WRONG = Verdict("metadata_error", "The record says 2019.", "1901.00001", 1.0, ("year",), "记录为 2019。")
GOOD = Verdict("verified", 'Matches "Real".', "2201.01234", 1.0, (), "与《Real》一致。")
OPEN = Verdict("unverifiable", "Too short.", None, None, (), "太短。")


ASKED = Asked(
    id="recommend-1", kind="recommend", lang="en", cell="seen_paper", variant="", twin="", paper_ids=("2201.01234",),
    topic=None, years=None, category=None, author=None, n=None, instruction="Which papers?", output="",
)  # fmt: skip


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
        if not {"style", "script"} & set(self._inside):
            self.text.append(data)

    def visible(self) -> str:
        return "".join(self.text)


def assert_self_contained(html: str) -> Page:
    """One script runs, the one whose hash the page's policy states; all else is data and harmless elements."""
    page = Page(html)
    (policy,) = (attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv"))
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert re.findall(r"script-src ([^;]*)", policy) == [f"'sha256-{digest}'" for digest in digests]
    assert "default-src 'none'" in policy
    kinds = [attributes.get("type") for tag, attributes in page.tags if tag == "script"]
    assert set(kinds) <= {None, "application/json", "text/plain"} and kinds.count(None) == 1
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "img", "object", "embed", "base", "form", "audio", "video"}, tag
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
    monkeypatch.setattr(report.RunPage, "render", lambda *_: ["<!doctype html>"])
    monkeypatch.setattr(report, "picture", lambda _, png, svg: (png.write(b"png"), svg.write(b"svg")))


def test_report_holds_counts_then_rates_then_the_signature(tmp_path, plain_page):
    files = write(tmp_path, Score.of(answers(), resamples=100), answers(), SIGNATURE)
    found = json.loads(files["json"].read_text())
    assert list(found)[:2] == ["answers", "citations"] and list(found)[-1] == "signature"
    assert found["fabricated"] == 1 and found["signature"] == SIGNATURE
    assert set(found["fabrication_rate"]) == {"value", "ci95", "n"}
    assert files["csv"].read_bytes().startswith(b"\xef\xbb\xbfanswer,citation,verdict,")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "hallucination_citations.csv",
        "hallucination_details.jsonl",
        "hallucination_plots.png",
        "hallucination_plots.svg",
        "hallucination_report.html",
        "hallucination_report.json",
        "hallucination_summary.md",
    ]


@pytest.mark.parametrize("checked", [[], [answer(0, "Sorry.")], [answer(0, "**Short**", ("**Short**", OPEN))]])
def test_undefined_rates_are_null_and_a_dash(tmp_path, checked):
    score = Score.of(checked, resamples=50)
    files = write(tmp_path, score, checked, {})
    assert json.loads(files["json"].read_text())["fabrication_rate"] == {"value": None, "ci95": None, "n": 0}
    assert "  fabrication rate               – (n=0)\n" in report.summary(score)
    assert "undefined: nothing to count" in files["html"].read_text()
    assert "| fabrication rate · 编造率 | – | – | 0 |" in files["markdown"].read_text()
    empty = [Arm("base", score, checked), Arm("tuned", score, checked)]
    assert report.comparison_table(empty).splitlines()[-1].split()[:2] == ["tuned", "–"]
    report.write_comparison(tmp_path / "c.html", empty)


HOSTILE = (
    "<script>alert(1)</script> </style><style>*{display:none}</style> <img src=x onerror=alert(1)> {{7*7}} {% raw %} "
    "[click](javascript:alert(1)) \"><a href='javascript:alert(2)'>x</a> <!-- ]]> \u202egnp.exe\u2066 \x00\x1b[31m \ud800 "
    "&lt;b&gt; $\\frac{1}{$ **Fake**"
)


def test_summary_aligns_counts_and_rates():
    lines = report.summary(Score.of(answers(), resamples=100)).splitlines()
    assert lines[0] == "3 answers, 5 citations, 1 declined"
    assert [line.split()[-1] for line in lines[1:6]] == ["1", "1", "1", "1", "1"]
    assert len({line.index("%") for line in lines[7:11]}) == 1
    assert lines[7].split()[:4] == ["fabrication", "rate", "50.0%", "[0.0%,"]
    assert lines[11].startswith("  verified yield  ") and lines[11].endswith("0.33 [0.00, 1.00] (n=3)")


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
    assert max(terminal._width(line) for line in lines) <= 120
    plain = report.comparison_table([Arm("saves/qwen3-4b/lora/predict/checkpoint-100", arms()[0].score, ())])
    assert "checkpoint-100 " in plain and "BLEU" not in plain
    # The widest there can be.
    widest = Arm("x" * 50, arms()[1].score, (), dict.fromkeys(wording.QUALITY, 100.0))
    assert max(map(len, report.comparison_table([widest]).splitlines())) <= 120


@pytest.mark.parametrize("failing", [1, 2, 7])
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
    assert len(list(tmp_path.iterdir())) == 7


def test_imports_nothing_heavy():
    code = "import sys, paperqa_ext.report; print({'jinja2', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
