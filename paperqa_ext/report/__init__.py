"""One `Score`, or several side by side, as text, JSON and HTML. Computes nothing; files appear whole or not at all."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files import Staged, writing
from ..metrics import CheckedAnswer, Score
from .pages import MAX_ANSWERS, Arm, render_comparison, render_run, visible
from .wording import QUALITY, RATE_TEXT, VERDICTS, format_interval, format_value

__all__ = ["HTML_NAME", "JSON_NAME", "MAX_ANSWERS", "Arm", "comparison_table", "stage", "summary", "write_comparison"]

JSON_NAME = "hallucination_report.json"
HTML_NAME = "hallucination_report.html"
_MAX_WIDTH = 120  # terminal columns of a table; a name too long for it is cut, but never below _MIN_NAME
_MIN_NAME = 20


def stage(
    staged: Staged, directory: Path, score: Score, worst: Iterable[CheckedAnswer], signature: Mapping[str, Any]
) -> dict[str, Path]:
    """Write one run's report where `staged` keeps it until it is committed.

    Args:
        staged: what the files belong to, `hallucination_details.jsonl` beside them.
        directory: of the report; created if missing.
        score: counts and rates.
        worst: the answers to show, those of `score.worst(MAX_ANSWERS)` in any order; one is held at a time.
        signature: what the numbers depend on.

    Returns:
        The files by kind: `json`, `html`.

    Raises:
        OutputError: they cannot be written.
    """
    report = {**score.to_dict(), "signature": dict(signature)}
    files = {"json": directory / JSON_NAME, "html": directory / HTML_NAME}
    _write(staged, files["json"], _json(report) + "\n")
    _write(staged, files["html"], render_run(score, worst, signature))
    return files


def write_comparison(
    path: Path,
    arms: Sequence[Arm],
    *,
    loss: Sequence[tuple[int, float]] = (),
    notes: Sequence[str] = (),
    signature: Mapping[str, Any] | None = None,
) -> Path:
    """Write the page that compares runs on the same questions.

    Args:
        path: the HTML file; its directory is created if missing.
        arms: the runs, the baseline first.
        loss: training loss as (step, loss), plotted if given.
        notes: paragraphs of what a reader should know about the runs.
        signature: what the numbers depend on, for the footer.

    Raises:
        OutputError: it cannot be written; an earlier file is left as it was.
    """
    with Staged() as staged:
        _write(staged, path, render_comparison(arms, loss, notes, signature or {}))
        staged.commit()
    return path


def summary(score: Score) -> str:
    """Counts by verdict and the rates with their intervals, for terminal and log."""
    abstained = int(score.abstained.sum())
    lines = [f"{score.answers:,} answers, {score.citations:,} citations, {abstained:,} declined"]
    width = max(len(name) for name, _ in RATE_TEXT.values())
    lines += [f"  {VERDICTS[label][0]:<{width}}  {count:>7,}" for label, count in score.counts.items()]
    lines.append("Rates with 95% intervals")
    for name, rate in score.rates.items():
        parts = (f"{format_value(name, rate.value):>7}", format_interval(name, rate), f"(n={rate.n})")
        lines.append(f"  {RATE_TEXT[name][0]:<{width}}  {' '.join(filter(None, parts))}")
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


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str)


def _write(staged: Staged, path: Path, text: str) -> None:
    with writing(path):
        # A lone surrogate in a model's answer has no UTF-8.
        staged.path(path).write_bytes(text.encode("utf-8", "backslashreplace"))
