"""The conversation in the terminal: what is typed, what is shown, and how it ends."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from chatting import FAKE

from paperqa_ext.chat.terminal import Conversation, converse

QUESTION = "Recommend 2022 papers on graph neural networks."


@pytest.fixture
def short(model: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The model, with short answers."""
    monkeypatch.setitem(model.engine.generating_args, "max_new_tokens", 90)
    return model


def talk(model: Any, *lines: str, coloured: bool = False) -> tuple[str, bool]:
    """What is shown, and whether the conversation goes on."""
    out = io.StringIO()
    conversation = Conversation(model, out, coloured=coloured)
    goes_on = [conversation.hear(line) for line in lines]
    return out.getvalue(), goes_on[-1]


def test_an_answer_is_followed_by_how_much_of_it_is_verified(short):
    shown, goes_on = talk(short, QUESTION)
    answer, note = shown.rstrip("\n").rsplit("\n", 1)
    assert answer.startswith("1. **") and "(2022). [arXiv:" in answer
    assert "citations verified." in note and goes_on


def test_questions_follow_each_other_until_they_are_forgotten(short):
    shown = talk(short, QUESTION, "only 2021")[0]
    assert "(2022)" in shown and "(2021)" in shown
    assert "(2021)" not in talk(short, QUESTION, "/clear", "only 2021")[0]


def test_the_mode_is_shown_and_set(short):
    assert talk(short, "/mode")[0] == "Answers are grounded.\n"
    shown, _ = talk(short, "/mode free", QUESTION)
    assert shown.startswith("Answers are free, not constrained.\n1. ~~**" + FAKE)
    shown, _ = talk(short, "/mode bold", "/mode constrained")
    assert shown.splitlines() == [
        "There is no mode 'bold'.",
        "Answers are free, not constrained.",
        "Answers are constrained.",
    ]


@pytest.mark.parametrize("line", ["/exit", "/quit", "exit"])
def test_it_is_left(short, line):
    assert not talk(short, line)[1]


@pytest.mark.parametrize("line", ["/help", "/clears", "/exit now"])
def test_an_unknown_command_shows_the_known_ones(short, line):
    shown, goes_on = talk(short, line)
    assert "/mode NAME" in shown and goes_on


def test_an_error_is_shown_and_the_question_forgotten(short):
    out = io.StringIO()
    conversation = Conversation(short, out, coloured=True)
    args = short.engine.generating_args
    args["repetition_penalty"], before = -1.0, args["repetition_penalty"]
    assert conversation.hear(QUESTION)
    args["repetition_penalty"] = before
    assert out.getvalue().startswith("\033[31m") and "strictly positive" in out.getvalue()
    assert conversation.hear("only 2021") and "(2021)" not in out.getvalue()


@pytest.mark.parametrize(("coloured", "sign"), [(True, "\033[2m"), (False, "Answers")])
def test_colours(short, coloured, sign):
    assert talk(short, "/mode", coloured=coloured)[0].startswith(sign)


def test_pipes_get_answers_alone(short, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{QUESTION}\n\n/exit\nnever read\n"))
    converse(short)
    shown = capsys.readouterr().out
    assert shown.startswith("1. **") and "\033" not in shown and "User:" not in shown
    assert sys.stdin.read() == "never read\n"


def test_a_pipe_may_end_without_a_word(short, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    converse(short)
    assert capsys.readouterr().out == ""
