"""A `Summary` → one SVG of four panels for the data set's card. Draws, counts nothing but sums over splits."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..markdown import visible
from .card import LANGUAGES

if TYPE_CHECKING:
    from .summary import Summary

MAX_CATEGORIES = 15
MAX_NAME = 20  # characters of a bar's name
_SIZE = (8.0, 6.2)  # inches: 768 px wide, what a page of Markdown shows at its own size
_INK, _GREY, _LINE, _PAGE = "#1f2329", "#8b929c", "#dedbd4", "#fefefd"
_FIRST, _SECOND = "#3a5ba0", "#d98b2b"  # apart for the colour-blind, and in grey
_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dataset",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": _INK,
    "axes.linewidth": 0.8,
    "axes.labelcolor": _INK,
    "axes.axisbelow": True,
    "axes.facecolor": _PAGE,
    "figure.facecolor": _PAGE,
    "text.color": _INK,
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": _LINE,
    "grid.linewidth": 0.8,
    "figure.constrained_layout.w_pad": 0.12,
    "figure.constrained_layout.h_pad": 0.12,
    "figure.constrained_layout.wspace": 0.04,
    "figure.constrained_layout.hspace": 0.04,
    "legend.frameon": False,
    "legend.handlelength": 0.9,
    "legend.handleheight": 0.9,
}


def plot(summary: Summary) -> str:
    """Citations by year and by category, rows by kind and language, lengths in tokens, as SVG on a light ground.

    The same summary and version of matplotlib give the same bytes.
    """
    import io

    import matplotlib.style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    splits = list(summary.splits.values())
    years, categories = Counter[int](), Counter[str]()
    kinds = Counter[tuple[str, str]]()
    for split in splits:
        years += split.years
        categories += split.categories
        kinds += split.kinds
    # The defaults first: a matplotlibrc of the reader's would change the bytes.
    with matplotlib.style.context(["default", dict(_STYLE)]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # only measured with DejaVu; the browser has the glyphs
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots(2, 2, height_ratios=(1, 1.35))
        _years(axes[0, 0], years)
        _tokens(axes[1, 0], [pair for split in splits for pair in split.tokens])
        _kinds(axes[0, 1], kinds)
        _categories(axes[1, 1], categories)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    # The font may be missing where the card is read.
    return re.sub(r"'DejaVu Sans'(?:, sans-serif)?", "'DejaVu Sans', Verdana, sans-serif", out.getvalue())


def _years(ax: Any, years: Counter[int]) -> None:
    ax.set_title("Citations by year of the paper")
    ax.bar(list(years), list(years.values()), 0.8, color=_FIRST)
    first, last = (min(years), max(years)) if years else (0, 0)
    ax.set_xlim(first - 1, last + 1)
    step = max(1, -(-(last - first + 1) // 7))
    ticks = range(last, first - 1, -step) if years else []
    ax.set_xticks(list(ticks), [str(year) for year in ticks])
    _counts(ax, "y")


def _kinds(ax: Any, kinds: Counter[tuple[str, str]]) -> None:
    ax.set_title("Rows by kind and language")
    totals: Counter[str] = Counter()
    for (kind, _), number in kinds.items():
        totals[kind] += number
    names = sorted(totals, key=lambda kind: (-totals[kind], kind))
    left = [0] * len(names)
    for lang, colour in (("en", _FIRST), ("zh", _SECOND)):
        widths = [kinds[name, lang] for name in names]
        if any(widths):
            ax.barh(range(len(names)), widths, 0.72, left, color=colour, label=LANGUAGES[lang])
        left = [low + width for low, width in zip(left, widths, strict=True)]
    _names(ax, [name.replace("_", " ") for name in names])
    _counts(ax, "x")
    _legend(ax, "lower right")


def _categories(ax: Any, categories: Counter[str]) -> None:
    ax.set_title("Citations by primary category")
    ordered = sorted(categories.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered[:MAX_CATEGORIES]
    names = [name or "none" for name, _ in shown]
    sizes = [number for _, number in shown]
    colours = [_FIRST] * len(shown)
    if len(ordered) > len(shown):
        names.append(f"{len(ordered) - len(shown)} others")
        sizes.append(sum(number for _, number in ordered[len(shown) :]))
        colours.append(_GREY)
    ax.barh(range(len(names)), sizes, 0.72, color=colours)
    _names(ax, names)
    _counts(ax, "x")


def _tokens(ax: Any, tokens: Sequence[tuple[int, int]]) -> None:
    ax.set_title("Rows by length in Qwen tokens")
    if not tokens:
        ax.text(0.5, 0.5, "not counted", ha="center", transform=ax.transAxes)
        ax.set(xticks=[], yticks=[])
        return
    rows, answers = zip(*tokens, strict=True)
    width = max(5, -(-max(rows) // 40))
    bins = range(0, max(rows) + width, width)
    for values, colour, label in ((rows, _FIRST, "whole row"), (answers, _SECOND, "answer")):
        ax.hist(values, list(bins), color=colour, alpha=0.75, histtype="stepfilled", label=label)
    ax.set_xlim(0, bins[-1])
    _counts(ax, "y")
    _legend(ax, "upper right")


def _names(ax: Any, names: Sequence[str]) -> None:
    """Names of bars, the first on top."""
    shown = [" ".join(visible(name).split()) for name in names]  # a source may put anything into its categories
    short = [name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…" for name in shown]
    ax.set_yticks(range(len(names)), short)
    ax.set_ylim(len(names) - 0.4, -0.6)


def _counts(ax: Any, axis: str) -> None:
    """Whole numbers, `2k` and `1M` for large ones."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_major_locator(MaxNLocator(nbins=5, integer=True))
    which.set_major_formatter(EngFormatter(sep=""))
    ax.grid(axis=axis)


def _legend(ax: Any, place: str) -> None:
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc=place)
