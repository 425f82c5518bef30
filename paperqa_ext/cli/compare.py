"""`paperqa compare`: checked runs on the same questions, side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..values import positive
from .index_arguments import NewParser

EXAMPLES: dict[str | None, str] = {
    "compare": """examples:
  paperqa compare saves/base/predict saves/qwen3-4b/predict
  paperqa compare saves/base/predict saves/predict/checkpoint-*     every checkpoint against the base model
  paperqa compare saves/predict --log saves/qwen3-4b/qlora/trainer_log.jsonl

The runs are checked before, with one index: paperqa check saves/base/predict saves/qwen3-4b/predict""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its command `compare`."""
    parser = new(commands.add_parser, "compare", help="compare checked runs on the same questions")
    parser.add_argument(
        "paths",
        metavar="REPORT_OR_DIR",
        nargs="+",
        type=Path,
        help="reports, directories with one or above several; the first is the baseline",
    )
    parser.add_argument("--log", metavar="FILE", type=Path, help="trainer_log.jsonl of the training, for its loss")
    parser.add_argument("--resamples", type=positive, metavar="N", help="bootstrap samples (default: 2000)")
    parser.add_argument("--output", metavar="DIR", type=Path, help="directory for the page (default: above all runs)")
    parser.set_defaults(run=_compare)


def _compare(args: argparse.Namespace) -> None:
    from ..compare import compare, find_runs
    from ..report import write_comparison
    from ..report.differences import comparison_text, write_numbers
    from ..settings import load_settings

    runs = find_runs(args.paths)
    resamples = args.resamples or load_settings(args.paths[0]).resamples
    comparison = compare(runs, resamples=resamples, log=args.log)
    print(comparison_text(comparison))
    directory = args.output or comparison.directory
    page = write_comparison(directory / "hallucination_comparison.html", comparison)
    numbers = directory / "hallucination_comparison.json"
    write_numbers(numbers, comparison)
    print(f"\nReport: {page}\nNumbers: {numbers}")
