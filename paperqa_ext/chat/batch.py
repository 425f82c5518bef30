"""The questions of a data set answered as `paperqa chat` would, many at a time, as a predictions file to be checked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import cycle
from pathlib import Path
from typing import Any

from ..asked import Asked
from ..files import Staged, writing
from ..predictions import FILE_NAME
from ..prompts import system_prompt
from .grounding import ROLES, Plan

RESULTS_NAME = "answer_results.json"
_PART = "answers.part.jsonl"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was written.

    Attributes:
        predictions: `generated_predictions.jsonl`, as LLaMA-Factory's predict stage writes it.
        answered: questions that the model answered; the others were answered without it, as nothing was found.
        seconds: spent on answers in this run and those it resumed.
    """

    predictions: Path
    answered: int
    seconds: float


def answer_all(
    model: Any, asked: Sequence[Asked], output: Path, *, settings: Mapping[str, Any], batch: int = 8
) -> Answers:
    """Answer questions, each after what was said before it. A run that was stopped goes on where it was.

    The answers are what the model generated: verified by the check, not mended as in a chat.

    Args:
        model: from `model.load`, on LLaMA-Factory's HuggingFace engine.
        asked: the questions.
        output: directory for `generated_predictions.jsonl` and `answer_results.json`.
        settings: what the answers depend on; a stopped run with others is not resumed.
        batch: questions answered at once.

    Raises:
        OutputError: the directory cannot be written.
    """
    from tqdm import tqdm

    path, part = output / FILE_NAME, output / _PART
    key = blake2b(
        json.dumps(
            [dict(settings), [[*row.history, row.instruction] for row in asked]], sort_keys=True, default=str
        ).encode(),
        digest_size=8,
    ).hexdigest()
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        rows = _kept(part, key)
        with part.open("w", encoding="utf-8") as file, tqdm(total=len(asked), desc="answering", unit="question") as bar:
            file.writelines(map(_line, ({"key": key}, *rows)))
            bar.update(len(rows))
            for start in range(len(rows), len(asked), batch):
                some = asked[start : start + batch]
                started = time.perf_counter()
                answers = list(_answers(model, some))
                seconds = (time.perf_counter() - started) / len(some)
                made = [
                    {
                        "prompt": answer.prompt,
                        "predict": answer.text,
                        "label": row.output,
                        "by_model": answer.by_model,
                        "seconds": seconds,
                    }
                    for row, answer in zip(some, answers, strict=True)
                ]
                file.writelines(map(_line, made))
                file.flush()
                rows += made
                bar.update(len(some))
        done = Answers(path, sum(row["by_model"] for row in rows), sum(row["seconds"] for row in rows))
        _publish(rows, done, settings, part)
    return done


def _kept(part: Path, key: str) -> list[dict[str, Any]]:
    """The finished rows of a stopped run with the same settings and questions."""
    if not part.exists():
        return []
    head, *lines = part.read_text(encoding="utf-8").split("\n")
    return list(map(json.loads, lines[:-1])) if f"{head}\n" == _line({"key": key}) else []


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _publish(rows: Sequence[Mapping[str, Any]], done: Answers, settings: Mapping[str, Any], part: Path) -> None:
    results = {**settings, "answers": len(rows), "by_model": done.answered}
    results |= {"seconds": round(done.seconds, 3), "seconds_per_answer": round(done.seconds / max(1, len(rows)), 3)}
    with Staged() as staged:
        with staged.path(done.predictions).open("w", encoding="utf-8") as file:
            file.writelines(_line({field: row[field] for field in ("prompt", "predict", "label")}) for row in rows)
        text = json.dumps(results, ensure_ascii=False, indent=2, default=str) + "\n"
        staged.path(done.predictions.with_name(RESULTS_NAME)).write_text(text, encoding="utf-8")
        staged.commit()
    part.unlink()


@dataclass(frozen=True, slots=True)
class _Answer:
    prompt: str
    text: str
    by_model: bool = True


def _answers(model: Any, asked: Sequence[Asked]) -> Iterator[_Answer]:
    grounding = model.grounding
    plans = [grounding.plan(_messages(row)) for row in asked]
    last = grounding.index.coverage.last
    plans = [  # with the system prompt of the training rows
        plan if plan.system else replace(plan, system=system_prompt(last, "zh" if row.lang == "zh" else "en"))
        for row, plan in zip(asked, plans, strict=True)
    ]
    generated = iter(_generate(model, [plan for plan in plans if plan.answer is None]))
    for row, plan in zip(asked, plans, strict=True):
        yield next(generated) if plan.answer is None else _Answer(row.instruction, plan.answer, by_model=False)


def _messages(row: Asked) -> list[dict[str, str]]:
    said = zip(cycle(ROLES), (*row.history, row.instruction), strict=False)
    return [{"role": role, "content": text} for role, text in said]


def _generate(model: Any, plans: Sequence[Plan]) -> list[_Answer]:
    """What the model says to each plan's messages, in one batch padded on the left."""
    import torch

    if not plans:
        return []
    engine, grounding = model.engine, model.grounding
    prepared = [
        engine._process_args(
            engine.model, engine.tokenizer, engine.processor, engine.template, engine.generating_args,
            [dict(message) for message in plan.messages], plan.system, input_kwargs={},
        )[0]
        for plan in plans
    ]  # fmt: skip
    prompts = [one["inputs"][0] for one in prepared]
    longest = max(map(len, prompts))
    inputs = torch.full((len(prompts), longest), engine.tokenizer.pad_token_id, device=prompts[0].device)
    mask = torch.zeros_like(inputs)
    for place, prompt in enumerate(prompts):
        inputs[place, longest - len(prompt) :] = prompt
        mask[place, longest - len(prompt) :] = 1
    options: dict[str, Any] = {}
    if grounding.constrained:
        options["logits_processor"] = [grounding.processor(plans)]
    with torch.inference_mode():
        output = engine.model.generate(
            inputs=inputs, attention_mask=mask, generation_config=prepared[0]["generation_config"], **options
        )
    said = engine.tokenizer.batch_decode(
        output[:, longest:], skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    shown = engine.tokenizer.batch_decode(prompts, clean_up_tokenization_spaces=False)
    return [_Answer(prompt, text) for prompt, text in zip(shown, said, strict=True)]
