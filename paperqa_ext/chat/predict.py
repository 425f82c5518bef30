"""Keeps what LLaMA-Factory's predict stage generates to citations of real papers, where `paperqa.yaml` asks for it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..decode import citing_processor, open_trie
from ..index import ReferenceIndex
from ..prompts import shows_records
from ..turns import turns
from .retrieve import Retriever

if TYPE_CHECKING:
    from ..settings import Settings

Narrow = Callable[[str], "np.ndarray | None"]

_CANDIDATES = 500  # records that are what a question asks for, the most of them
_OWN = ("model", "inputs", "prediction_loss_only", "ignore_keys")  # arguments of `prediction_step` itself


def constrain(trainer: Any, settings: Settings) -> None:
    """Let a trainer of LLaMA-Factory cite nothing but papers of `settings.index` when it predicts.

    In mode `grounded` these are the papers that are what the question asks for, as the prompt tells it, and none where
    there are none; in the other modes all papers. The prompt stays as it is.

    `Seq2SeqTrainer.prediction_step` hands its keyword arguments to `generate`; one logits processor is made for each
    batch. The titles are compiled at once, so that what stands in the way is told before anything is trained.

    Args:
        trainer: a `CustomSeq2SeqTrainer`; others of its class are left as they are.
        settings: of the run.

    Raises:
        PaperQAError: there is no index, or the model's tokenizer is of a kind that cannot be constrained.
    """
    tokenizer, predict = trainer.processing_class, trainer.prediction_step
    trie = open_trie(ReferenceIndex(settings.index), tokenizer, progress=True)
    narrow = narrowing(Retriever(settings.index)) if settings.mode == "grounded" else None

    @functools.wraps(predict)
    def prediction_step(model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        generating = {name: value for name, value in kwargs.items() if name not in _OWN} or trainer._gen_kwargs
        rows = None if narrow is None else list(map(narrow, _prompts(tokenizer, inputs)))
        processors = [*(generating.get("logits_processor") or ()), citing_processor(trie, tokenizer, rows)]
        return predict(model, inputs, *args, **{**kwargs, **generating, "logits_processor": processors})

    trainer.prediction_step = prediction_step


def narrowing(retriever: Retriever) -> Narrow:
    """What tells, of a prompt, the rows of the papers that its last question asks for, which may be none.

    None for all, where the prompt itself shows the records that it is to be answered from.
    """

    def narrow(prompt: str) -> np.ndarray | None:
        (*before, question), answers = turns(prompt)
        if shows_records(question):
            return None
        found = retriever.retrieve(retriever.read(question, before, answers), _CANDIDATES)
        return found.rows if found.whole else found.rows[:0]

    return narrow


def _prompts(tokenizer: Any, inputs: Any) -> Sequence[str]:
    masks = inputs["attention_mask"].bool()
    return [tokenizer.decode(ids[mask]) for ids, mask in zip(inputs["input_ids"], masks, strict=True)]
