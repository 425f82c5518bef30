import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from paperqa_ext import cli
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line
from paperqa_ext.settings import _VARIABLES
from paperqa_ext.settings import FILE_NAME as SETTINGS

INVENTED = "1. **Prompt Distillation for Underwater Tomography** — A. Nobody (2021)."


@pytest.fixture(autouse=True)
def there(tmp_path, monkeypatch, index):
    """A working directory with the index where `paperqa.yaml` says."""
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / SETTINGS).write_text(f"index: {index.path}\nresamples: 20\n")


def check(*arguments):
    return cli.main(["check", *map(str, arguments), "--workers", "1"])


def write(file, *rows):
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


def row(predict):
    return {"prompt": "q", "predict": predict, "label": ""}


def batch(predict):
    body = {"choices": [{"message": {"role": "assistant", "content": predict}}]}
    return {"custom_id": "q", "response": {"status_code": 200, "body": body}, "error": None}


@pytest.mark.parametrize(
    ("name", "of", "options"),
    [
        (FILE_NAME, row, []),
        (f"{FILE_NAME}.gz", row, []),
        ("batch_output.jsonl", batch, []),
        ("other.jsonl.gz", lambda predict: {"answer": predict}, ["--field", "answer"]),
    ],
    ids=["LLaMA-Factory", "compressed", "OpenAI", "field"],
)
def test_every_format_gives_the_same_report(tmp_path, papers, capsys, name, of, options):
    file = write(tmp_path / "run" / name, of(citation_line(papers[0], 1)), of(INVENTED))
    assert check(file, "--output", "out", *options) == 0
    assert "2 answers, 2 citations" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "hallucination_report.json").read_text())
    assert (report["verified"], report["fabricated"]) == (1, 1)
    page = (tmp_path / "out" / "hallucination_report.html").read_text(encoding="utf-8")
    assert "Underwater Tomography" in page


def test_a_rate_above_the_limit_exits_with_1(tmp_path, papers, capsys):
    good, half = (
        write(tmp_path / name / FILE_NAME, *map(row, texts))
        for name, texts in {
            "good": [citation_line(papers[0], 1)],
            "half": [citation_line(papers[0], 1), INVENTED],
        }.items()
    )
    with (tmp_path / SETTINGS).open("a") as file:
        file.write("fail_over: 0.49")
    assert check(good, half) == 1
    said = capsys.readouterr()
    assert said.err == f"paperqa: {half}: The fabrication rate of 50.0% is above the limit of 49.0% (fail_over).\n"
    assert said.out.splitlines()[-2].startswith("good")
    assert check(half, "--fail-over", "1") == 0  # the command line wins


def test_settings_that_are_wrong_are_explained(tmp_path, capsys):
    (tmp_path / SETTINGS).write_text("indx: x")
    assert check(write(tmp_path / FILE_NAME, row(""))) == 1
    assert f"{SETTINGS}:1: unknown: 'indx'" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["5%", "-0.1", "nan", "2"])
def test_a_limit_is_a_share(limit, capsys):
    with pytest.raises(SystemExit):
        check("x", "--fail-over", limit)
    assert "is not a number from 0 to 1, such as 0.05" in capsys.readouterr().err


@pytest.mark.slow
def test_a_training_is_followed_until_interrupted(tmp_path):
    command = [sys.executable, "-m", "paperqa_ext.cli", "check", "--watch", "saves"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    follower = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        write(tmp_path / "saves" / "checkpoint-1" / FILE_NAME, row(INVENTED))
        report = tmp_path / "saves" / "checkpoint-1" / "hallucination_report.json"
        deadline = time.monotonic() + 120
        while not report.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert json.loads(report.read_text())["fabricated"] == 1
        assert "1 answers, 1 citations" in follower.stdout.readline()
    finally:
        follower.send_signal(signal.SIGINT)
    assert follower.wait(60) == 130


def test_reports_of_what_is_watched_lie_beside_it(capsys):
    assert check("saves", "--watch", "--output", "out") == 1
    assert "field '--output'" in capsys.readouterr().err
