"""`paperqa sample` and `paperqa pairs`: several answers a question, and what they teach."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..engine import ENGINES
from ..values import positive
from .index_arguments import NewParser

EXAMPLES: dict[str | None, str] = {
    "sample": """examples:
  paperqa sample examples/predict.yaml eval_dataset=arxiv_paperqa_train --output saves/qwen3-4b/samples
  paperqa sample examples/predict.yaml eval_dataset=arxiv_paperqa_val max_samples=100 temperature=1.0 \\
      --k 4 --output my_samples                 run it again to go on where it was stopped""",
    "pairs": """examples:
  paperqa pairs saves/qwen3-4b/samples
  paperqa pairs my_samples --index my_index --only dpo
  paperqa pairs vllm/seed-*.jsonl --dataset arxiv_paperqa_train     sampled by scripts/vllm_infer.py""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its commands `sample` and `pairs`."""
    sample = new(commands.add_parser, "sample", help="let LLaMA-Factory answer each question several times")
    sample.add_argument("config", metavar="CONFIG.yaml", type=Path, help="a predict config of LLaMA-Factory")
    sample.add_argument("overrides", metavar="key=value", nargs="*", help="what to change in it")
    sample.add_argument("--k", type=positive, default=8, metavar="N", help="answers a question (default: %(default)s)")
    sample.add_argument("--output", type=Path, required=True, metavar="DIR", help="directory of the answers")
    sample.add_argument("--seed", type=int, default=0, help="of the first answers (default: %(default)s)")
    sample.set_defaults(run=_sample)

    pairs = new(commands.add_parser, "pairs", help="check sampled answers and make DPO and KTO data of them")
    pairs.add_argument(
        "paths", metavar="DIR", nargs="+", type=Path, help="what `paperqa sample` made, or predictions with --dataset"
    )
    pairs.add_argument("--index", type=Path, default=Path("data/index"), help="reference index (default: %(default)s)")
    pairs.add_argument("--output", type=Path, default=Path("data"), help="where to write (default: %(default)s)")
    pairs.add_argument(
        "--dataset-info",
        type=Path,
        default=Path("dataset_info.json"),
        metavar="FILE",
        help="where to register it (default: %(default)s)",
    )
    pairs.add_argument(
        "--dataset", action="append", default=[], metavar="NAME", help="data set that the predictions answer"
    )
    pairs.add_argument("--only", choices=("dpo", "kto"), help="make only this data set")
    pairs.add_argument("--no-repair", dest="repair", action="store_false", help="use the model's own answers only")
    pairs.add_argument(
        "--max-ratio",
        type=_ratio,
        metavar="R",
        help="longer to shorter answer of a pair, in tokens (default: 1.25)",
    )
    pairs.add_argument("--engine", choices=ENGINES, default="local", help="where to check (default: %(default)s)")
    pairs.add_argument(
        "--workers", type=positive, metavar="N", help="processes of the local engine (default: the cores)"
    )
    pairs.set_defaults(run=_pairs)


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 1 <= ratio < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return ratio


def _sample(args: argparse.Namespace) -> None:
    from ..preferences.sampling import sample

    for part, kept in sample(args.config, args.overrides, args.output, k=args.k, seed=args.seed):
        print(f"{part}{' (done before, kept)' if kept else ''}", flush=True)
    print(f"next: paperqa pairs {args.output}")


def _pairs(args: argparse.Namespace) -> None:
    from ..dataset.registry import DATASET_INFO, dataset_name
    from ..engine import open_engine
    from ..preferences import FORMATS, make
    from ..preferences.card import CARD_NAME
    from ..preferences.matching import MAX_RATIO
    from ..preferences.sources import find_sources

    formats = (args.only,) if args.only else FORMATS
    sources = find_sources(args.paths, args.dataset_info, args.dataset)
    with open_engine(args.engine, args.workers) as engine:
        made = make(
            sources,
            args.output,
            index=args.index,
            dataset_info=args.dataset_info,
            formats=formats,
            repair=args.repair,
            max_ratio=args.max_ratio or MAX_RATIO,
            engine=engine,
            progress=True,
        ).preferences
    desirable = sum(one.desirable for one in made.judged)
    answers, clean, fabricated = sum(made.grades.values()), made.grades["clean"], made.grades["fabricated"]
    print(f"{made.questions:,} questions, {answers:,} answers: {clean:,} clean, {fabricated:,} with fabrications")
    if "dpo" in formats:
        repaired = sum(pair.chosen.repaired for pair in made.pairs)
        print(f"{dataset_name('dpo')}: {len(made.pairs):,} pairs, {repaired:,} with a repaired answer")
    if "kto" in formats:
        print(f"{dataset_name('kto')}: {desirable:,} desirable, {len(made.judged) - desirable:,} undesirable answers")
    print(f"written to {args.output} and registered in {args.dataset_info}; about them: {args.output / CARD_NAME}")
    where = "" if args.dataset_info == DATASET_INFO else f" dataset_dir={args.dataset_info.parent}"
    print(f"next: llamafactory-cli train examples/train_{formats[0]}.yaml{where}")
