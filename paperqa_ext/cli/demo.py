"""`paperqa demo`: the whole journey on bundled data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..values import positive
from .index_arguments import NewParser

EXAMPLES: dict[str | None, str] = {
    "demo": """examples:
  paperqa demo                                  about 15 minutes on 2 CPU cores
  paperqa demo --steps 20 --questions 16        a quick look
  paperqa demo --model Qwen/Qwen3-0.6B --out qwen_demo""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its command `demo`."""
    demo = new(commands.add_parser, "demo", help="the whole journey on bundled data and a small model")
    demo.add_argument("--out", type=Path, default=Path("paperqa_demo"), help="where (default: %(default)s)")
    demo.add_argument("--steps", type=positive, help="training steps of 8 rows (default: fit 6 minutes, at most 120)")
    demo.add_argument("--questions", type=positive, default=48, help="test questions (default: %(default)s)")
    demo.add_argument("--model", help="local path or hub id (default: SmolLM2-135M-Instruct, fetched once)")
    demo.add_argument("--template", help="LLaMA-Factory's chat template for --model (default: by its name)")
    demo.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    demo.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> None:
    from .. import demo

    print(
        demo.run(
            demo.Settings(
                out=args.out,
                model=args.model,
                template=args.template,
                steps=args.steps,
                questions=args.questions,
                seed=args.seed,
            )
        )
    )
