"""`paperqa check`: the citations in predictions, checked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..engine import ENGINES
from ..values import positive
from .index_arguments import NewParser

EXAMPLES: dict[str | None, str] = {
    "check": """examples:
  paperqa check saves/qwen3-4b/predict
  paperqa check generated_predictions.jsonl --index my_index --output reports
  paperqa check saves --engine ray              every predictions file below, on a Ray cluster""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its command `check`."""
    check = new(commands.add_parser, "check", help="check the citations in LLaMA-Factory's predictions")
    check.add_argument(
        "paths", metavar="FILE_OR_DIR", nargs="+", type=Path, help="predictions, or directories with them or above them"
    )
    check.add_argument("--index", type=Path, default=Path("data/index"), help="reference index (default: %(default)s)")
    check.add_argument("--output", type=Path, help="directory for the reports (default: beside the predictions)")
    check.add_argument("--engine", choices=ENGINES, default="local", help="where to work (default: %(default)s)")
    check.add_argument(
        "--workers", type=positive, metavar="N", help="processes of the local engine (default: the cores)"
    )
    check.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> None:
    from ..check import check_paths
    from ..engine import open_engine
    from ..report import Arm, comparison_table, summary

    arms = []
    with open_engine(args.engine, args.workers) as engine:
        for name, result in check_paths(args.paths, args.index, args.output, engine=engine, progress=True):
            print(f"{summary(result.score)}\n\nReport: {result.files['html']}\n", flush=True)
            arms.append(Arm(name, result.score, ()))
    if len(arms) > 1:
        print(comparison_table(arms))
