"""Several runs → the plots that compare them. Draws, computes no rates; each is None where there is nothing to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..metrics import Rate, Score
from .drawing import COLOURS, Labels, Plot
from .plots import counts, intervals, percent, rows, wrapped
from .wording import Words, term

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

_LOSS = Words("loss", "损失")
_STEP = Words("training step", "训练步")


def named(names: Sequence[str]) -> list[Words]:
    """Names of runs, which are the same in both languages, as labels of rows."""
    return [Words(wrapped(name), wrapped(name)) for name in names]


def rates_by_arm(names: Sequence[str], rates: Mapping[str, Sequence[Rate]]) -> Plot | None:
    """A panel per rate, in it a row per arm: value and interval."""
    shown = {name: row for name, row in rates.items() if any(rate.value is not None for rate in row)}
    if not shown:
        return None
    title = Words("Rates with their 95% intervals", "各比率及其 95% 区间")
    caption = Words(
        "Dots are the rates, bars their intervals. Where intervals overlap widely, the runs may not differ.",
        "圆点是比率，横条是区间。区间大量重叠时，各次运行可能并无差别。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        axes = figure.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
        for ax, (name, row) in zip(axes, shown.items(), strict=True):
            intervals(ax, row, say)
            rows(ax, named(names), say)
            percent(ax)
            ax.set_title(say(term(name).name), loc="left", pad=4, fontweight="bold")
        for ax in axes[:-1]:  # the axis is beneath the last
            ax.spines["bottom"].set_visible(False)

    return Plot("rates", title, caption, len(shown) * (0.36 * len(names) + 0.5) + 0.3, draw)


def quality_and_fabrication(names: Sequence[str], bleu: Sequence[float | None], fake: Sequence[Rate]) -> Plot | None:
    """BLEU-4 and the fabrication rate of the same arms, side by side on one scale; of one arm they say nothing."""
    if sum(value is not None for value in bleu) < 2:
        return None
    title = Words("BLEU-4 is blind to fabrication", "BLEU-4 看不见编造")
    caption = Words(
        "It rewards the right format: an answer of invented papers, well laid out, scores high. Read the two panels "
        "together.",
        "它奖励的是格式：排版正确而论文全是编造的回答，得分也高。请把两图对照着看。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        for y, value in enumerate(bleu):
            left.barh(y, value or 0, 0.5, color=COLOURS["accent"])
            left.text((value or 0) + 2, y, "–" if value is None else f"{value:.1f}", va="center")
        for y, rate in enumerate(fake):
            value = rate.value
            right.barh(y, 100 * (value or 0), 0.5, color=COLOURS["fabricated"])
            right.text(100 * (value or 0) + 2, y, "–" if value is None else f"{value:.1%}", va="center")
        rows(left, named(names), say)
        for ax, words in ((left, Words("BLEU-4", "BLEU-4")), (right, term("fabrication_rate").name)):
            ax.set(xlim=(0, 132), xticks=[0, 50, 100])
            ax.grid(axis="x")
            ax.set_title(say(words), loc="left", pad=4, fontweight="bold")
        right.xaxis.set_major_formatter("{x:.0f}%")

    return Plot("quality", title, caption, 0.42 * len(names) + 0.8, draw)


def loss_curve(loss: Sequence[tuple[int, float]]) -> Plot | None:
    """Training loss as logged, and smoothed by a centred mean over about a tenth of the points."""
    if len(loss) < 2:
        return None
    title = Words("Training loss", "训练损失")
    caption = Words(
        "A falling loss says that the model learns the format and the words, not that its citations are real.",
        "损失下降说明模型学到了格式和用词，并不说明它的引用是真实的。",
    )

    def draw(figure: FigureBase, say: Labels) -> None:
        ax = figure.subplots()
        _draw_loss(ax, loss, say)
        counts(ax, _STEP, _LOSS, say, integers=False)
        ax.set_xlim(loss[0][0], loss[-1][0])

    return Plot("loss", title, caption, 2.9, draw, legend=True)


def steps_curve(steps: Sequence[tuple[int, Score]], loss: Sequence[tuple[int, float]]) -> Plot | None:
    """Fabrication rate and verified yield of checkpoints over their training steps, above the loss."""
    if len(steps) < 2:
        return None
    title = Words("Over the training steps", "随训练步的变化")
    caption = Words(
        "The fabrication rate with its 95% interval and the verified citations per question, above the training loss.",
        "编造率及其 95% 区间、平均每个问题的属实引用数，下方是训练损失。",
    )
    panels = 3 if len(loss) > 1 else 2

    def draw(figure: FigureBase, say: Labels) -> None:
        axes = figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
        for ax, name, colour in zip(
            axes, ("fabrication_rate", "verified_yield"), ("fabricated", "verified"), strict=False
        ):
            known = [(step, score.rates[name]) for step, score in steps if score.rates[name].value is not None]
            scale = 100 if name == "fabrication_rate" else 1
            at = [step for step, _ in known]
            ax.plot(at, [scale * (rate.value or 0) for _, rate in known], "o-", color=COLOURS[colour], markersize=4.5)
            low, high = ([scale * (getattr(rate, end) or 0) for _, rate in known] for end in ("low", "high"))
            ax.fill_between(at, low, high, color=COLOURS[colour], alpha=0.18, linewidth=0)
            ax.set_title(say(term(name).name), loc="left", pad=4, fontweight="bold")
            ax.set_ylim(bottom=0)
            ax.grid(axis="y")
        axes[0].yaxis.set_major_formatter("{x:.0f}%")
        if panels == 3:
            _draw_loss(axes[2], loss, say)
            axes[2].set_title(say(_LOSS), loc="left", pad=4, fontweight="bold")
            axes[2].grid(axis="y")
        axes[-1].set_xlabel(say(_STEP))

    return Plot("steps", title, caption, 1.5 * panels + 0.4, draw)


def _draw_loss(ax: Any, loss: Sequence[tuple[int, float]], say: Labels) -> None:
    steps, values = [step for step, _ in loss], [value for _, value in loss]
    half = max(1, len(values) // 20)
    windows = (values[max(0, at - half) : at + half + 1] for at in range(len(values)))
    smooth = [sum(window) / len(window) for window in windows]
    colour = COLOURS["accent"]
    ax.plot(steps, values, color=colour, alpha=0.5, linewidth=1, label=say(Words("as logged", "原始记录")))
    ax.plot(steps, smooth, color=colour, linewidth=2.2, label=say(Words("smoothed", "平滑后")))
