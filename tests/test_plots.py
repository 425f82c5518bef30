"""Plots of one run and of several: what is drawn, in both languages and themes, and as pictures."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import image
from test_report import ASKED, OPEN, answer, answers, arms

from paperqa_ext.metrics import Score
from paperqa_ext.report import comparison_plots, plots
from paperqa_ext.report.drawing import COLOURS, inline_svg, picture
from paperqa_ext.report.wording import Words


def score() -> Score:
    checked = [replace(one, asked=replace(ASKED, lang="zh" if one.index else "en")) for one in answers()]
    return Score.of(checked, resamples=50)


def texts(svg: str) -> dict[str, list[str]]:
    """What an SVG says, by class; it must be well-formed."""
    found: dict[str, list[str]] = {"en": [], "zh": [], "": []}
    for element in ElementTree.fromstring(svg).iter():
        if element.tag.endswith("text"):
            found[element.get("class", "")].append(element.text or "")
    return found


def test_plots_of_a_run_and_none_of_nothing():
    assert [plot.name for plot in plots.run_plots(score())] == ["by-lang", "similarity", "per-answer"]
    assert plots.run_plots(Score.of([])) == plots.picture_plots(Score.of([])) == []
    undecided = Score.of([answer(0, "**Short**", ("**Short**", OPEN))], resamples=10)
    assert [plot.name for plot in plots.run_plots(undecided)] == ["per-answer"]


def test_texts_are_in_both_languages_at_the_same_place():
    found = texts(inline_svg(plots.by_group("lang", score().breakdowns["lang"])))
    assert found["en"] == ["Chinese (2)", "English (1)"] and found["zh"] == ["中文 (2)", "英文 (1)"]
    assert "0.0%" in found[""] and "100.0%" in found[""]
    svg = inline_svg(plots.similarity(score()))
    assert "与最接近的真实标题的相似度" in texts(svg)["zh"]
    pairs = re.findall(r'<text class="en"([^>]*)>[^<]*</text><text class="zh"([^>]*)>', svg)
    assert pairs and all(en == zh for en, zh in pairs)


def test_colours_are_the_pages_own():
    svg = inline_svg(plots.similarity(score()))
    assert "var(--fabricated)" in svg and "currentColor" in svg
    assert not any(value in svg for value in COLOURS.values())
    assert not re.search(r' (?:width|height)="[\d.]+pt"', svg)


def test_names_of_groups_are_hostile_too():
    rows = ["$\\frac{1}{$ <b>&\u202e\x00", "__plain__"]
    checked = [replace(one, asked=replace(ASKED, topic=rows[one.index % 2])) for one in answers()]
    svg = inline_svg(plots.by_group("topic", Score.of(checked, resamples=10).breakdowns["topic"]))
    found = texts(svg)
    assert any("⟨U+202E⟩" in text or "<b>" in text for text in found[""]) and "\u202e" not in svg


def test_only_the_largest_groups_are_drawn_and_years_in_order():
    checked = [
        replace(one, index=n, asked=replace(ASKED, years=(1990 + n % 30, 1990 + n % 30)))
        for n, one in enumerate(answers()[:1] * 95)
    ]
    found = texts(inline_svg(plots.by_group("year", Score.of(checked, resamples=10).breakdowns["year"])))
    names = [text for text in found[""] if re.fullmatch(r"\d{4} \(\d\)", text)]
    assert len(names) == 14 and names == sorted(names) and "1990 (4)" in names


@pytest.fixture(scope="module")
def pictures() -> tuple[bytes, bytes]:
    png, svg = io.BytesIO(), io.BytesIO()
    picture(plots.picture_plots(score()), png, svg)
    return png.getvalue(), svg.getvalue()


def test_picture_shows_all_plots(pictures):
    png, svg = pictures
    pixels = image.imread(io.BytesIO(png))
    assert pixels.shape[1] > 1400 and np.ptp(pixels[..., :3]) > 0.5
    text = svg.decode()
    ElementTree.fromstring(text)
    for title in ("Rates with their 95% intervals", "Fabrication rate by language", "What became of the citations"):
        assert title in text


def test_pictures_are_the_same_in_every_run(pictures):
    png, svg = io.BytesIO(), io.BytesIO()
    picture(plots.picture_plots(score()), png, svg)
    assert (png.getvalue(), svg.getvalue()) == pictures


def test_a_picture_of_nothing_is_an_empty_one():
    png, svg = io.BytesIO(), io.BytesIO()
    picture([], png, svg)
    assert image.imread(io.BytesIO(png.getvalue())).size and svg.getvalue().rstrip().endswith(b"</svg>")


def test_plots_of_several_runs():
    base, tuned = (arm.score for arm in arms())
    names = ["base", "fine-tuned with a long name"]
    rates = comparison_plots.rates_by_arm(names, {"fabrication_rate": [base.fabrication_rate, tuned.fabrication_rate]})
    assert {"50.0%", "0.0%"} <= set(texts(inline_svg(rates))[""]) and "编造率" in texts(inline_svg(rates))["zh"]
    mix = plots.verdicts([Words("base", "base"), Words("tuned", "tuned")], [base, tuned])
    assert "属实" in texts(inline_svg(mix))["zh"]
    undefined = Score.of([]).fabrication_rate
    fake = [base.fabrication_rate, undefined, tuned.fabrication_rate]
    bleu = comparison_plots.quality_and_fabrication([*names, "none"], [21.3, None, 30.0], fake)
    assert {"21.3", "–", "30.0"} <= set(texts(inline_svg(bleu))[""])
    assert comparison_plots.quality_and_fabrication(names, [21.3, None], fake[:2]) is None, "nothing to compare"
    assert plots.verdicts([], []) is comparison_plots.rates_by_arm([], {}) is None


def test_curves_over_steps_beside_the_loss():
    base, tuned = (arm.score for arm in arms())
    loss = [(step, 3 - step / 50) for step in range(100)]
    with_loss = comparison_plots.steps_curve([(10, base), (50, tuned), (90, Score.of([]))], loss)
    said = texts(inline_svg(with_loss))
    assert {"编造率", "属实产出", "损失", "训练步"} <= set(said["zh"])
    assert "损失" not in texts(inline_svg(comparison_plots.steps_curve([(10, base), (50, tuned)], [])))["zh"]
    assert comparison_plots.steps_curve([(10, base)], loss) is comparison_plots.loss_curve(loss[:1]) is None
    assert "平滑后" in texts(inline_svg(comparison_plots.loss_curve(loss)))["zh"]
