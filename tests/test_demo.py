"""`paperqa demo` end to end, on the tiny model and on the real small one. test_journey.py runs what it is made of."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import REPOSITORY

from paperqa_ext.demo import ARMS

# Heads of the columns; all but the first may break over two lines.
COLUMNS = ["fabrication rate", "any-fake", "metadata", "verified", "answer", "BLEU-4", "ROUGE-1", "ROUGE-2", "ROUGE-L"]


def demo(*arguments):
    command = [str(Path(sys.executable).with_name("paperqa")), "demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=3000, check=False)


def check_output(run, out):
    assert run.returncode == 0, run.stderr[-3000:]
    report = Path(run.stdout.splitlines()[-1])
    assert report == out / "report.html"
    assert report.stat().st_size > 20_000
    HTMLParser().feed(report.read_text(encoding="utf-8"))
    for column in COLUMNS:
        assert column in run.stdout
    assert [line.split()[0] for line in run.stdout.splitlines() if re.match(r"(base|fine-tuned|grounded) ", line)] == [
        *ARMS
    ]
    for arm in ARMS[:2]:
        results = json.loads((out / arm / "predict_results.json").read_text())
        assert "hallucination_verified_yield" in results  # by the hook
        assert (out / arm / "hallucination_report.html").exists()
    grounded = json.loads((out / ARMS[2] / "hallucination_report.json").read_text())
    assert grounded["fabrication_rate"]["value"] in (0.0, None)
    assert (out / "adapter" / "training_loss.png").exists()
    assert "quantization_bit: 8" in (out / "adapter.yaml").read_text()


@pytest.mark.slow
def test_a_journey_its_resumption_and_a_stage_that_fails(tmp_path, tiny_qwen3):
    out = tmp_path / "demo"
    settings = ("--out", out, "--model", tiny_qwen3, "--template", "qwen3_nothink", "--steps", 2, "--questions", 4)
    first = demo(*settings)
    check_output(first, out)

    # As after a kill before the last stage: what was finished is kept.
    (out / "report.html").unlink()
    written = {path: path.stat().st_mtime_ns for path in out.glob("*/*.json*")}
    second = demo(*settings)
    check_output(second, out)
    assert second.stdout.count("done before, kept") == 5
    assert {path: path.stat().st_mtime_ns for path in written if "hallucination" not in path.name} == {
        path: time for path, time in written.items() if "hallucination" not in path.name
    }

    model = tmp_path / "no_model"
    model.mkdir()
    failed = demo("--out", out, "--model", model, "--steps", 2, "--questions", 4)
    assert failed.returncode == 1
    assert failed.stdout.count("done before, kept") == 1  # the conversion
    assert "llamafactory-cli train base.yaml failed" in failed.stderr
    assert str(out / "logs" / "base.log") in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.fixture(scope="module")
def real_demo(tmp_path_factory):
    """Directory of a demo with the small real model, and what it printed."""
    out = tmp_path_factory.mktemp("real") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAPERQA_CACHE", str(out.with_name("cache")))
        run = demo("--out", out, "--steps", 24, "--questions", 16)
    assert (out.with_name("cache") / "SmolLM2-135M-Instruct" / "model.safetensors").exists()
    return out, run


@pytest.mark.slow
def test_real_small_model(real_demo):
    check_output(*reversed(real_demo))


def measured(script, out, *arguments):
    command = [sys.executable, REPOSITORY / "benchmarks" / script, out, *arguments]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=3000, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout


@pytest.mark.slow
def test_six_arms_of_the_real_model(real_demo):
    rows = [line.split(" | ") for line in measured("arms.py", real_demo[0]).splitlines()]
    arms = {row[0].strip("| "): row[1:] for row in rows if len(row) == 9}
    assert len(arms) == 6 + 2  # with head and rule
    assert arms["fine-tuned, constrained to the records found"][0].startswith("0.0%")
    assert arms["fine-tuned, constrained to the index"][0].startswith("0.0%")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dpo", "kto"])
def test_real_model_before_and_after_preference_training(real_demo, stage):
    out = measured("preferences.py", real_demo[0], "--stage", stage, "--questions", 16, "--k", 3, "--steps", 2)
    lines = [line for line in out.splitlines() if line.strip()]
    assert lines[1].split() == ["fine-tuned", f"after_{stage}"]
    assert {line.split()[0] for line in lines[2:]} >= {"fabrication_rate", "verified_yield", "tokens"}
