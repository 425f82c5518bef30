"""What preference training changes: a small real model is fine-tuned, sampled, trained by DPO or KTO, and asked again.

Examples:
  python benchmarks/preferences.py my_preferences                             about half an hour on 2 quiet CPU cores
  python benchmarks/preferences.py my_preferences --stage kto
  python benchmarks/preferences.py my_preferences --questions 4 --k 2 --sft-steps 2 --steps 1       whether it runs

What was finished before in the directory is kept.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from paperqa_ext import convert, launcher
from paperqa_ext.check import check_file
from paperqa_ext.convert.tokens import count_tokens
from paperqa_ext.demo.machine import probe
from paperqa_ext.demo.models import small_model
from paperqa_ext.preferences import make
from paperqa_ext.preferences.sampling import sample
from paperqa_ext.preferences.sources import find_sources

EXAMPLES = Path(__file__).parents[1] / "examples"
BATCH = 8
MAX_NEW_TOKENS = 160


@dataclass(frozen=True, slots=True)
class Run:
    """Where and with what model everything runs."""

    out: Path
    common: dict[str, Any]

    def train(self, name: str, config: dict[str, Any], steps: int) -> Path:
        """LLaMA-Factory's training, or predictions, in `out/name`; kept if they are there."""
        place = self.out / name
        if not (place / "all_results.json").exists():
            config = {**config, **self.common, "output_dir": str(place), "overwrite_output_dir": True}
            launcher.train(config, self.out, name, total=steps, env={"PAPERQA_HOOK": "0"})
        return place

    def predict(self, name: str, adapter: Path, questions: int) -> Path:
        """Greedy answers to test questions."""
        config = {
            **shipped("predict"),
            "adapter_name_or_path": str(adapter),
            "max_samples": questions,
            "max_new_tokens": MAX_NEW_TOKENS,
            "per_device_eval_batch_size": 2 * BATCH,
        }
        return self.train(name, config, -(-questions // (2 * BATCH)))


def shipped(name: str) -> dict[str, Any]:
    """A config of `examples/`."""
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="directory of everything that is made")
    parser.add_argument("--model", type=Path, help="a local model (default: SmolLM2-135M-Instruct)")
    parser.add_argument("--template", default="smollm2", help="LLaMA-Factory's template (default: %(default)s)")
    parser.add_argument("--stage", choices=("dpo", "kto"), default="dpo", help="(default: %(default)s)")
    parser.add_argument("--questions", type=int, default=32, help="sampled, and asked (default: %(default)s)")
    parser.add_argument("--k", type=int, default=4, help="answers a question (default: %(default)s)")
    parser.add_argument("--sft-steps", type=int, default=60, help="of fine-tuning (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="of preference training (default: %(default)s)")
    measure(parser.parse_args())


def measure(args: argparse.Namespace) -> None:
    """Every stage in turn."""
    out = args.out.resolve()
    info, index = out / "dataset_info.json", out / "data" / "index"
    if not info.exists():
        short = ["--no-reasons", "--max-papers", "2"]  # a small model is to learn the form, and tokens cost it time
        assert not convert.main([*short, "--output", str(out / "data"), "--dataset-info", str(info)])
    run = Run(out, common(args, out))
    training = {"per_device_train_batch_size": BATCH, "gradient_accumulation_steps": 1, "logging_steps": 1}
    training |= {"eval_dataset": None, "eval_strategy": "no", "save_strategy": "no", "load_best_model_at_end": False}
    # A small model and few steps bear more than the configs of the 4B model, here and below.
    config = {**shipped("train_qlora"), **training, "max_steps": args.sft_steps, "learning_rate": 1e-3}
    tuned = run.train("sft", config, args.sft_steps)
    before = run.predict("before", tuned, args.questions)
    made = preferences(args, run, tuned, info, index)
    config = {**shipped(f"train_{args.stage}"), **training, "max_steps": args.steps, "learning_rate": 5e-5}
    config |= {"ref_model": run.common["model_name_or_path"], "ref_model_adapters": str(tuned)}
    config |= {"adapter_name_or_path": str(tuned), "per_device_train_batch_size": BATCH // 2}
    trained = run.train(args.stage, config, args.steps)
    report(made, {"fine-tuned": before, args.stage: run.predict(f"after_{args.stage}", trained, args.questions)}, index)


def common(args: argparse.Namespace, out: Path) -> dict[str, Any]:
    """What every run is told, fitted to this machine."""
    machine = probe()
    told = {"model_name_or_path": str(args.model or small_model()), "template": args.template, "dataset_dir": str(out)}
    told |= {"cutoff_len": 1024, "bf16": machine.bf16, "bf16_full_eval": machine.bf16, "plot_loss": False}
    return told if machine.gpu else {**told, "use_cpu": True, "disable_gradient_checkpointing": True}


def preferences(args: argparse.Namespace, run: Run, tuned: Path, info: Path, index: Path) -> str:
    """Sample questions of val and make both data sets; says what they hold."""
    told = {**run.common, "adapter_name_or_path": tuned, "eval_dataset": "arxiv_paperqa_val"}
    told |= {"max_samples": args.questions, "max_new_tokens": MAX_NEW_TOKENS, "per_device_eval_batch_size": 2 * BATCH}
    told |= {"temperature": 1.0, "top_p": 0.95}
    overrides = [f"{key}={value}" for key, value in told.items()]
    list(sample(EXAMPLES / "predict.yaml", overrides, run.out / "samples", k=args.k))
    sources = find_sources([run.out / "samples"])
    made = make(sources, run.out / "data", index=index, dataset_info=info, formats=(args.stage,)).preferences
    repaired = sum(pair.chosen.repaired for pair in made.pairs)
    desirable = sum(one.desirable for one in made.judged)
    return (
        f"{made.questions} questions, answers {dict(made.grades)}; {len(made.pairs)} pairs ({repaired} repaired), "
        f"{desirable} desirable and {len(made.judged) - desirable} undesirable answers"
    )


def report(made: str, arms: dict[str, Path], index: Path) -> None:
    """Print the rates of each arm, and how long its answers are: brevity is no success."""
    print(made)
    results = {name: check_file(place, index) for name, place in arms.items()}
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
