"""The hook on LLaMA-Factory's own trainer, given answers instead of a model; whole runs: test_journey.py, test_starts.py."""

import json
import logging
import shlex
import shutil
import subprocess
import sys

import pytest
from test_metrics import answer

from paperqa_ext.errors import IndexUnavailableError
from paperqa_ext.hook import PREFIX, flat_metrics
from paperqa_ext.metrics import RATES, Score
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line
from paperqa_ext.settings import FILE_NAME as SETTINGS

QUESTIONS = ("Which paper should I read?", "And which other?")
REPORT = "hallucination_report.json"


def test_metrics_are_flat_and_prefixed():
    flat = flat_metrics(Score.of([answer("VX"), answer("")]))
    assert all(name.startswith(PREFIX) for name in flat)
    assert {PREFIX + rate + end for rate in RATES for end in ("", "_low", "_high")} <= flat.keys()
    assert flat["hallucination_fabrication_rate"] == 0.5
    assert flat["hallucination_metadata_error_rate"] == 0
    assert flat_metrics(Score.of([]))["hallucination_fabrication_rate"] is None


def test_explicit_way_explains_itself():
    run = [sys.executable, "-m", "paperqa_ext.hook"]
    assert (
        "example: python -m paperqa_ext.hook"
        in subprocess.run([*run, "--help"], capture_output=True, text=True, check=True).stdout
    )
    assert subprocess.run(run, capture_output=True, check=False).returncode == 2


@pytest.fixture(scope="module")
def tokenizer(tiny_qwen3):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_qwen3)


@pytest.fixture
def log():
    """What LLaMA-Factory's loggers say, which reaches terminal and web UI."""
    from llamafactory.extras.logging import get_logger

    class Kept(logging.Handler):
        said = ""

        def emit(self, record):
            self.said += f"{record.levelname} {record.name} {record.getMessage()}\n"

    get_logger()
    kept = Kept()
    logging.getLogger("llamafactory").addHandler(kept)
    yield kept
    logging.getLogger("llamafactory").removeHandler(kept)


@pytest.fixture
def run(tmp_path, tokenizer, index, papers):
    """A function that makes LLaMA-Factory's trainer, hooked, and gives it two answers to save: one real, one invented."""
    import numpy as np
    import torch
    from datasets import Dataset
    from llamafactory.hparams import (
        DataArguments,
        FinetuningArguments,
        GeneratingArguments,
        ModelArguments,
        TrainingArguments,
    )
    from llamafactory.train.callbacks import ReporterCallback
    from llamafactory.train.sft.trainer import CustomSeq2SeqTrainer
    from transformers.trainer import PredictionOutput

    assert hasattr(CustomSeq2SeqTrainer.save_predictions, "_checked_by_paperqa")  # by autoload
    answers = [citation_line(papers[3], 1), "1. **Prompt Distillation for Underwater Tomography** (2021)."]
    rows = [
        {"instruction": question, "output": "", "lang": "en", "paper_ids": [papers[3].id]} for question in QUESTIONS
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "dataset_info.json").write_text(json.dumps({"own_test": {"file_name": "rows.json"}}))

    def padded(texts):
        ids = [tokenizer(text).input_ids for text in texts]
        return np.array([row + [tokenizer.pad_token_id] * (max(map(len, ids)) - len(row)) for row in ids])

    def run(settings="", output="run of mine", do_predict=True):
        directory = tmp_path / output
        directory.mkdir()
        (directory / SETTINGS).write_text(settings)
        trainer = CustomSeq2SeqTrainer(
            model=torch.nn.Linear(1, 1),
            args=TrainingArguments(str(directory), do_predict=do_predict, report_to="none", use_cpu=True),
            finetuning_args=FinetuningArguments(),
            processor=None,
            tokenizer=tokenizer,
            callbacks=[
                ReporterCallback(
                    ModelArguments("none"),
                    DataArguments(eval_dataset="own_test", dataset_dir=str(tmp_path)),
                    FinetuningArguments(),
                    GeneratingArguments(),
                )
            ],
        )
        trainer.save_metrics("predict", {"predict_bleu-4": 1.0})
        asked = Dataset.from_dict({"input_ids": [tokenizer(f"user: {question}").input_ids for question in QUESTIONS]})
        trainer.save_predictions(asked, PredictionOutput(padded(answers), padded(["", "a"]), {}))
        assert len((directory / FILE_NAME).read_text().splitlines()) == 2
        return directory

    shutil.copytree(index.path, tmp_path / "index")
    return run


def test_predictions_are_checked_with_the_settings_of_the_run(run, log):
    directory = run("index: ../index\nfail_over: 0.25\nresamples: 50")
    report = json.loads((directory / REPORT).read_text())
    assert (report["answers"], report["citations"], report["fabrication_rate"]["value"]) == (2, 2, 0.5)
    assert report["alignment"]["answers"] == 2  # the run's own data set is known
    results = json.loads((directory / "predict_results.json").read_text())
    assert (results["predict_bleu-4"], results["hallucination_fabrication_rate"]) == (1.0, 0.5)
    assert "INFO llamafactory.paperqa Hallucination check:\n2 answers, 2 citations" in log.said
    assert "WARNING llamafactory.paperqa The fabrication rate of 50.0% is above the limit of 25.0%" in log.said


def test_it_can_be_turned_off(run, log, monkeypatch):
    monkeypatch.setenv("PAPERQA_INDEX", "nowhere")
    assert not (run("hook: false") / REPORT).exists()
    monkeypatch.setenv("PAPERQA_HOOK", "false")
    assert not (run("hook: true", "again") / REPORT).exists()
    assert "paperqa" not in log.said


def test_a_failing_check_says_how_to_repeat_it(run, log, monkeypatch):
    directory = run("index: nowhere")
    assert "ERROR llamafactory.paperqa The hallucination check failed; the predictions are complete." in log.said
    assert "no reference index here" in log.said
    command = shlex.split(log.said.partition("To check them by hand: ")[2])
    assert command[:5] == ["paperqa", "check", str(directory), "--index", str(directory / "nowhere")]
    again = [sys.executable, "-m", "paperqa_ext.cli", *command[1:4], str(directory.parent / "index"), *command[5:]]
    done = subprocess.run(again, capture_output=True, text=True, check=True, cwd="/")
    assert "2 answers, 2 citations" in done.stdout
    assert json.loads((directory / REPORT).read_text())["alignment"]["answers"] == 2


def test_settings_that_are_wrong_are_told_before_and_after(run, log):
    run("indx: x")
    before, after = log.said.split("\nERROR ")
    wrong = f"{SETTINGS}:1: unknown: 'indx'.\n  Did you mean index?"
    assert before.startswith("WARNING llamafactory.paperqa What this run predicts will not be checked.")
    assert wrong in before and wrong in after


def test_a_run_that_does_not_predict_reads_no_settings(run, log):
    run("indx: x", do_predict=False)
    assert "will not be checked" not in log.said


def test_constraining_without_an_index_stops_the_run_before_it_starts(run):
    with pytest.raises(IndexUnavailableError, match="no reference index here"):
        run("index: nowhere\nconstrained: true")
