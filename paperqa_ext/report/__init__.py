"""One `Score`, or several side by side, as JSON, HTML, CSV, Markdown, pictures and text.

Computes nothing; files appear whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..compare import Comparison
from ..details import REPORT_NAME as JSON_NAME
from ..files import Staged, writing
from ..metrics import CheckedAnswer, Score
from .comparison import Arm, render_comparison
from .drawing import picture
from .exports import COLUMNS, citation_lines, summary_markdown
from .listing import Entry, entry
from .pages import MAX_ANSWERS, RunPage
from .plots import picture_plots, run_plots
from .terminal import comparison_table, summary

__all__ = [
    "CSV_NAME", "HTML_NAME", "JSON_NAME", "MARKDOWN_NAME", "MAX_ANSWERS", "PNG_NAME", "SVG_NAME", "Arm",
    "RunReport", "Shown", "comparison_table", "show", "summary", "write_comparison",
]  # fmt: skip

HTML_NAME = "hallucination_report.html"
CSV_NAME = "hallucination_citations.csv"
MARKDOWN_NAME = "hallucination_summary.md"
PNG_NAME = "hallucination_plots.png"
SVG_NAME = "hallucination_plots.svg"
_ERRORS = "backslashreplace"  # a lone surrogate in a model's answer has no UTF-8


@dataclass(frozen=True, slots=True)
class Shown:
    """What a report says of some answers: made where they are checked, in whatever process.

    Attributes:
        citations: lines of the CSV file.
        entries: an entry of the page for each answer.
    """

    citations: bytes
    entries: Sequence[Entry]


def show(answers: Sequence[CheckedAnswer]) -> Shown:
    """What a report says of consecutive answers."""
    return Shown(_encoded(citation_lines(answers)), [entry([answer]) for answer in answers])


class RunReport:
    """One run's report: its answers are added in their order, then it is written."""

    def __init__(self, staged: Staged, directory: Path) -> None:
        """Begin.

        Args:
            staged: keeps the files until it is committed, `hallucination_details.jsonl` beside them.
            directory: of the report; created if missing.

        Raises:
            OutputError: nothing can be written there.
        """
        names = {"csv": CSV_NAME, "json": JSON_NAME, "html": HTML_NAME, "markdown": MARKDOWN_NAME, "png": PNG_NAME}
        self._files = {kind: directory / name for kind, name in {**names, "svg": SVG_NAME}.items()}
        self._staged = staged
        self._page = RunPage()
        self._add_lines(_encoded("\ufeff" + ",".join(COLUMNS) + "\r\n"))

    def add(self, shown: Shown) -> None:
        """The next answers.

        Raises:
            OutputError: they cannot be written.
        """
        self._add_lines(shown.citations)
        for one in shown.entries:
            self._page.add(one)

    def _add_lines(self, lines: bytes) -> None:
        path = self._files["csv"]
        with writing(path), self._staged.path(path).open("ab") as file:
            file.write(lines)

    def write(self, score: Score, signature: Mapping[str, Any]) -> dict[str, Path]:
        """Write what is said of all answers.

        Args:
            score: counts and rates.
            signature: what the numbers depend on.

        Returns:
            The files by kind: `json`, `html`, `csv`, `markdown`, `png`, `svg`.

        Raises:
            OutputError: they cannot be written.
        """
        files, staged = self._files, self._staged
        with _opened(staged, files["json"]) as file:
            file.write(_json({**score.to_dict(), "signature": dict(signature)}) + "\n")
        with _opened(staged, files["html"]) as file:
            file.writelines(self._page.render(score, signature, run_plots(score)))
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
def _opened(staged: Staged, path: Path) -> Iterator[IO[str]]:
    with writing(path), staged.path(path).open("w", encoding="utf-8", errors=_ERRORS, newline="") as file:
        yield file


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", _ERRORS)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str)
