"""Checked answers → inline SVG plots that follow the page's colours, also in dark mode. Draws, computes no rates."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..metrics import SIMILARITY_BINS, Rate, Score
from ..verify import LABELS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Drawn with these, then replaced by the page's CSS variables of the same name, so that one SVG serves both themes.
COLOURS: Mapping[str, str] = {
    "verified": "#0f7268",
    "metadata_error": "#8a6100",
    "altered_title": "#b34700",
    "fabricated": "#b91c2c",
    "unverifiable": "#646b75",
    "ink": "#1f2329",
    "line": "#dedbd4",
    "accent": "#3a5ba0",
    "page": "#fefefd",
}
_WIDTH = 5.2  # inches: 374 units, near a phone's width, so that 11 pt text stays 11 px there
_MAX_YEARS = 32
_MAX_CITATIONS = 12
_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": COLOURS["ink"],
    "axes.linewidth": 0.8,
    "axes.labelcolor": COLOURS["ink"],
    "axes.axisbelow": True,
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["ink"],
    "ytick.color": COLOURS["ink"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": COLOURS["line"],
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "legend.handlelength": 0.9,
    "legend.handleheight": 0.9,
    "legend.columnspacing": 1.2,
}


def plain(label: str) -> str:
    """`metadata_error` → `metadata error`."""
    return label.replace("_", " ")


def similarity(score: Score) -> str | None:
    """Distribution of the similarity between the title stated and the nearest real one, a row per verdict."""
    rows = [label for label, values in zip(LABELS, score.similarities, strict=True) if values.any()]
    if not rows:
        return None
    middles = [(step + 0.5) / SIMILARITY_BINS for step in range(SIMILARITY_BINS)]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(rows), sharex=True, squeeze=False)[:, 0]
        for ax, label in zip(axes, rows, strict=True):
            values = score.similarities[LABELS.index(label)]
            ax.bar(middles, values, 0.9 / SIMILARITY_BINS, color=COLOURS[label])
            ax.set(xlim=(0, 1), yticks=[])
            ax.set_title(f"{plain(label)} ({values.sum()})", loc="left", pad=2, parse_math=False)
        axes[-1].set_xlabel("similarity to the nearest real title")

    return _svg("similarity", 0.95 * len(rows) + 0.5, draw)


def by_year(score: Score) -> str | None:
    """Citations by the year they state, stacked by verdict. None where fewer than two years are stated."""
    totals: Counter[int] = Counter()
    for (year, _), count in score.years.items():
        totals[year] += count
    years = sorted(totals)
    if years and years[-1] - years[0] < _MAX_YEARS:
        years = list(range(years[0], years[-1] + 1))
    else:  # a model may state any year
        years = sorted(year for year, _ in totals.most_common(_MAX_YEARS))
    if len(years) < 2:
        return None

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        bottom = [0] * len(years)
        for label in LABELS:
            heights = [score.years[year, label] for year in years]
            if any(heights):
                ax.bar(range(len(years)), heights, 0.8, bottom, color=COLOURS[label], label=plain(label))
                bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        every = -(-len(years) // 8)
        ax.set_xticks(range(0, len(years), every), [str(year) for year in years[::every]])
        _count_axis(ax, "year stated in the citation", "citations")

    return _svg("by-year", 2.9, draw, legend=True)


def citations_per_answer(score: Score) -> str | None:
    """How many citations the answers hold, and how many of the answers hold a fabricated one."""
    if not score.citations:
        return None
    sizes, fakes = score.per_answer.sum(axis=1).clip(max=_MAX_CITATIONS), score.has_fake
    clean, tainted = (Counter(map(int, sizes[chosen])) for chosen in (~fakes, fakes))
    top = max(*clean, *tainted, 3)
    ticks = list(range(top + 1))

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        below = [clean[n] for n in ticks]
        ax.bar(ticks, below, 0.8, color=COLOURS["verified"], label="no fabricated citation")
        ax.bar(ticks, [tainted[n] for n in ticks], 0.8, below, color=COLOURS["fabricated"], label="at least one")
        ax.set_xticks(ticks, [str(n) if n < _MAX_CITATIONS else f"{n}+" for n in ticks])
        _count_axis(ax, "citations in the answer", "answers")

    return _svg("per-answer", 2.9, draw, legend=True)


def rates_by_arm(names: Sequence[str], rates: Mapping[str, Sequence[Rate]]) -> str | None:
    """A panel per rate, in it a row per arm: value and interval."""
    shown = {title: row for title, row in rates.items() if any(rate.value is not None for rate in row)}
    if not shown:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
        for ax, (title, row) in zip(axes, shown.items(), strict=True):
            for y, rate in enumerate(row):
                _interval(ax, y, rate)
            _arm_axis(ax, names)
            ax.set(xlim=(-2, 118), xticks=range(0, 101, 25))
            ax.xaxis.set_major_formatter("{x:.0f}%")
            ax.grid(axis="x")
            ax.set_title(title, loc="left", pad=4, parse_math=False, fontweight="bold")

    return _svg("rates", len(shown) * (0.36 * len(names) + 0.5) + 0.3, draw)


def verdicts_by_arm(names: Sequence[str], scores: Sequence[Score]) -> str | None:
    """The verdict mix of each arm as one bar of equal length, with counts."""
    totals = [score.citations for score in scores]
    if not any(totals):
        return None

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        left = [0.0] * len(names)
        for label in LABELS:
            counts = [score.counts[label] for score in scores]
            if not any(counts):
                continue
            widths = [100 * n / total if total else 0 for n, total in zip(counts, totals, strict=True)]
            ax.barh(range(len(names)), widths, 0.62, left, color=COLOURS[label], label=plain(label))
            for y, (n, width) in enumerate(zip(counts, widths, strict=True)):
                if width >= 8:
                    ax.text(left[y] + width / 2, y, str(n), color=COLOURS["page"], ha="center", va="center")
            left = [low + width for low, width in zip(left, widths, strict=True)]
        _arm_axis(ax, names)
        ax.set(xlim=(0, 100), xlabel="share of all citations")
        ax.xaxis.set_major_formatter("{x:.0f}%")

    return _svg("verdicts", 0.45 * len(names) + 1.5, draw, legend=True)


def quality_and_fabrication(names: Sequence[str], bleu: Sequence[float | None], fake: Sequence[Rate]) -> str | None:
    """BLEU-4 and the fabrication rate of the same arms, side by side on one scale."""
    if all(value is None for value in bleu):
        return None

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        for y, value in enumerate(bleu):
            left.barh(y, value or 0, 0.5, color=COLOURS["accent"])
            left.text((value or 0) + 2, y, "–" if value is None else f"{value:.1f}", va="center")
        for y, rate in enumerate(fake):
            value = rate.value
            right.barh(y, 100 * (value or 0), 0.5, color=COLOURS["fabricated"])
            right.text(100 * (value or 0) + 2, y, "–" if value is None else f"{value:.1%}", va="center")
        _arm_axis(left, names)
        for ax, title in ((left, "BLEU-4"), (right, "fabrication rate")):
            ax.set(xlim=(0, 132), xticks=[0, 50, 100])
            ax.grid(axis="x")
            ax.set_title(title, loc="left", pad=4, fontweight="bold")
        right.xaxis.set_major_formatter("{x:.0f}%")

    return _svg("quality", 0.42 * len(names) + 0.8, draw)


def loss_curve(loss: Sequence[tuple[int, float]]) -> str | None:
    """Training loss as logged, and smoothed by a centred mean over about a tenth of the points."""
    if len(loss) < 2:
        return None
    steps = [step for step, _ in loss]
    values = [value for _, value in loss]
    half = max(1, len(values) // 20)
    windows = (values[max(0, at - half) : at + half + 1] for at in range(len(values)))
    smooth = [sum(window) / len(window) for window in windows]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.plot(steps, values, color=COLOURS["accent"], alpha=0.5, linewidth=1, label="as logged")
        ax.plot(steps, smooth, color=COLOURS["accent"], linewidth=2.2, label="smoothed")
        _count_axis(ax, "training step", "loss", integers=False)
        ax.set_xlim(steps[0], steps[-1])

    return _svg("loss", 2.9, draw, legend=True)


def _interval(ax: Any, y: int, rate: Rate) -> None:
    """Interval as a bar, value as a dot with its number at the right edge."""
    if rate.value is None:
        ax.text(0, y, "undefined", va="center")
        return
    if rate.low is not None and rate.high is not None:
        ends = [100 * rate.low, 100 * rate.high]
        ax.plot(ends, [y, y], color=COLOURS["accent"], linewidth=5, alpha=0.35, solid_capstyle="butt")
    ax.plot([100 * rate.value], [y], "o", color=COLOURS["accent"], markersize=6.5, clip_on=False)
    ax.text(118, y, f"{rate.value:.1%}", va="center", ha="right")


def _arm_axis(ax: Any, names: Sequence[str]) -> None:
    wrapped = ["\n".join(textwrap.wrap(name, 16, max_lines=2, placeholder="…")) or "–" for name in names]
    ax.set_yticks(range(len(names)), wrapped, parse_math=False)
    ax.set_ylim(len(names) - 0.4, -0.6)


def _count_axis(ax: Any, xlabel: str, ylabel: str, *, integers: bool = True) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=integers))
    ax.grid(axis="y")
    ax.set(xlabel=xlabel, ylabel=ylabel)


def _svg(name: str, height: float, draw: Callable[[Figure], None], *, legend: bool = False) -> str:
    """Draw on a figure of `height` inches and return the bare `<svg>` element."""
    import io

    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The salt makes ids the same in every run and different in every plot of a page.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # only measured with DejaVu; the browser has the glyphs
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        if legend:
            figure.legend(loc="outside upper left", ncols=3)
        out = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(out, format="svg", transparent=True, metadata=metadata)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    used = set(re.findall(r"#([\w.-]+)", svg))
    # figure_1, axes_1 … would repeat within one page
    svg = re.sub(r' id="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
    for colour, value in COLOURS.items():
        svg = svg.replace(value, "currentColor" if colour == "ink" else f"var(--{colour.replace('_', '-')})")
    return svg
