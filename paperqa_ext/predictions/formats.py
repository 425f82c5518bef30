"""The formats of predictions files: what a line of each says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from ..errors import PredictionsError


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer of a model.

    Attributes:
        line: 1-based, in the file.
        prompt: the prompt as the model saw it, with its template's special tokens. OpenAI's batch output does not
            repeat it: there it is the request's `custom_id`. Empty where the file has none.
        predict: the model's answer.
        label: the reference answer; empty where the file has none.
    """

    line: int
    prompt: str
    predict: str
    label: str


class Format(NamedTuple):
    """A format of lines.

    Attributes:
        name: as shown in errors.
        read: prompt, answer and reference answer of a row. It raises a PredictionsError without path and line.
    """

    name: str
    read: Callable[[Mapping[str, Any]], tuple[str, str, str]]


def format_of(row: Mapping[str, Any], field: str | None) -> Format:
    """The format of a row; that of `field` if one is named, in which the answers are."""
    if field is not None:
        return Format(f"rows with {field!r}", lambda row: _plain(row, field))
    return BATCH if "custom_id" in row and "response" in row else LLAMAFACTORY


def _llamafactory(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A row of the predict stage and of `scripts/vllm_infer.py`, which writes the same three."""
    remedy = (
        "Expected LLaMA-Factory's predict output with prompt, predict and label, or OpenAI's batch output. "
        "For any other JSONL say which key holds the answers: --field NAME."
    )
    return _string(row, "prompt", remedy), _string(row, "predict", remedy), _string(row, "label", remedy)


def _plain(row: Mapping[str, Any], field: str) -> tuple[str, str, str]:
    predict = _string(row, field, "Every line needs an answer under this key.")
    prompt, label = (row[key] if isinstance(row.get(key), str) else "" for key in ("prompt", "label"))
    return prompt, predict, label


def _string(row: Mapping[str, Any], key: str, remedy: str) -> str:
    value = row.get(key)
    if isinstance(value, str):
        return value
    found = ", ".join(repr(name)[1:-1][:40] for name in islice(row, 10)) or "none"
    raise PredictionsError(f"missing, or not a string; keys found: {found}", field=key, remedy=remedy)


def _batch(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A row of OpenAI's batch output (platform.openai.com/docs/guides/batch), which vLLM's `run-batch` writes too."""
    if row.get("error") or not isinstance(row["response"], dict) or row["response"].get("status_code", 200) != 200:
        raise PredictionsError(
            f"the request got no answer: {str(row.get('error') or row['response'])[:200]}",
            field="response",
            remedy="Send it again, or leave its line out.",
        )
    return str(row["custom_id"]), _answer(row["response"].get("body")), ""


def _answer(body: Any) -> str:
    """The text of one response: of chat completions, of completions, or of the Responses API.

    A model that refuses has no content; what it says instead is its answer.
    """
    try:
        if "output" in body:
            parts = [part for item in body["output"] if item["type"] == "message" for part in item["content"]]
            texts = [part["text"] if part["type"] == "output_text" else part["refusal"] for part in parts]
        else:
            [choice] = body["choices"]
            said = choice.get("message", choice)
            texts = [said["content"] or said.get("refusal") or "" if "content" in said else said["text"]]
        return "".join(texts)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PredictionsError(
            "the response's body holds no single answer",
            field="response",
            remedy="Expected the body of a chat completion (one choice) or of the Responses API.",
        ) from error


LLAMAFACTORY = Format("LLaMA-Factory's predict output", _llamafactory)
BATCH = Format("OpenAI's batch output", _batch)
