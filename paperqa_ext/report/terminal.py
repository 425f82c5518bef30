"""Scores as text for terminal and log."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ..metrics import Score
from .comparison import Arm
from .items import visible
from .wording import QUALITY, VERDICTS, format_interval, format_value, term

_MAX_WIDTH = 120  # terminal columns of a table; a name too long for it is cut, but never below _MIN_NAME
_MIN_NAME = 20


def summary(score: Score) -> str:
    """Counts by verdict and the rates with their intervals."""
    abstained = int(score.abstained.sum())
    lines = [f"{score.answers:,} answers, {score.citations:,} citations, {abstained:,} declined"]
    width = max(len(term(name).name.en) for name in score.rates)
    lines += [f"  {VERDICTS[label].name.en:<{width}}  {count:>7,}" for label, count in score.counts.items()]
    lines.append("Rates with 95% intervals")
    for name, rate in score.rates.items():
        parts = (f"{format_value(name, rate.value):>7}", format_interval(name, rate), f"(n={rate.n})")
        lines.append(f"  {term(name).name.en:<{width}}  {' '.join(filter(None, parts))}")
    return "\n".join(lines)


def comparison_table(arms: Sequence[Arm]) -> str:
    """The arms as rows of a table that fits 120 columns, with the text overlap metrics that any of them has."""
    quality = [key for key in QUALITY if any(key in arm.quality for arm in arms)]
    columns = [("", "fabrication rate"), ("any-fake", "rate"), ("metadata", "errors"), ("verified", "yield"),
               ("answer", "rate"), *(("", QUALITY[key]) for key in quality)]  # fmt: skip
    rows = []
    for arm in arms:
        rate = arm.score.fabrication_rate
        cells = [f"{format_value('', rate.value)} {format_interval('', rate)}".strip()]
        for name in ("any_fake_rate", "metadata_error_rate", "verified_yield", "answer_rate"):
            cells.append(format_value(name, arm.score.rates[name].value))
        rows.append([*cells, *(f"{arm.quality[key]:.1f}" if key in arm.quality else "–" for key in quality)])
    top, bottom = ([pair[line] for pair in columns] for line in (0, 1))
    widths = [max(_width(cell) for cell in column) for column in zip(top, bottom, *rows, strict=True)]
    room = max(_MIN_NAME, _MAX_WIDTH - sum(widths) - 2 * len(widths))
    names = ["", "arm", *(_fit(arm.name, room) for arm in arms)]
    widths.insert(0, max(map(_width, names)))
    rule = ["─" * width for width in widths]
    head, *body = ([name, *cells] for name, cells in zip(names, (top, bottom, *rows), strict=True))
    return "\n".join(_line(cells, widths) for cells in (head, body[0], rule, *body[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """First column to the left, numbers to the right."""
    padding = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    first, *others = zip(cells, padding, strict=True)
    return "  ".join(["".join(first), *(pad + cell for cell, pad in others)]).rstrip()


def _width(text: str) -> int:
    """Terminal columns: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fit(name: str, room: int) -> str:
    name = " ".join(visible(name).split())
    if _width(name) <= room:
        return name
    while _width(name) >= room:
        name = name[:-1]
    return name + "…"
