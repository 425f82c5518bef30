"""A `Score` → the plots of one run. Draws, computes no rates; each is None where there is nothing to show."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..metrics import LABELS, SIMILARITY_BINS, UNBOUNDED, Rate, Score
from .drawing import COLOURS, Labels, Plot
from .wording import DIMENSIONS, VERDICTS, Words, term, value_name

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

_PICTURED = ("cell", "kind", "lang")
_MAX_YEARS = 32
_MAX_CITATIONS = 12
_MAX_GROUPS = 14  # rows of a plot


def run_plots(score: Score) -> list[Plot]:
    """What the page of one run shows, in order."""
    found = [
        *(by_group(name, groups) for name, groups in score.breakdowns.items()),
        similarity(score),
        by_year(score),
        citations_per_answer(score),
    ]
    return [plot for plot in found if plot is not None]


def picture_plots(score: Score) -> list[Plot]:
    """What the picture of one run shows: its rates and verdicts, and of the page's plots those that say most."""
    groups = [by_group(name, score.breakdowns[name]) for name in _PICTURED if name in score.breakdowns]
    mix = verdicts([Words("", "")], [score])
    return [plot for plot in (rates(score), mix, *groups, similarity(score), by_year(score)) if plot is not None]


def rates(score: Score) -> Plot | None:
    """The rates that are shares, with their intervals."""
    shown = {name: rate for name, rate in score.rates.items() if rate.value is not None and name not in UNBOUNDED}
    if not shown:
        return None
    title = Words("Rates with their 95% intervals", "各比率及其 95% 区间")
    caption = Words("Dots are the rates, bars their intervals.", "圆点是比率，横条是区间。")

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        intervals(ax, list(shown.values()), say)
        rows(ax, [term(name).name for name in shown], say)
        percent(ax)

    return Plot("rates", title, caption, 0.36 * len(shown) + 0.6, draw)


def verdicts(names: Sequence[Words], scores: Sequence[Score]) -> Plot | None:
    """The verdict mix of each score as one bar of equal length, with counts."""
    totals = [score.citations for score in scores]
    if not any(totals):
        return None
    title = Words("What became of the citations", "引用的判定结果")
    caption = Words("The verdict mix of each run; the numbers are citations.", "每次运行的判定构成；数字是引用数。")

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        left = [0.0] * len(names)
        for label in LABELS:
            counts = [score.counts[label] for score in scores]
            if not any(counts):
                continue
            widths = [100 * n / total if total else 0 for n, total in zip(counts, totals, strict=True)]
            ax.barh(range(len(names)), widths, 0.62, left, color=COLOURS[label], label=say(VERDICTS[label].name))
            for y, (n, width) in enumerate(zip(counts, widths, strict=True)):
                if width >= 8:
                    ax.text(left[y] + width / 2, y, str(n), color=COLOURS["page"], ha="center", va="center")
            left = [low + width for low, width in zip(left, widths, strict=True)]
        rows(ax, names, say)
        ax.set(xlim=(0, 100), xlabel=say(Words("share of all citations", "占全部引用的比例")))
        ax.xaxis.set_major_formatter("{x:.0f}%")

    return Plot("verdicts", title, caption, 0.45 * len(names) + 1.5, draw, legend=True)


def by_group(dimension: str, groups: Mapping[str, Score]) -> Plot | None:
    """The fabrication rate in each group, those with the most answers. None for a single group."""
    if len(groups) < 2 or all(score.fabrication_rate.value is None for score in groups.values()):
        return None
    chosen = sorted(groups, key=lambda group: (-groups[group].answers, group))[:_MAX_GROUPS]
    if dimension == "year":
        chosen.sort()
    name = DIMENSIONS.get(dimension, Words(dimension, dimension))
    title = Words(f"Fabrication rate by {name.en}", f"编造率（{name.zh}）")
    caption = Words(
        "With 95% intervals; in brackets the answers. Where intervals overlap widely, the groups may not differ.",
        "附 95% 区间；括号内是回答数。区间大量重叠时，各组可能并无差别。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        names = []
        intervals(ax, [groups[group].fabrication_rate for group in chosen], say)
        for group in chosen:
            words, tail = value_name(dimension, group), f" ({groups[group].answers:,})"
            names.append(Words(_short(words.en) + tail, words.zh + tail))
        rows(ax, names, say)
        percent(ax)

    return Plot(f"by-{dimension}", title, caption, 0.34 * len(chosen) + 0.6, draw)


def similarity(score: Score) -> Plot | None:
    """Distribution of the similarity between the title stated and the nearest real one, a row per verdict."""
    shown = [label for label, values in zip(LABELS, score.similarities, strict=True) if values.any()]
    if not shown:
        return None
    title = Words("How near the stated titles come to real ones", "所述标题与真实标题的接近程度")
    caption = Words(
        "Invented titles that sit far to the right are the ones a reader is most likely to believe. Each row has its "
        "own height.",
        "越靠右的编造标题越容易让读者相信。每行的高度各自缩放。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        edges = [step / SIMILARITY_BINS for step in range(SIMILARITY_BINS + 1)]
        names = []
        for y, label in enumerate(shown):
            values = score.similarities[LABELS.index(label)]
            heights = y + 0.4 - 0.8 * values / values.max()
            ax.stairs(heights, edges, baseline=y + 0.4, fill=True, color=COLOURS[label])
            ax.axhline(y + 0.4, color=COLOURS["line"], linewidth=0.8)
            name, tail = VERDICTS[label].name, f" ({values.sum():,})"
            names.append(Words(name.en + tail, name.zh + tail))
        rows(ax, names, say)
        ax.set(xlim=(0, 1), xlabel=say(Words("similarity to the nearest real title", "与最接近的真实标题的相似度")))

    return Plot("similarity", title, caption, 0.5 * len(shown) + 0.8, draw)


def by_year(score: Score) -> Plot | None:
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
    title = Words("Citations by the year they state", "引用所述的年份")
    caption = Words("Whether the model invents more for some years than for others.", "模型是否在某些年份编造得更多。")

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        layers = [(label, VERDICTS[label].name, [score.years[year, label] for year in years]) for label in LABELS]
        stacked(ax, [layer for layer in layers if any(layer[2])], say)
        every = -(-len(years) // 8)
        ax.set_xticks(range(0, len(years), every), [str(year) for year in years[::every]])
        counts(ax, Words("year stated in the citation", "引用所述年份"), Words("citations", "引用数"), say)

    return Plot("by-stated-year", title, caption, 2.9, draw, legend=True)


def citations_per_answer(score: Score) -> Plot | None:
    """How many citations the answers hold, and how many of the answers hold a fabricated one."""
    if not score.citations:
        return None
    sizes, fakes = score.per_answer.sum(axis=1).clip(max=_MAX_CITATIONS), score.has_fake
    clean, tainted = (Counter(map(int, sizes[chosen])) for chosen in (~fakes, fakes))
    ticks = list(range(max(*clean, *tainted, 3) + 1))
    title = Words("Citations in an answer", "每个回答的引用数")
    caption = Words(
        "Answers by how many papers they cite, and whether any of those is invented.",
        "按引用论文数统计回答，并看其中是否有编造的。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        free, tainting = Words("no fabricated citation", "没有编造的引用"), Words("at least one", "至少有一条")
        layers = (("verified", free, clean), ("fabricated", tainting, tainted))
        stacked(ax, [(colour, name, [found[n] for n in ticks]) for colour, name, found in layers], say)
        ax.set_xticks(ticks, [str(n) if n < _MAX_CITATIONS else f"{n}+" for n in ticks])
        counts(ax, Words("citations in the answer", "回答中的引用数"), Words("answers", "回答数"), say)

    return Plot("per-answer", title, caption, 2.9, draw, legend=True)


# ---- parts of plots


def intervals(ax: Any, rates: Sequence[Rate], say: Labels) -> None:
    """A row for each rate: its interval as a bar, its value as a dot with the number at the right edge."""
    known = {y: rate for y, rate in enumerate(rates) if rate.value is not None}
    values, lows, highs = ([100 * getattr(rate, end) for rate in known.values()] for end in ("value", "low", "high"))
    ax.hlines(list(known), lows, highs, color=COLOURS["accent"], linewidth=5, alpha=0.35)
    ax.plot(values, list(known), "o", color=COLOURS["accent"], markersize=6.5, clip_on=False)
    for y, rate in enumerate(rates):
        if rate.value is None:
            ax.text(0, y, say(Words("undefined", "无定义")), va="center")
        else:
            ax.text(132, y, f"{rate.value:.1%}", va="center", ha="right")


def stacked(ax: Any, layers: Sequence[tuple[str, Words, Sequence[int]]], say: Labels) -> None:
    """Bars at 0, 1, 2 …, of layers with a colour, a name and heights each; as `Axes.bar` would, in half the time."""
    import numpy as np
    from matplotlib.collections import PolyCollection

    places = np.arange(len(layers[0][2]))
    left, right, low = places - 0.4, places + 0.4, np.zeros(len(places))
    for colour, name, heights in layers:
        high = low + heights
        corners = np.stack([left, low, left, high, right, high, right, low], axis=1).reshape(-1, 4, 2)
        ax.add_collection(PolyCollection(list(corners), color=COLOURS[colour], linewidth=0, label=say(name)))
        low = high
    ax.autoscale_view()
    ax.set_ylim(bottom=0)


def percent(ax: Any) -> None:
    """An axis of percent with room for numbers behind it."""
    ax.set(xlim=(-2, 132), xticks=range(0, 101, 25))
    ax.xaxis.set_major_formatter("{x:.0f}%")
    ax.grid(axis="x")


def rows(ax: Any, names: Sequence[Words], say: Labels) -> None:
    """Names of rows, the first on top."""
    ax.set_yticks(range(len(names)), [say(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)


def wrapped(name: str) -> str:
    """A name of a run in at most two lines."""
    return "\n".join(textwrap.wrap(name, 16, max_lines=2, placeholder="…")) or "–"


def counts(ax: Any, below: Words, beside: Words, say: Labels, *, integers: bool = True) -> None:
    """Axes of numbers."""
    from matplotlib.ticker import MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=integers))
    ax.grid(axis="y")
    ax.set(xlabel=say(below), ylabel=say(beside))


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:23] + "…"
