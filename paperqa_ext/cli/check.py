"""`paperqa check`: the citations in predictions, checked."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine import ENGINES
from ..errors import PaperQAError
from ..values import names, positive, share
from .index_arguments import NewParser

if TYPE_CHECKING:
    from ..check import Result

EXAMPLES: dict[str | None, str] = {
    "check": """examples:
  paperqa check saves/qwen3-4b/predict
  paperqa check generated_predictions.jsonl --index my_index --output reports
  paperqa check 'answers/*.jsonl.gz' --field response      JSONL of any kind: say which key holds the answers
  paperqa check batch_output.jsonl --fail-over 0.05        OpenAI's batch output; for CI: exits with 1 above 5%
  paperqa check --watch saves/qwen3-4b                     follows a training and its predictions
  paperqa check saves --engine ray                         every predictions file below, on a Ray cluster

Defaults come from paperqa.yaml, searched upward from the first FILE_OR_DIR, and from PAPERQA_* variables.
Exit code: 0; 1 for an error, or a fabrication rate above --fail-over; 2 for wrong usage.""",
}

_SETTINGS = {"index", "dataset", "dataset_info", "resamples", "fail_over"}  # that options of the same name replace


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its command `check`."""
    check = new(commands.add_parser, "check", help="check the citations in a model's predictions")
    check.add_argument(
        "paths",
        metavar="FILE_OR_DIR",
        nargs="+",
        type=Path,
        help="predictions, directories with them or above them, or patterns; each file may be .gz",
    )
    check.add_argument("--index", type=Path, help="reference index (default: data/index)")
    check.add_argument("--output", type=Path, help="directory for the reports (default: beside the predictions)")
    check.add_argument(
        "--dataset", type=names, metavar="NAMES", help="whose questions were answered (default: the one that fits)"
    )
    check.add_argument(
        "--dataset-info", type=Path, metavar="FILE", help="that registers it (default: dataset_info.json)"
    )
    check.add_argument("--field", metavar="NAME", help="key of the answers (default: that of LLaMA-Factory or OpenAI)")
    check.add_argument("--fail-over", type=share, metavar="RATE", help="exit with 1 above this fabrication rate")
    check.add_argument(
        "--resamples", type=positive, metavar="N", help="bootstrap samples of the intervals (default: 2000)"
    )
    check.add_argument("--engine", choices=ENGINES, default="local", help="where to work (default: %(default)s)")
    check.add_argument(
        "--workers", type=positive, metavar="N", help="processes of the local engine (default: the cores)"
    )
    check.add_argument("--watch", action="store_true", help="go on with what appears or changes there, until Ctrl-C")
    check.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> int:
    from ..check import check_paths
    from ..engine import open_engine
    from ..limits import over_limit
    from ..report import Arm, comparison_table, summary
    from ..settings import load_settings
    from ..watch import watch

    if args.watch and args.output:
        raise PaperQAError("reports lie beside what is watched", field="--output", remedy="Leave it or --watch out.")
    settings = load_settings(args.paths[0])
    given = {key: value for key, value in vars(args).items() if value is not None}
    settings = replace(settings, **{key: given[key] for key in _SETTINGS & given.keys()})
    arms, over = [], False
    with open_engine(args.engine, args.workers) as engine:
        how: dict[str, Any] = {
            "dataset": settings.dataset,
            "dataset_info": settings.dataset_info,
            "field": args.field,
            "resamples": settings.resamples,
            "engine": engine,
        }
        found: Iterable[tuple[str, Result | PaperQAError]] = (
            watch(args.paths, settings.index, **how)
            if args.watch
            else check_paths(args.paths, settings.index, args.output, progress=True, **how)
        )
        for name, result in found:
            if isinstance(result, PaperQAError):
                print(f"paperqa: {result}", file=sys.stderr)
                continue
            print(f"{summary(result.score)}\n\nReport: {result.files['html']}\n", flush=True)
            arms.append(Arm(name, result.score, ()))
            if (sentence := over_limit(result.score, settings.fail_over)) is not None:
                print(f"paperqa: {result.predictions}: {sentence}", file=sys.stderr)
                over = True
    if len(arms) > 1:
        print(comparison_table(arms))
    return 1 if over else 0
