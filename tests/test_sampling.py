"""Sampling: what is asked, what must not be, and which runs may go on in one directory."""

from __future__ import annotations

import json

import pytest
import yaml
from conftest import REPOSITORY
from test_dataset import FOLLOW_UP, example

from paperqa_ext.cli import main
from paperqa_ext.dataset import Publication
from paperqa_ext.errors import ConfigError, DatasetError, OutputError
from paperqa_ext.preferences.questions import held_out_papers, read_questions
from paperqa_ext.preferences.sampling import Sampling, _read, _remember, parts, recalled, sample

PREDICT = REPOSITORY / "examples" / "predict.yaml"


@pytest.fixture(params=["alpaca", "sharegpt"])
def info(request, tmp_path):
    """A registry with train and test, the latter about another paper, and train's questions in new words."""
    with Publication(tmp_path / "data", tmp_path / "dataset_info.json", request.param) as publication:
        for row in (example(0), FOLLOW_UP):
            publication.split("train").write(row)
        publication.split("test").write(example(7, paper_ids=("1905.00001",)))
        publication.split("seen").write(example(8))
        publication.commit()
    return tmp_path / "dataset_info.json"


def test_questions_come_with_what_was_said_before_in_either_format(info):
    first, second = read_questions(info, ["arxiv_paperqa_train"])
    assert (first.asked.instruction, first.system, first.history) == ("Who?", "S", ())
    assert (second.system, second.history) == ("S", FOLLOW_UP.history)
    assert second.turns == ["Recommend 2", "1. A\n2. B", "Who?"]


@pytest.mark.parametrize("name", ["arxiv_paperqa_test", "arxiv_paperqa_seen"])
def test_held_out_questions_are_refused_by_name(info, name):
    with pytest.raises(DatasetError, match="kept for measuring") as caught:
        read_questions(info, ["arxiv_paperqa_train", name])
    assert "arxiv_paperqa_train" in caught.value.remedy


def test_held_out_questions_are_refused_under_another_name(info):
    entries = json.loads(info.read_text())
    info.write_text(json.dumps({**entries, "mine": entries["arxiv_paperqa_test"]}))
    with pytest.raises(DatasetError, match="1 questions of mine are kept for measuring too"):
        read_questions(info, ["mine"])


def test_papers_of_the_test_are_held_out_and_those_of_train_are_not(info):
    assert held_out_papers(info) == {"1905.00001"}


def test_config_is_read_as_llamafactory_reads_it_and_made_to_sample():
    config = _read(PREDICT, ["eval_dataset=mine", "max_samples=3", "temperature=1e-1", "seed=3"])
    shipped = yaml.safe_load(PREDICT.read_text())
    assert config["temperature"] == 0.1
    assert (config["eval_dataset"], config["max_samples"]) == ("mine", 3)
    assert (config["do_sample"], config["do_predict"], config["do_train"]) == (True, True, False)
    assert not {"seed", "output_dir"} & config.keys()
    assert {key: config[key] for key in ("template", "cutoff_len")} == {
        key: shipped[key] for key in ("template", "cutoff_len")
    }


def test_a_config_that_asks_nothing_is_refused(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("template: qwen")
    with pytest.raises(ConfigError, match="names no data set to ask"):
        _read(path, [])


def test_a_directory_holds_answers_of_one_config_to_one_set_of_questions(tmp_path):
    first = Sampling({"template": "qwen", "top_p": 0.7, "per_device_eval_batch_size": 8}, "info", ("a",), "hash")
    _remember(tmp_path / "s", first)
    assert recalled(tmp_path / "s") == first
    _remember(tmp_path / "s", Sampling({**first.config, "per_device_eval_batch_size": 2}, "info", ("a",), "hash"))
    assert recalled(tmp_path / "s") == first
    for other, key in (
        (Sampling({**first.config, "top_p": 0.9}, "info", ("a",), "hash"), "top_p"),
        (Sampling({"template": "qwen"}, "info", ("a",), "hash"), "top_p"),
        (Sampling(first.config, "info", ("a",), "other"), "questions"),
    ):
        with pytest.raises(OutputError, match=f"sampled with another {key}"):
            _remember(tmp_path / "s", other)
    (tmp_path / "s" / "sampling.json").write_text("{")
    with pytest.raises(OutputError, match="cannot be read"):
        recalled(tmp_path / "s")


def test_parts_are_in_order_and_only_finished_ones_count(tmp_path):
    for number in (10, 2, 0):
        (tmp_path / f"sample-{number}").mkdir()
        (tmp_path / f"sample-{number}" / "generated_predictions.jsonl").touch()
    (tmp_path / "sample-3").mkdir()
    assert [path.parent.name for path in parts(tmp_path)] == ["sample-0", "sample-2", "sample-10"]


def test_the_test_set_is_refused_before_anything_runs(tmp_path, info, capsys):
    command = ["sample", str(PREDICT), f"dataset_dir={info.parent}", "--output", str(tmp_path / "s")]
    assert main(command) == 1
    assert "arxiv_paperqa_test is kept for measuring" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


@pytest.mark.slow
def test_a_failing_run_names_its_log_and_leaves_no_part(tmp_path, info):
    overrides = [f"dataset_dir={info.parent}", "eval_dataset=arxiv_paperqa_train", "no_such_key=1"]
    with pytest.raises(Exception, match=r"llamafactory-cli train sample-0.yaml failed") as caught:
        list(sample(PREDICT, overrides, tmp_path / "s", k=2))
    assert caught.value.path == tmp_path / "s" / "logs" / "sample-0.log"
    assert parts(tmp_path / "s") == []
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["logs", "sample-0.yaml", "sampling.json"]
