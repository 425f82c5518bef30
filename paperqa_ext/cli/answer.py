"""`paperqa answer`: a data set's questions answered as `paperqa chat` would, and the answers checked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..values import positive
from .chat import grounding_of, takes_model
from .index_arguments import NewParser

EXAMPLES: dict[str | None, str] = {
    "answer": """examples:
  paperqa answer examples/infer.yaml --output saves/qwen3-4b/grounded
  paperqa answer examples/infer.yaml --output saves/qwen3-4b/free --mode free --limit 48
  paperqa answer examples/infer.yaml --output mine --dataset my_questions --batch 32""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its command `answer`."""
    answer = new(commands.add_parser, "answer", help="answer a data set's questions as chat does, and check them")
    takes_model(answer)
    answer.add_argument("--output", type=Path, required=True, metavar="DIR", help="for the answers and their report")
    answer.add_argument("--dataset", default="arxiv_paperqa_test", metavar="NAME", help="(default: %(default)s)")
    answer.add_argument("--limit", type=positive, metavar="N", help="questions (default: all)")
    answer.add_argument(
        "--batch", type=positive, default=8, metavar="N", help="questions at once (default: %(default)s)"
    )
    answer.set_defaults(run=_answer)


def _answer(args: argparse.Namespace) -> None:
    from ..asked import read_asked
    from ..chat.batch import answer_all
    from ..chat.model import load
    from ..check import check_file
    from ..report import summary
    from ..settings import load_settings

    settings = load_settings(args.config)
    asked = read_asked(settings.dataset_info, [args.dataset])[: args.limit]
    grounding = grounding_of(args)
    model = load(args.config, args.overrides, grounding)
    made = {"config": args.config, "overrides": args.overrides, "mode": grounding.mode, "index": grounding.index.path}
    done = answer_all(model, asked, args.output, settings={**made, "dataset": args.dataset}, batch=args.batch)
    result = check_file(
        done.predictions,
        grounding.index.path,
        dataset=[args.dataset],
        dataset_info=settings.dataset_info,
        decoding="constrained" if grounding.constrained else "free",
    )
    print(f"{summary(result.score)}\n\n{done.seconds / len(asked):.2f} s an answer. Report: {result.files['html']}")
