"""A conversation in the terminal, or through pipes: a question a line, each answer as it is written."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

from ..errors import PaperQAError
from ..settings import MODES
from .verified import language, summary

HELP = f"""/mode NAME   how to answer: {", ".join(MODES)}
/clear       forget the conversation
/exit        leave; so does the end of the input"""

_STYLES = {"user": "1", "note": "2", "error": "31"}  # bold, faint, red


class Conversation:
    """Questions and answers, of which each may refine the one before.

    Args:
        model: of `model.grounded`.
        out: where answers are written.
        coloured: whether it shows ANSI colours.
    """

    def __init__(self, model: Any, out: TextIO, *, coloured: bool) -> None:
        self._model, self._out, self._coloured = model, out, coloured
        self._messages: list[dict[str, str]] = []

    def hear(self, line: str) -> bool:
        """Answer a question, or do what a command says; False if it ends the conversation."""
        command, _, argument = line.strip().partition(" ")
        match command:
            case "":
                pass
            case "/exit" | "/quit" | "exit" if not argument:
                return False
            case "/clear" | "clear" if not argument:
                self._messages.clear()
                self._note("The conversation is forgotten.")
            case "/mode":
                self._set_mode(argument.strip())
            case _ if command.startswith("/"):
                self._note(HELP)
            case _:
                self._answer(line.strip())
        return True

    def _set_mode(self, mode: str) -> None:
        grounding = self._model.grounding
        if mode in MODES:
            grounding.mode = mode
        elif mode:
            self._note(f"There is no mode {mode!r}.", "error")
        self._note(f"Answers are {grounding.mode}{'' if grounding.constrained else ', not constrained'}.")

    def _answer(self, question: str) -> None:
        verdicts: list[dict[str, Any]] = []
        messages = [*self._messages, {"role": "user", "content": question}]
        answer = ""
        try:
            for piece in self._model.stream_chat(messages, verdicts=verdicts):
                answer += piece
                self._out.write(piece)
                self._out.flush()
            self._out.write("\n")
        except KeyboardInterrupt:
            self._note("\nStopped.")
            return
        except (PaperQAError, ValueError, RuntimeError) as error:  # the engine on options, the device on its memory
            self._note(str(error), "error")
            return
        self._messages = [*messages, {"role": "assistant", "content": answer}]
        if verdicts:
            self._note(summary([row["verdict"] for row in verdicts], language(question)))

    def _note(self, text: str, style: str = "note") -> None:
        print(styled(text, style) if self._coloured else text, file=self._out, flush=True)


def styled(text: str, style: str) -> str:
    """`text` in ANSI colours."""
    return f"\033[{_STYLES[style]}m{text}\033[0m"


def converse(model: Any) -> None:
    """Talk until the input ends or the user leaves. Where the input is no terminal nothing is asked for."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    conversation = Conversation(model, sys.stdout, coloured=coloured)
    if not sys.stdin.isatty():
        for line in sys.stdin:
            if not conversation.hear(line):
                return
        return
    import readline  # noqa: F401  lines can be edited and called back

    print(f"{HELP}\n")
    while True:
        try:
            # readline counts what is not between \1 and \2 as columns of the prompt.
            line = input(f"\001\033[{_STYLES['user']}m\002User:\001\033[0m\002 " if coloured else "User: ")
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not conversation.hear(line):
            return
