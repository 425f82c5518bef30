"""Plots → inline SVG that follows the page's theme and language, or one picture as PNG and SVG files."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from .items import visible
from .wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import FigureBase

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
_DPI = 150  # of the PNG
_TAG, _LONG = re.compile(r"<[^>]+>"), re.compile(r"-?\d+\.\d{4,}|(?<= )-0(?=\s)")
_ID = re.compile(r'( id="|#)([A-Za-z]+[0-9a-f]{10})(?=[")])')
_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
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
    "text.parse_math": False,
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
# Those with Chinese characters, where they are installed; a font lacks what the one before it has.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
)


class Labels(dict[str, str]):
    """What a plot says, English → Chinese."""

    def __call__(self, words: Words, tail: str = "") -> str:
        """The English of `words`, with `tail` behind, once its Chinese is noted."""
        english, chinese = (visible(text + tail) for text in words)
        self[english] = chinese
        return english


@dataclass(frozen=True)
class Plot:
    """A plot, not yet drawn.

    Attributes:
        name: of the plot, unique in a page.
        title: what it shows.
        caption: how to read it.
        height: inches.
        draw: draws it on a figure and says its texts through the labels.
        legend: whether what is drawn is explained above it.
    """

    name: str
    title: Words
    caption: Words
    height: float
    draw: Callable[[FigureBase, Labels], None]
    legend: bool = False


def inline_svg(plot: Plot) -> str:
    """The bare `<svg>` element, with its texts in both languages and colours that are the page's."""
    from matplotlib.figure import Figure

    labels = Labels()
    with _styled():
        figure = Figure(figsize=(_WIDTH, plot.height), layout="constrained")
        _draw(plot, figure, labels)
        _lay_out(figure)
        svg = _svg_of(figure, plot.name, transparent=True)
    svg = svg[svg.index("<svg") :]
    used = set(re.findall(r"#([\w.-]+)", svg))
    # figure_1, axes_1 … would repeat within one page
    svg = re.sub(r' id="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
    for colour, value in COLOURS.items():
        svg = svg.replace(value, "currentColor" if colour == "ink" else f"var(--{colour.replace('_', '-')})")
    chinese = {html.escape(en, quote=False): html.escape(zh, quote=False) for en, zh in labels.items() if en != zh}

    def both(match: re.Match[str]) -> str:
        attributes, text = match.groups()
        if text not in chinese:
            return match[0]
        return f'<text class="en"{attributes}>{text}</text><text class="zh"{attributes}>{chinese[text]}</text>'

    return re.sub(r"<text([^>]*)>([^<]*)</text>", both, svg)


def picture(plots: Sequence[Plot], png: IO[bytes], svg: IO[bytes]) -> None:
    """Write all plots as one picture, in English, on a light ground, two beside each other."""
    from matplotlib.figure import Figure

    columns = [plots[0::2], plots[1::2]]
    heights = [[plot.height + 0.45 for plot in column] for column in columns]
    tall = max(1.0, *map(sum, heights))
    with _styled():
        figure = Figure(figsize=(2 * _WIDTH, tall), dpi=_DPI, layout="constrained")
        left_right: Any = figure.subfigures(1, 2, wspace=0.04)
        for place, column, shares in zip(left_right, columns, heights, strict=True):
            rest = tall - sum(shares)
            rows = [*shares, rest] if rest > 0.01 else shares
            parts: Any = place.subfigures(len(rows), 1, height_ratios=rows, squeeze=False)[:, 0]
            for part, plot in zip(parts, column, strict=False):
                part.suptitle(plot.title.en, x=0.02, ha="left", fontweight="bold", fontsize=12)
                _draw(plot, part, Labels(), legend="lower")  # above it stands the title
        _lay_out(figure)
        figure.savefig(png, format="png", facecolor=COLOURS["page"], metadata={"Software": None})
        svg.write(_svg_of(figure, "picture", facecolor=COLOURS["page"]).encode("utf-8", "backslashreplace"))


def _draw(plot: Plot, figure: FigureBase, labels: Labels, legend: str = "upper") -> None:
    plot.draw(figure, labels)
    if plot.legend:
        figure.legend(loc=f"outside {legend} left", ncols=3)


def _lay_out(figure: Any) -> None:
    """Lay a figure out now, and not again twice for each format in which it is saved."""
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine(None)


def _svg_of(figure: Any, name: str, **options: Any) -> str:
    """The SVG of a figure, the same in every run: the layout's last digits are not, nor ids that hash them."""
    out = io.StringIO()
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(out, format="svg", metadata=metadata, **options)
    numbers: dict[str, str] = {}
    svg = _TAG.sub(lambda tag: _LONG.sub(lambda number: f"{round(float(number[0]), 3) + 0:g}", tag[0]), out.getvalue())
    return _ID.sub(lambda id: id[1] + numbers.setdefault(id[2], f"{name}-{len(numbers)}"), svg)


@contextmanager
def _styled() -> Iterator[None]:
    """The style of all plots, and nothing of the reader's own."""
    import matplotlib
    import matplotlib.style
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    fonts = ["DejaVu Sans", *(name for name in _CHINESE if name in installed)]
    style = {**_STYLE, "font.sans-serif": fonts}
    with matplotlib.style.context(["default", style]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # only measured with DejaVu; the browser has the glyphs
        yield
