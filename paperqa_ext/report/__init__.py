"""One `Score`, or several side by side, as JSON, HTML, CSV, Markdown, pictures and text.

Computes nothing; files appear whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..compare import Comparison
from ..details import REPORT_NAME as JSON_NAME
from ..files import Staged, writing
from ..metrics import CheckedAnswer, Score
from .comparison import Arm, render_comparison
from .drawing import picture
from .exports import CitationTable, summary_markdown
from .pages import MAX_ANSWERS, RunPage
from .plots import picture_plots, run_plots
from .terminal import comparison_table, summary

__all__ = [
    "CSV_NAME", "HTML_NAME", "JSON_NAME", "MARKDOWN_NAME", "MAX_ANSWERS", "PNG_NAME", "SVG_NAME", "Arm",
    "comparison_table", "stage", "summary", "write_comparison",
]  # fmt: skip

HTML_NAME = "hallucination_report.html"
CSV_NAME = "hallucination_citations.csv"
MARKDOWN_NAME = "hallucination_summary.md"
PNG_NAME = "hallucination_plots.png"
SVG_NAME = "hallucination_plots.svg"


def stage(
    staged: Staged, directory: Path, score: Score, answers: Iterable[CheckedAnswer], signature: Mapping[str, Any]
) -> dict[str, Path]:
    """Write one run's report where `staged` keeps it until it is committed.

    Args:
        staged: what the files belong to, `hallucination_details.jsonl` beside them.
        directory: of the report; created if missing.
        score: counts and rates.
        answers: all answers, in the order of the predictions; one is held at a time.
        signature: what the numbers depend on.

    Returns:
        The files by kind: `json`, `html`, `csv`, `markdown`, `png`, `svg`.

    Raises:
        OutputError: they cannot be written.
    """
    names = {"json": JSON_NAME, "html": HTML_NAME, "csv": CSV_NAME, "markdown": MARKDOWN_NAME, "png": PNG_NAME}
    files = {kind: directory / name for kind, name in {**names, "svg": SVG_NAME}.items()}
    with _opened(staged, files["json"]) as file:
        file.write(_json({**score.to_dict(), "signature": dict(signature)}) + "\n")
    page = RunPage(score)
    with _opened(staged, files["csv"], encoding="utf-8-sig") as file:
        table = CitationTable(file)
        for answer in answers:
            table.add(answer)
            page.add(answer)
    plots = run_plots(score)
    with _opened(staged, files["html"]) as file:
        file.writelines(page.render(signature, plots))
    with _opened(staged, files["markdown"]) as file:
        file.write(summary_markdown(score, signature))
    png, svg = staged.path(files["png"]), staged.path(files["svg"])
    with writing(files["png"]), png.open("wb") as pixels, svg.open("wb") as lines:
        picture(picture_plots(score), pixels, lines)
    return files


def write_comparison(
    path: Path,
    runs: Sequence[Arm] | Comparison,
    *,
    loss: Sequence[tuple[int, float]] = (),
    notes: Sequence[str] = (),
    signature: Mapping[str, Any] | None = None,
) -> Path:
    """Write the page that compares runs on the same questions.

    Args:
        path: the HTML file; its directory is created if missing.
        runs: the baseline first, or what `compare.compare` found.
        loss: training loss as (step, loss), plotted if given.
        notes: paragraphs of what a reader should know about the runs.
        signature: what the numbers depend on, for the footer; that of a `Comparison` if None.

    Raises:
        OutputError: it cannot be written; an earlier file is left as it was.
    """
    with Staged() as staged:
        with _opened(staged, path) as file:
            file.writelines(render_comparison(runs, loss, notes, signature or {}))
        staged.commit()
    return path


@contextmanager
def _opened(staged: Staged, path: Path, encoding: str = "utf-8") -> Iterator[IO[str]]:
    # A lone surrogate in a model's answer has no UTF-8.
    with writing(path), staged.path(path).open("w", encoding=encoding, errors="backslashreplace", newline="") as file:
        yield file


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str)
