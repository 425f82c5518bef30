"""A data set answered in batches, with the model that always wants to cite a paper that does not exist."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from chatting import FAKE

from paperqa_ext.asked import Asked, align
from paperqa_ext.chat.batch import RESULTS_NAME, answer_all
from paperqa_ext.check import check_file
from paperqa_ext.predictions import FILE_NAME

QUESTIONS = (
    "Recommend two 2022 papers on graph neural networks.",
    "Recommend a 2022 paper on the migration of purple unicorns.",
    "请推荐两篇 2022 年图神经网络的论文。",
)


def asked(*questions: str) -> list[Asked]:
    """Rows that ask these questions."""
    return [
        Asked(str(n), "recommend", "en", "", "", "", (), None, None, None, None, 2, question, "–")
        for n, question in enumerate(questions)
    ]


@pytest.fixture
def short(model, monkeypatch):
    """The model with short answers, and its mode restored afterwards."""
    monkeypatch.setitem(model.engine.generating_args, "max_new_tokens", 160)
    monkeypatch.setattr(model.grounding, "mode", "grounded")
    return model


def test_grounded_answers_cite_only_what_is_real(short, tmp_path):
    rows = asked(*QUESTIONS)
    done = answer_all(short, rows, tmp_path, settings={"mode": "grounded"}, batch=3)
    assert done.predictions == tmp_path / FILE_NAME
    assert done.answered == 2  # nothing is known of unicorns, so the model was not asked
    result = check_file(done.predictions, short.grounding.index.path)
    assert result.score.citations >= 2
    assert result.score.fabrication_rate.value == result.score.metadata_error_rate.value == 0
    assert align(done.predictions, rows).asked == tuple(rows)
    results = json.loads((tmp_path / RESULTS_NAME).read_text())
    assert results["answers"] == 3 and results["by_model"] == 2 and results["seconds_per_answer"] > 0
    assert {path.name for path in tmp_path.iterdir()} >= {FILE_NAME, RESULTS_NAME}
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("mode", ["free", "retrieved"])
def test_what_is_not_constrained_is_written_as_it_was_generated(short, tmp_path, mode):
    short.grounding.mode = mode
    done = answer_all(short, asked(QUESTIONS[0]), tmp_path, settings={"mode": mode})
    [line] = done.predictions.read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert FAKE in row["predict"]
    assert ("graph" in row["prompt"].replace(QUESTIONS[0], "").lower()) == (mode == "retrieved")
    assert QUESTIONS[0] in row["prompt"]


@pytest.mark.parametrize("mode", ["constrained", "grounded"])
def test_a_question_follows_what_was_said_before_it(short, tmp_path, mode):
    short.grounding.mode = mode
    [row] = asked("Only one of them, please.")
    done = answer_all(short, [replace(row, history=(QUESTIONS[0], "1. …"))], tmp_path, settings={})
    [line] = done.predictions.read_text(encoding="utf-8").splitlines()
    said = [QUESTIONS[0], *(["1. …"] if mode == "constrained" else []), row.instruction]
    places = [json.loads(line)["prompt"].find(text) for text in said]
    assert -1 not in places and places == sorted(places)


def test_a_batch_answers_like_each_question_alone(short, tmp_path):
    rows = asked(*QUESTIONS)
    together, alone = tmp_path / "together", tmp_path / "alone"
    for output, batch in ((together, 3), (alone, 1)):
        answer_all(short, rows, output, settings={}, batch=batch)
    assert (together / FILE_NAME).read_bytes() == (alone / FILE_NAME).read_bytes()


def test_a_stopped_run_goes_on_where_it_was(short, tmp_path, monkeypatch):
    rows = asked(*QUESTIONS)
    plan, asked_of = short.grounding.plan, []

    def failing(messages):
        asked_of.append(messages[-1]["content"])
        if len(asked_of) == 2:
            raise KeyboardInterrupt
        return plan(messages)

    monkeypatch.setattr(short.grounding, "plan", failing)
    with pytest.raises(KeyboardInterrupt):
        answer_all(short, rows, tmp_path, settings={"mode": "a"}, batch=1)
    assert not (tmp_path / FILE_NAME).exists()
    answer_all(short, rows, tmp_path, settings={"mode": "a"}, batch=1)
    assert asked_of == [QUESTIONS[0], QUESTIONS[1], *QUESTIONS[1:]]
    whole = (tmp_path / FILE_NAME).read_bytes()

    asked_of[:] = ["no", "failure"]
    answer_all(short, rows, tmp_path / "anew", settings={"mode": "a"}, batch=1)
    assert (tmp_path / "anew" / FILE_NAME).read_bytes() == whole


def test_answers_under_other_settings_are_not_taken_over(short, tmp_path):
    part = Path(tmp_path / "answers.part.jsonl")
    part.write_text('{"key": "of another run"}\n{"predict": "from before"}\n')
    done = answer_all(short, asked(QUESTIONS[1]), tmp_path, settings={})
    assert "from before" not in done.predictions.read_text()
