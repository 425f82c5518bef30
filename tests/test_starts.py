"""Every way of starting LLaMA-Factory: its predictions are checked, once. Each way is the real one, on a tiny Qwen3."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUESTIONS = 6
CHECKED = "Hallucination check:"
BINARIES = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",  # where a machine asks for tokens, the cluster of a test needs none
}
LIMIT = 900  # seconds of a run


@pytest.fixture
def place(tmp_path, index) -> Path:
    """A directory with a data set and settings, as a user has them."""
    row = {"input": "", "output": "None.", "lang": "en"}
    rows = [{"instruction": f"Recommend paper {n}.", **row} for n in range(QUESTIONS)]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "dataset_info.json").write_text(json.dumps({"questions": {"file_name": "rows.json"}}))
    (tmp_path / "paperqa.yaml").write_text(f"index: {index.path}\n")
    return tmp_path


def arguments(place: Path, model: Path, config: str = "predict_base", **more: object) -> list[str]:
    given = {
        "model_name_or_path": model, "eval_dataset": "questions", "output_dir": place / "out", "max_new_tokens": 8,
        "per_device_eval_batch_size": 3, "use_cpu": "true", "quantization_bit": "null", **more,
    }  # fmt: skip
    return [str(REPOSITORY / "examples" / f"{config}.yaml"), *(f"{key}={value}" for key, value in given.items())]


@contextmanager
def started(
    *command: str | Path, cwd: Path, stdout: int = subprocess.PIPE, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """A program with all it starts, ended with the block or after `LIMIT` seconds."""
    process = subprocess.Popen(
        [str(BINARIES / command[0]), *map(str, command[1:])], cwd=cwd, env={**ENVIRONMENT, **variables},
        stdout=stdout, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    end = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
    end.start()
    try:
        yield process
    finally:
        end.cancel()
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        if process.stdout:
            process.stdout.close()


def assert_checked_once(place: Path, log: str, output: str = "out") -> None:
    # Ray shows a line twice where two of its nodes share a machine.
    assert len({line for line in log.splitlines() if CHECKED in line}) == 1, log[-3000:]
    report = json.loads((place / output / "hallucination_report.json").read_text())
    assert report["answers"] == report["alignment"]["answers"] == QUESTIONS
    assert json.loads((place / output / "predict_results.json").read_text())["hallucination_answers"] == QUESTIONS


def test_deepspeed_trains_and_predicts_in_one_run(place, tiny_qwen3):
    """Under torchrun, on two processes."""
    pytest.importorskip("deepspeed", reason="install the extra: pip install 'paperqa-ext[deepspeed]'")
    run = arguments(
        place, tiny_qwen3, "train_qlora_multi_gpu", dataset="questions", max_steps=1, per_device_train_batch_size=2,
        bf16="false", eval_strategy='"no"', do_predict="true", predict_with_generate="true",
        deepspeed=REPOSITORY / "examples" / "deepspeed" / "ds_z2.json",
    )  # fmt: skip
    with started("llamafactory-cli", "train", *run, cwd=place, FORCE_TORCHRUN="1", NPROC_PER_NODE="2") as process:
        log = process.stdout.read()
        assert process.wait() == 0, log[-3000:]
    assert "world size: 2" in log and "DeepSpeed" in log
    assert_checked_once(place, log)


def test_ray_checks_once(place, tiny_qwen3, request):
    """LLaMA-Factory's `USE_RAY=1` with two workers.

    It takes a core for a device where there is no GPU, and asks for ten cores a device. So a node with cores enough
    joins the cluster once the devices have been counted.
    """
    ray = pytest.importorskip("ray", reason="install the extra: pip install 'paperqa-ext[ray]'")
    pytest.importorskip("aiohttp_cors", reason="LLaMA-Factory asks Ray's dashboard: pip install 'ray[default]'")
    port, dashboard = free_port(), free_port()
    # The paths of sockets have about a hundred characters at most.
    scratch = tempfile.mkdtemp(prefix="ray")
    request.addfinalizer(lambda: shutil.rmtree(scratch, ignore_errors=True))
    head = ["--head", f"--port={port}", "--num-cpus=2", f"--temp-dir={scratch}", f"--dashboard-port={dashboard}"]
    node = ["ray", "start", "--block", "--object-store-memory=100000000"]
    address = f"127.0.0.1:{port}"
    with started(*node, *head, cwd=place, stdout=subprocess.DEVNULL) as cluster:
        end = time.monotonic() + LIMIT / 3
        while not ray_answers(dashboard):
            assert cluster.poll() is None and time.monotonic() < end, "Ray did not start"
            time.sleep(1)
        with started(
            "llamafactory-cli", "train", *arguments(place, tiny_qwen3, ray_num_workers=2), cwd=place,
            USE_RAY="1", RAY_ADDRESS=address,
        ) as process:  # fmt: skip
            log = until(process, "head node ip")
            with started(*node, f"--address={address}", "--num-cpus=20", cwd=place, stdout=subprocess.DEVNULL):
                log += process.stdout.read()
            assert process.wait() == 0, log[-3000:]
    assert "with 2 workers" in log and "world size: 2" in log, ray.__version__
    assert_checked_once(place, log)


def ray_answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v0/nodes?limit=9&timeout=9", timeout=10):
            return True
    except OSError:
        return False


def until(process: subprocess.Popen[str], text: str) -> str:
    """What a program says up to a line with `text`."""
    log = ""
    for line in process.stdout:
        log += line
        if text in line:
            return log
    pytest.fail(f"never said {text!r}: {log[-3000:]}")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install Debian's `chromium`")
def test_the_web_ui_shows_the_check(place, tiny_qwen3):
    """Its Evaluate & Predict tab, filled in and started in a browser."""
    from playwright.sync_api import sync_playwright

    name = "Qwen3-4B-Instruct-2507"
    known = {"cache_dir": None, "hub_name": "huggingface", "lang": "en", "last_model": name}
    (place / "llamaboard_cache").mkdir()
    (place / "llamaboard_cache" / "user_config.yaml").write_text(
        yaml.safe_dump({**known, "path_dict": {name: str(tiny_qwen3)}})
    )
    port = free_port()
    variables = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "0"}
    with started("llamafactory-cli", "webui", cwd=place, **variables) as ui, sync_playwright() as playwright:
        until(ui, "Running on local URL")
        threading.Thread(target=ui.stdout.read, daemon=True).start()  # so that it never waits for a reader
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1400})
        page.route("**/*", lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort())
        page.goto(f"http://127.0.0.1:{port}/", wait_until="domcontentloaded", timeout=LIMIT * 1000)
        page.get_by_role("tab", name="Evaluate & Predict").click(timeout=LIMIT * 1000)

        def shown(label: str):
            return page.get_by_label(label, exact=True).filter(visible=True).first

        page.locator("label", has_text="Data dir").filter(visible=True).locator("input,textarea").fill(".")
        shown("Dataset").click()
        page.get_by_role("option", name="questions").filter(visible=True).click()
        shown("number input for Maximum new tokens").fill("8")
        page.locator("label", has_text="Output dir").filter(visible=True).locator("input,textarea").fill("out")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Start").filter(visible=True).click()
        ended = re.compile("hallucination_answers|Exit code")
        page.get_by_text(ended).filter(visible=True).first.wait_for(timeout=LIMIT * 1000)
        log = page.locator("body").inner_text()
        browser.close()
    assert "Exit code" not in log, log[-3000:]
    assert f"{QUESTIONS} answers, " in log.partition(CHECKED)[2]
    assert '"hallucination_fabrication_rate"' in log  # in the result box
    assert_checked_once(place, log, f"saves/{name}/lora/out")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
