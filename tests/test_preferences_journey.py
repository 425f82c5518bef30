"""From samples to a trained adapter through the real `llamafactory-cli`, on a tiny random Qwen3."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import REPOSITORY, llamafactory
from test_pairs import FAKE, PAPERS, example, listed, real, write_samples

from paperqa_ext.dataset import Publication
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.preferences.sampling import parts

TRAIN = ("use_cpu=true", "bf16=false", "max_steps=2", "per_device_train_batch_size=1", "gradient_accumulation_steps=1",
         "logging_steps=1")  # fmt: skip
SAMPLE = (
    "eval_dataset=arxiv_paperqa_train",
    "max_samples=3",
    "max_new_tokens=6",
    "use_cpu=true",
    "bf16_full_eval=false",
)


def paperqa(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("paperqa")), *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=3000, check=False)


@dataclass(frozen=True)
class Place:
    """Registered questions, an index, samples that are worth pairing, and a model with an adapter."""

    directory: Path
    model: Path

    @property
    def adapter(self) -> Path:
        return self.directory / "adapter"

    @property
    def overrides(self) -> tuple[str, ...]:
        return (
            f"model_name_or_path={self.model}", f"adapter_name_or_path={self.adapter}", f"dataset_dir={self.directory}",
        )  # fmt: skip

    @property
    def registered(self) -> tuple[object, ...]:
        return "--dataset-info", self.directory / "dataset_info.json", "--index", self.directory / "index"


@pytest.fixture(scope="module")
def place(tmp_path_factory, tiny_qwen3) -> Place:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    directory = tmp_path_factory.mktemp("preferences")
    with Publication(directory / "data", directory / "dataset_info.json") as publication:
        for number in range(6):
            publication.split("train").write(example(number))
        publication.commit()
    (directory / "index").mkdir()
    write_searchable(PAPERS, directory / "index")
    (directory / "runs").mkdir()
    write_samples(directory / "runs" / "a.jsonl", 6, [listed(*real(0, 1)), listed(*FAKE)])
    write_samples(directory / "runs" / "b.jsonl", 6, [listed(*real(1), FAKE[0])])
    made = Place(directory, tiny_qwen3)
    # Random, not zero as before a training, so that the base without its adapter is another model.
    settings = LoraConfig(
        r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
    )
    get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_qwen3), settings).save_pretrained(made.adapter)
    return made


@pytest.mark.slow
def test_samples_differ_and_finished_ones_are_kept(place):
    output = place.directory / "samples"
    command = ("sample", "examples/predict.yaml", *place.overrides, *SAMPLE, "--output", output, "--k")
    first = paperqa(*command, 1)
    assert first.returncode == 0, first.stderr[-3000:]
    written = (output / "sample-0" / "generated_predictions.jsonl").stat()

    second = paperqa(*command, 2)
    assert second.returncode == 0, second.stderr[-3000:]
    assert second.stdout.splitlines() == [
        f"{output}/sample-0 (done before, kept)", f"{output}/sample-1", f"next: paperqa pairs {output}",
    ]  # fmt: skip
    assert (output / "sample-0" / "generated_predictions.jsonl").stat() == written
    one, other = ([json.loads(line) for line in file.read_text().splitlines()] for file in parts(output))
    assert len(one) == len(other) == 3
    assert [row["prompt"] for row in one] == [row["prompt"] for row in other]
    assert [row["predict"] for row in one] != [row["predict"] for row in other]
    assert not (output / "sample-0" / "hallucination_report.json").exists()  # that is what `paperqa pairs` is for

    changed = paperqa(*command, 2, "top_k=5")
    assert changed.returncode == 1
    assert "sampled with another top_k" in changed.stderr
    pairs = paperqa("pairs", output, *place.registered, "--output", place.directory / "nothing")
    assert pairs.returncode == 1  # a random model cites nothing
    assert "no pair in 3 questions" in pairs.stderr
    assert not (place.directory / "nothing").exists()


@pytest.fixture(scope="module")
def published(place) -> Place:
    run = paperqa(
        "pairs", place.directory / "runs", "--dataset", "arxiv_paperqa_train", *place.registered,
        "--output", place.directory / "data",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "arxiv_paperqa_dpo: 6 pairs, 3 with a repaired answer" in run.stdout
    assert "arxiv_paperqa_kto: 6 desirable, 9 undesirable answers" in run.stdout
    return place


@pytest.mark.slow
@pytest.mark.parametrize("config", ["examples/train_dpo.yaml", "examples/train_kto.yaml"])
def test_shipped_config_trains_on_from_the_adapter(published, config):
    output = published.directory / Path(config).stem
    run = llamafactory(
        "train", config, *published.overrides, f"output_dir={output}", *TRAIN,
        f"ref_model={published.model}", f"ref_model_adapters={published.adapter}",
    )  # fmt: skip
    log = run.stdout + run.stderr
    assert run.returncode == 0, log[-3000:]
    assert "Created reference model" in log
    assert (output / "adapter_model.safetensors").read_bytes() != (
        published.adapter / "adapter_model.safetensors"
    ).read_bytes()
    first = json.loads((output / "trainer_state.json").read_text())["log_history"][0]
    assert first["loss"] > 0
    assert abs(first.get("rewards/chosen", 0.0)) < 0.05  # before the first step the model is its reference
