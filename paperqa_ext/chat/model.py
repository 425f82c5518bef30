"""LLaMA-Factory's `ChatModel`, its citations grounded and constrained (`grounding`), and verified (`verified`)."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Iterable, Sequence
from pathlib import Path
from typing import Any

from ..configs import read_config
from ..details import row_of
from ..errors import ChatError, PaperQAError
from ..metrics import CheckedCitation
from .grounding import Grounding, Message
from .verified import VerifiedStream, verify_answer

Verdicts = list[dict[str, Any]]


def grounded(base: type[Any]) -> type[Any]:
    """A subclass of LLaMA-Factory's `ChatModel`, or of one of its own, made of a config's arguments and a `Grounding`.

    Its `achat` and `astream_chat` take one more option, `verdicts`: a list that gets a row for each citation, as in
    `hallucination_details.jsonl`, with the number of the response as `choice`. The others call these two.
    """
    from llamafactory.chat import ChatModel
    from llamafactory.chat.base_engine import Response

    class Grounded(base):
        def __init__(self, arguments: dict[str, Any], grounding: Grounding) -> None:
            ChatModel.__init__(self, arguments)  # a subclass would read them elsewhere
            self.grounding = grounding
            self.constrainable = grounding.attach(self.engine)

        async def achat(
            self,
            messages: Sequence[Message],
            system: str | None = None,
            *more: Any,
            verdicts: Verdicts | None = None,
            **options: Any,
        ) -> list[Any]:
            grounding = self.grounding
            plan = await asyncio.to_thread(grounding.plan, messages)
            if plan.answer is not None:
                responses = [Response(plan.answer, 0, 0, "stop")]
            else:
                generation = grounding.generation(plan)
                try:
                    responses = await super().achat(
                        plan.messages, system or plan.system, *more, **options, **grounding.arguments(generation)
                    )
                finally:
                    generation.stop.set()
            for choice, response in enumerate(responses):
                answer = await asyncio.to_thread(verify_answer, response.response_text, grounding.index)
                response.response_text = answer.text
                _note(verdicts, answer.checked, choice)
            return responses

        async def astream_chat(
            self,
            messages: Sequence[Message],
            system: str | None = None,
            *more: Any,
            verdicts: Verdicts | None = None,
            **options: Any,
        ) -> AsyncGenerator[str, None]:
            grounding = self.grounding
            plan = await asyncio.to_thread(grounding.plan, messages)
            generation = grounding.generation(plan)
            answer = VerifiedStream(grounding.index, hold=not grounding.constrained)
            if plan.answer is not None:
                pieces = _at_once(plan.answer)
            else:
                pieces = super().astream_chat(
                    plan.messages, system or plan.system, *more, **options, **grounding.arguments(generation)
                )
            try:
                async for piece in pieces:
                    if shown := answer.feed(piece):
                        yield shown
            finally:
                generation.stop.set()
                await pieces.aclose()
            if generation.error is not None:
                raise generation.error
            rest, checked = await asyncio.to_thread(answer.end)
            _note(verdicts, checked, 0)
            if rest:
                yield rest

    return Grounded


def load(config: Path, overrides: Sequence[str], grounding: Grounding, kind: type[Any] | None = None) -> Any:
    """The model of a LLaMA-Factory config, with all its options, whose answers are grounded.

    Args:
        config: YAML of `llamafactory-cli chat`.
        overrides: `key=value` each.
        grounding: of its answers.
        kind: a class that `grounded` gives; that of `ChatModel` if None.

    Raises:
        ConfigError: the config cannot be read.
        ChatError: LLaMA-Factory cannot load what it names.
    """
    arguments = read_config(config, overrides)
    from llamafactory.chat import ChatModel
    from llamafactory.extras.logging import get_logger

    logger = get_logger("llamafactory.paperqa")
    for handler in logging.getLogger("llamafactory").handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)  # answers alone go to stdout
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of every 8-bit product on a CPU
    try:
        model = (kind or grounded(ChatModel))(arguments, grounding)
    except PaperQAError:
        raise
    except Exception as error:  # LLaMA-Factory, transformers, PEFT and bitsandbytes raise what they like
        raise ChatError(
            f"LLaMA-Factory cannot load the model: {str(error).rstrip('.') or repr(error)}", path=config,
            remedy=f"`llamafactory-cli chat {config}` shows where it fails.",
        ) from error  # fmt: skip
    if not model.engine.can_generate:
        raise ChatError(
            "the model cannot chat", path=config, field="stage", remedy="Use `stage: sft`, or leave it out."
        )
    if not model.constrainable:
        logger.warning(
            f"The backend {model.engine.name} cannot be constrained: answers may cite what does not exist. "
            "Every citation is verified nevertheless. `infer_backend: huggingface` can be constrained."
        )
    return model


async def _at_once(text: str) -> AsyncGenerator[str, None]:
    yield text


def _note(verdicts: Verdicts | None, checked: Iterable[CheckedCitation], choice: int) -> None:
    if verdicts is not None:
        verdicts += ({"choice": choice, **row_of(one)} for one in checked)
