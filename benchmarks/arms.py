"""Six ways to let one small model answer the test questions, from what it makes up by itself to what it cannot.

Takes what a finished `paperqa demo` left: the model, the adapter, the data and the index. Answers are greedy, and kept:
a second run goes on where the first stopped.

Examples:
  paperqa demo
  python benchmarks/arms.py paperqa_demo                    all 240 test questions
  python benchmarks/arms.py paperqa_demo --questions 48     the first ones, which the demo asks
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from paperqa_ext import launcher
from paperqa_ext.chat.batch import RESULTS_NAME
from paperqa_ext.check import check_file
from paperqa_ext.dataset import DATASET_INFO
from paperqa_ext.markdown import table
from paperqa_ext.metrics import Rate, Score
from paperqa_ext.report.wording import format_interval, format_value

# Name of each arm, whether it has the adapter, and how it answers (`paperqa answer --mode`).
ARMS = (
    ("base", False, "free"),
    ("fine-tuned", True, "free"),
    ("base, records in the prompt", False, "retrieved"),
    ("fine-tuned, records in the prompt", True, "retrieved"),
    ("fine-tuned, constrained to the index", True, "constrained"),
    ("fine-tuned, constrained to the records found", True, "grounded"),
)
DATASET = "arxiv_paperqa_test"
COLUMNS = (
    "arm", "fabrication rate", "metadata errors", "on constraint", "recall of gold", "yield", "answer rate",
    "declined rightly", "s an answer",
)  # fmt: skip


def main() -> None:
    """Run what is left to run, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("demo", type=Path, help="directory of a finished demo")
    parser.add_argument("--questions", type=int, default=240, help="of the test set (default: all, %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="questions at once (default: %(default)s)")
    args = parser.parse_args()
    demo = args.demo.resolve()
    told = yaml.safe_load((demo / "grounded.yaml").read_text(encoding="utf-8"))
    rows = []
    for name, tuned, mode in ARMS:
        config = {key: value for key, value in told.items() if tuned or key != "adapter_name_or_path"}
        label = f"{'tuned' if tuned else 'base'}_{mode}_{args.questions}"
        rows.append([name, *answered(demo, label, config, mode, args)])
        print(" | ".join(rows[-1]), flush=True)
    print(f"\n{args.questions} questions\n\n{table(COLUMNS, rows)}")


def answered(demo: Path, label: str, config: dict[str, Any], mode: str, args: argparse.Namespace) -> list[str]:
    """The numbers of a row, from answers that are made unless they are there."""
    out = demo / "arms" / label
    index, info = demo / "data" / "index", demo / DATASET_INFO
    if not (out / RESULTS_NAME).exists():
        options = ["--output", str(out), "--index", str(index), "--mode", mode, "--dataset", DATASET]
        options += ["--limit", str(args.questions), "--batch", str(args.batch)]
        env = {"PAPERQA_DATASET_INFO": str(info), "TOKENIZERS_PARALLELISM": "false"}
        launcher.answer(config, demo, f"arm_{label}", options, total=args.questions, env=env)
    decoding = "constrained" if mode in ("constrained", "grounded") else "free"
    score = check_file(out, index, dataset=[DATASET], dataset_info=info, decoding=decoding).score
    seconds = json.loads((out / RESULTS_NAME).read_text(encoding="utf-8"))["seconds_per_answer"]
    answerable = score.only(score.groups["cell"] != "unanswerable")
    return [*map(shown, rates(score, answerable)), f"{seconds:.1f}"]


def rates(score: Score, answerable: Score) -> list[tuple[str, Rate]]:
    """Those of the table; questions without an answer count for the last one alone."""
    names = ("fabrication_rate", "metadata_error_rate", "on_constraint_precision", "gold_recall", "verified_yield")
    found = [(name, score.rates[name]) for name in names]
    return [*found, ("answer_rate", answerable.answer_rate), ("", score.correct_abstention_rate)]


def shown(named: tuple[str, Rate]) -> str:
    """A rate with its interval."""
    name, rate = named
    return f"{format_value(name, rate.value)} {format_interval(name, rate)}".strip()


if __name__ == "__main__":
    main()
