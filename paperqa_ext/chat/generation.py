"""What LLaMA-Factory's HuggingFace engine gives to transformers' `generate`, with a logits processor and a stop added.

The engine has no option for either. Its `_chat` and `_stream_chat` get the model as an argument and only generate with
it, so the model given to them is one whose `generate` adds them. The engine itself never stops a generation whose
stream nobody reads any more, and never ends a stream whose generation failed; both are mended here.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_KEY = "generation"


@dataclass(slots=True)
class Generation:
    """One call of `generate`.

    Attributes:
        processor: of logits, or None.
        stop: set it, and the generation ends at its next token.
        error: what it failed with while it was streamed.
    """

    processor: Callable[..., Any] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def arguments(self) -> dict[str, Any]:
        """What to give to the chat methods of an engine that `extend` has extended."""
        return {_KEY: self}


def extend(engine: Any) -> bool:
    """Let the chat methods of an engine take a `Generation`; False if it is not the HuggingFace engine."""
    from llamafactory.chat.hf_engine import HuggingfaceEngine

    if not isinstance(engine, HuggingfaceEngine):
        return False
    # As many at a time as the engine lets in: one that was stopped is still at its last token when the next comes.
    turns = threading.Semaphore(int(os.environ.get("MAX_CONCURRENT", "1")))
    for name in ("_chat", "_stream_chat"):
        setattr(engine, name, functools.partial(_call, getattr(engine, name), turns))
    return True


def _call(run: Callable[..., Any], turns: threading.Semaphore, model: Any, *arguments: Any) -> Any:
    generation = arguments[-1].pop(_KEY, None)
    return run(model if generation is None else _Model(model, generation, turns), *arguments)


class _Model:
    """A model that generates as told by a `Generation`."""

    def __init__(self, model: Any, generation: Generation, turns: threading.Semaphore) -> None:
        self._model, self._generation, self._turns = model, generation, turns

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, **arguments: Any) -> Any:
        """transformers' `generate`; when streaming, a failure ends the stream and is kept in the `Generation`."""
        from transformers import LogitsProcessorList, StoppingCriteriaList

        if self._generation.processor is not None:
            arguments["logits_processor"] = LogitsProcessorList([self._generation.processor])
        arguments["stopping_criteria"] = StoppingCriteriaList([self._stopped])
        try:
            with self._turns:
                if self._generation.stop.is_set():
                    raise InterruptedError("the generation was stopped before it began")
                return self._model.generate(**arguments)
        except BaseException as error:
            if "streamer" not in arguments:
                raise
            self._generation.error = error
            arguments["streamer"].end()
            return None

    def _stopped(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """(sequences,) whether each is to end."""
        import torch

        return torch.full((input_ids.shape[0],), self._generation.stop.is_set(), device=input_ids.device)
