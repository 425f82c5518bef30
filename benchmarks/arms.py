"""Six ways to let one small model answer the test questions, from what it makes up by itself to what it cannot.

Takes what a finished `paperqa demo` left: its three arms, to which three more are added, with its model, adapter, data,
index and questions. Answers are kept: a second run goes on where the first stopped.

Examples:
  paperqa demo
  python benchmarks/arms.py paperqa_demo
  python benchmarks/arms.py paperqa_demo --questions 240 --arms grounded      one way, more questions
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
from paperqa_ext.demo import ARMS as IN_DEMO
from paperqa_ext.demo import PREDICT_BATCH
from paperqa_ext.markdown import table
from paperqa_ext.metrics import Rate, Score
from paperqa_ext.report.wording import format_interval, format_value

BASE, TUNED, GROUNDED = IN_DEMO
# What each arm is, its directory in the demo's, whether it has the adapter, and how it answers.
ARMS = (
    ("base", BASE, False, "free"),
    ("fine-tuned", TUNED, True, "free"),
    ("base, records in the prompt", "base-retrieved", False, "retrieved"),
    ("fine-tuned, records in the prompt", "tuned-retrieved", True, "retrieved"),
    ("fine-tuned, constrained to the index", "tuned-constrained", True, "constrained"),
    ("fine-tuned, constrained to the records found", GROUNDED, True, "grounded"),
)
DATASET = "arxiv_paperqa_test"
COLUMNS = (
    "arm", "fabrication rate", "metadata errors", "on constraint", "recall of gold", "yield", "answer rate",
    "declined rightly", "s an answer",
)  # fmt: skip


def main() -> None:
    """Run what is left to run, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    places = [place for _, place, _, _ in ARMS]
    parser.add_argument("demo", type=Path, help="directory of a finished demo")
    parser.add_argument("--questions", type=int, metavar="N", help="ask so many (default: those of the demo)")
    parser.add_argument("--arms", nargs="+", choices=places, default=places, metavar="ARM",
        help=f"leave out the others of {', '.join(places)}")  # fmt: skip
    args = parser.parse_args()
    demo = args.demo.resolve()
    with (demo / BASE / "generated_predictions.jsonl").open(encoding="utf-8") as file:
        asked = sum(1 for _ in file)
    questions = args.questions or asked
    rows = []
    for name, arm, tuned, mode in ARMS:
        if arm not in args.arms:
            continue
        place = arm if questions == asked else f"{arm}-{questions}"
        if place not in IN_DEMO:
            answer(demo, place, tuned, mode, questions)
        rows.append([name, *numbers(demo, demo / place, mode)])
        print(" | ".join(rows[-1]), flush=True)
    print(f"\n{questions} questions\n\n{table(COLUMNS, rows)}")


def answer(demo: Path, place: str, tuned: bool, mode: str, questions: int) -> None:
    """`paperqa answer`, told what the demo told it; kept if it was done before."""
    if (demo / place / RESULTS_NAME).exists():
        return
    told = yaml.safe_load((demo / f"{GROUNDED}.yaml").read_text(encoding="utf-8"))
    config = {key: value for key, value in told.items() if tuned or key != "adapter_name_or_path"}
    options = ["--output", place, "--index", str(demo / "data" / "index"), "--mode", mode, "--dataset", DATASET]
    options += ["--limit", str(questions), "--batch", str(PREDICT_BATCH)]
    env = {"PAPERQA_DATASET_INFO": str(demo / DATASET_INFO), "TOKENIZERS_PARALLELISM": "false"}
    launcher.answer(config, demo, place, options, total=questions, env=env)


def numbers(demo: Path, place: Path, mode: str) -> list[str]:
    """The numbers of a row."""
    decoding = "constrained" if mode in ("constrained", "grounded") else "free"
    info, index = demo / DATASET_INFO, demo / "data" / "index"
    score = check_file(place, index, dataset=[DATASET], dataset_info=info, decoding=decoding).score
    answerable = score.only(score.groups["cell"] != "unanswerable")
    return [*map(shown, rates(score, answerable)), f"{seconds(place, score.answers):.1f}"]


def rates(score: Score, answerable: Score) -> list[tuple[str, Rate]]:
    """Those of the table; questions without an answer count for the last one alone."""
    names = ("fabrication_rate", "metadata_error_rate", "on_constraint_precision", "gold_recall", "verified_yield")
    found = [(name, score.rates[name]) for name in names]
    return [*found, ("answer_rate", answerable.answer_rate), ("", score.correct_abstention_rate)]


def seconds(place: Path, answers: int) -> float:
    """What an answer took, many at a time."""
    if (place / RESULTS_NAME).exists():
        return read(place / RESULTS_NAME)["seconds_per_answer"]
    return read(place / "predict_results.json")["predict_runtime"] / answers


def read(path: Path) -> dict[str, Any]:
    """A file of numbers."""
    return json.loads(path.read_text(encoding="utf-8"))


def shown(named: tuple[str, Rate]) -> str:
    """A rate with its interval."""
    name, rate = named
    return f"{format_value(name, rate.value)} {format_interval(name, rate)}".strip()


if __name__ == "__main__":
    main()
