"""What preference training changes: the demo's fine-tuned model is sampled, trained by DPO or KTO, and asked again.

Takes what a finished `paperqa demo` left. Questions to sample are those of val, questions to measure those of the demo.
What was finished before is kept.

Examples:
  paperqa demo
  python benchmarks/preferences.py paperqa_demo                                about 20 minutes on 2 quiet CPU cores
  python benchmarks/preferences.py paperqa_demo --stage kto
  python benchmarks/preferences.py paperqa_demo --questions 4 --k 2 --steps 1  whether it runs
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import yaml

from paperqa_ext import launcher
from paperqa_ext.check import check_file
from paperqa_ext.convert.tokens import count_tokens
from paperqa_ext.dataset import DATASET_INFO
from paperqa_ext.preferences import make
from paperqa_ext.preferences.sampling import sample
from paperqa_ext.preferences.sources import find_sources

EXAMPLES = Path(__file__).parents[1] / "examples"
INDEX = Path("data") / "index"
PAIRS = 4  # a step
# Of the demo's fine-tuning: the model, and what makes it fast on its machine.
_MACHINE = (
    "model_name_or_path", "template", "cutoff_len", "dataset_dir", "use_cpu", "bf16", "disable_gradient_checkpointing",
    "flash_attn",
)  # fmt: skip


def main() -> None:
    """Run what is left to run, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("demo", type=Path, help="directory of a finished demo")
    parser.add_argument("--stage", choices=("dpo", "kto"), default="dpo", help="(default: %(default)s)")
    parser.add_argument("--questions", type=int, default=48, help="to sample (default: %(default)s)")
    parser.add_argument("--k", type=int, default=4, help="answers a question (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=10, help=f"of {PAIRS} rows (default: %(default)s)")
    args = parser.parse_args()
    os.chdir(args.demo)  # from where the paths in the demo's configs count
    print(preferences(args), flush=True)
    run(args.stage, training(args), args.steps)
    after = f"after_{args.stage}"
    config = {**read("fine-tuned.yaml"), "adapter_name_or_path": args.stage}
    run(after, config, -(-config["max_samples"] // config["per_device_eval_batch_size"]))
    report(["fine-tuned", after])


def read(path: Path | str) -> dict[str, Any]:
    """A config of LLaMA-Factory."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def run(name: str, config: dict[str, Any], total: int) -> None:
    """LLaMA-Factory's training, or predictions, in the directory `name`; kept if they are there."""
    if not (Path(name) / "all_results.json").exists():
        config = {**config, "output_dir": name, "overwrite_output_dir": True}
        launcher.train(config, Path(), name, total=total, env={"PAPERQA_HOOK": "0"})


def training(args: argparse.Namespace) -> dict[str, Any]:
    """The shipped config, for the demo's model."""
    tuned = read("adapter.yaml")
    config = read(EXAMPLES / f"train_{args.stage}.yaml") | {key: tuned[key] for key in _MACHINE if key in tuned}
    config |= {"adapter_name_or_path": "adapter", "ref_model": tuned["model_name_or_path"]}
    config |= {"ref_model_adapters": "adapter", "max_steps": args.steps, "logging_steps": 1, "save_strategy": "no"}
    # A small model and few steps bear more than the config of the 4B model.
    return config | {"learning_rate": 5e-5, "per_device_train_batch_size": PAIRS, "gradient_accumulation_steps": 1}


def preferences(args: argparse.Namespace) -> str:
    """Sample questions of val and make the data set; says what it holds."""
    told = {"eval_dataset": "arxiv_paperqa_val", "max_samples": args.questions, "temperature": 1.0, "top_p": 0.95}
    samples = Path(f"samples_{args.questions}")
    list(sample(Path("fine-tuned.yaml"), [f"{key}={value}" for key, value in told.items()], samples, k=args.k))
    made = make(
        find_sources([samples]), Path("data"), index=INDEX, dataset_info=DATASET_INFO, formats=[args.stage]
    ).preferences
    repaired = sum(pair.chosen.repaired for pair in made.pairs)
    desirable = sum(one.desirable for one in made.judged)
    return (
        f"{made.questions} questions, answers {dict(made.grades)}; {len(made.pairs)} pairs ({repaired} repaired), "
        f"{desirable} desirable and {len(made.judged) - desirable} undesirable answers"
    )


def report(names: list[str]) -> None:
    """Print the rates of each arm, and how long its answers are: brevity is no success."""
    results = {name: check_file(Path(name), INDEX, dataset_info=DATASET_INFO) for name in names}
    print(f"{'':24}" + "".join(f"{name:>28}" for name in results))
    for name in ("fabrication_rate", "any_fake_rate", "verified_yield", "citations_per_answer", "answer_rate"):
        print(f"{name:24}" + "".join(f"{shown(result.score.rates[name]):>28}" for result in results.values()))
    tokens = [[count_tokens(answer.predict) for answer in result.answers()] for result in results.values()]
    print(f"{'tokens an answer':24}" + "".join(f"{sum(own) / len(own):>28.1f}" for own in tokens))


def shown(rate: Any) -> str:
    """A rate with its interval."""
    return "undefined" if rate.value is None else f"{rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


if __name__ == "__main__":
    main()
