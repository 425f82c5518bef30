"""The whole journey through the real `llamafactory-cli` and the shipped YAMLs, on a tiny random Qwen3 with 8-bit QLoRA."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from conftest import REPOSITORY, llamafactory

from paperqa_ext.metrics import RATES
from paperqa_ext.sources import SAMPLE

REPORTS = ("hallucination_report.json", "hallucination_details.jsonl", "hallucination_report.html")
PREDICT = ("max_samples=6", "max_new_tokens=12", "per_device_eval_batch_size=3", "use_cpu=true", "bf16_full_eval=false")


@dataclass(frozen=True)
class Journey:
    directory: Path
    model: Path

    @property
    def overrides(self) -> tuple[str, ...]:
        return (f"model_name_or_path={self.model}", f"dataset_dir={self.directory}")

    @property
    def adapter(self) -> Path:
        return self.directory / "adapter"

    @property
    def index(self) -> str:
        return str(self.directory / "data" / "index")


@pytest.fixture(scope="module")
def journey(tmp_path_factory, tiny_qwen3) -> Journey:
    """Converted data and a trained adapter."""
    directory = tmp_path_factory.mktemp("journey")
    pq.write_table(pq.read_table(SAMPLE)[::9], directory / "records.parquet")
    convert = [sys.executable, "-m", "paperqa_ext.convert", str(directory / "records.parquet"), "--size", "100"]
    convert += ["--test-size", "20", "--seen-size", "10", "--workers", "1"]
    convert += ["--output", str(directory / "data"), "--dataset-info", str(directory / "dataset_info.json")]
    subprocess.run(convert, check=True, cwd=REPOSITORY, capture_output=True, timeout=300)
    made = Journey(directory, tiny_qwen3)
    run = llamafactory(
        "train", "examples/train_qlora.yaml", *made.overrides, f"output_dir={made.adapter}", "use_cpu=true",
        "bf16=false", "num_train_epochs=1", "max_samples=12", "per_device_train_batch_size=2", "logging_steps=1",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    return made


def test_training_leaves_an_adapter_and_a_loss_curve(journey):
    assert (journey.adapter / "adapter_model.safetensors").exists()
    assert (journey.adapter / "training_loss.png").exists()
    losses = [json.loads(line) for line in (journey.adapter / "trainer_log.jsonl").read_text().splitlines()]
    assert any("loss" in row for row in losses)
    assert "eval_loss" in json.loads((journey.adapter / "all_results.json").read_text()) or any(
        "eval_loss" in row for row in losses
    )


@pytest.fixture(scope="module")
def predictions(journey) -> Path:
    """What plain `llamafactory-cli train examples/predict.yaml` left."""
    output = journey.directory / "predict"
    run = llamafactory(
        "train", "examples/predict.yaml", *journey.overrides, f"adapter_name_or_path={journey.adapter}",
        f"output_dir={output}", *PREDICT, PAPERQA_INDEX=journey.index,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    assert "Hallucination check:" in run.stdout + run.stderr
    return output


def test_the_hook_fires_in_plain_llamafactory_predict(predictions):
    for name in ("generated_predictions.jsonl", *REPORTS):
        assert (predictions / name).stat().st_size > 0, name
    details = [json.loads(line) for line in (predictions / REPORTS[1]).read_text().splitlines()]
    assert [row["index"] for row in details] == list(range(6))


@pytest.mark.parametrize("name", ["predict_results.json", "all_results.json"])
def test_the_rates_join_llamafactory_s_own_results(predictions, name):
    results = json.loads((predictions / name).read_text())
    assert {f"hallucination_{rate}" for rate in RATES} <= results.keys()
    assert {"predict_bleu-4", "predict_rouge-1", "predict_rouge-l"} <= results.keys()
    assert results["hallucination_answers"] == 6
    report = json.loads((predictions / REPORTS[0]).read_text())
    assert report["answers"] == 6
    assert report["fabrication_rate"]["value"] == results["hallucination_fabrication_rate"]


def test_a_failing_check_keeps_the_predictions_and_says_how_to_repeat_it(journey):
    output = journey.directory / "predict_base"
    run = llamafactory(
        "train", "examples/predict_base.yaml", *journey.overrides, f"output_dir={output}", *PREDICT,
        PAPERQA_INDEX=str(journey.directory / "no_index"),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    log = run.stdout + run.stderr
    assert "The hallucination check failed; the predictions are complete." in log
    assert f"paperqa check {output}" in log
    assert len((output / "generated_predictions.jsonl").read_text().splitlines()) == 6
    assert not (output / REPORTS[0]).exists()

    by_hand = [str(Path(sys.executable).with_name("paperqa")), "check", str(output), "--index", journey.index]
    done = subprocess.run(by_hand, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.rstrip().endswith(REPORTS[2])
    assert (output / REPORTS[0]).exists()


@pytest.mark.slow
def test_several_processes_train_with_deepspeed_and_are_checked_once(journey):
    """DeepSpeed ZeRO-2 under torchrun on two CPU processes, then predict on two."""
    pytest.importorskip("deepspeed", reason="install the extra: pip install 'paperqa-ext[deepspeed]'")
    torchrun = {"FORCE_TORCHRUN": "1", "NPROC_PER_NODE": "2", "OMP_NUM_THREADS": "1"}
    torchrun["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    adapter, output = journey.directory / "deepspeed", journey.directory / "predict_two"
    run = llamafactory(
        "train", "examples/train_qlora_multi_gpu.yaml", *journey.overrides, f"output_dir={adapter}", "use_cpu=true",
        "bf16=false", "num_train_epochs=1", "max_samples=12", "per_device_train_batch_size=2", "logging_steps=1", **torchrun,
    )  # fmt: skip
    log = run.stdout + run.stderr
    assert run.returncode == 0, log[-3000:]
    assert "world size: 2" in log
    assert "DeepSpeed" in log
    assert (adapter / "adapter_model.safetensors").exists()

    run = llamafactory(
        "train", "examples/predict.yaml", *journey.overrides, f"adapter_name_or_path={adapter}",
        f"output_dir={output}", *PREDICT, PAPERQA_INDEX=journey.index, **torchrun,
    )  # fmt: skip
    log = run.stdout + run.stderr
    assert run.returncode == 0, log[-3000:]
    assert log.count("Hallucination check:") == 1
    assert json.loads((output / REPORTS[0]).read_text())["answers"] == 6


def test_chat_answers_a_question(journey):
    command = [str(Path(sys.executable).with_name("llamafactory-cli")), "chat", "examples/infer.yaml"]
    command += [f"model_name_or_path={journey.model}", f"adapter_name_or_path={journey.adapter}", "max_new_tokens=8"]
    run = subprocess.run(
        command, input="请推荐 2022 年图神经网络的代表论文\nexit\n", cwd=REPOSITORY, capture_output=True, text=True,
        timeout=300, env={**os.environ, "HF_HUB_OFFLINE": "1"}, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    answer = run.stdout.partition("Assistant: ")[2].partition("User:")[0]
    assert len(answer) > 1  # the random model's words are no words, but it answered


def test_web_ui_starts_and_lists_our_data_sets(journey):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ui = subprocess.Popen(
        [str(Path(sys.executable).with_name("llamafactory-cli")), "webui"],
        cwd=journey.directory,  # it writes llamaboard_cache
        env={**os.environ, "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(120):
            time.sleep(1)
            assert ui.poll() is None, ui.stdout.read().decode()[-2000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
                    page = response.read().decode()
                break
            except OSError:
                continue
        else:
            pytest.fail("the web UI did not answer within two minutes")
        assert "LLaMA Factory" in page or "LLaMA Board" in page
    finally:
        os.killpg(ui.pid, signal.SIGTERM)
        ui.wait(30)


def test_committed_registry_serves_the_web_ui():
    """LlamaBoard lists the data sets of `dataset_info.json` and previews their files."""
    registry = json.loads((REPOSITORY / "dataset_info.json").read_text())
    for name in ("arxiv_paperqa_train", "arxiv_paperqa_val", "arxiv_paperqa_test"):
        assert (REPOSITORY / registry[name]["file_name"]).is_file()


def test_chat_uses_the_system_prompt_of_the_training_data():
    """`examples/infer.yaml` repeats it, since LLaMA-Factory's chat takes none from the data."""
    rows = json.loads((REPOSITORY / "data" / "arxiv_paperqa_train.json").read_text(encoding="utf-8"))
    systems = {row["system"] for row in rows if row["lang"] == "en"}
    assert systems == {yaml.safe_load((REPOSITORY / "examples" / "infer.yaml").read_text())["default_system"]}
