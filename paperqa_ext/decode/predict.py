"""Keeps what LLaMA-Factory's predict stage generates to citations of real papers, where `paperqa.yaml` asks for it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..index import ReferenceIndex
from . import citing_processor, open_trie

if TYPE_CHECKING:
    from ..settings import Settings


def constrain(trainer: Any, settings: Settings) -> None:
    """Let a trainer of LLaMA-Factory cite nothing but papers of `settings.index` when it predicts.

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

    @functools.wraps(predict)
    def prediction_step(*args: Any, **kwargs: Any) -> Any:
        generating = {name: value for name, value in kwargs.items() if name not in _OWN} or trainer._gen_kwargs
        processors = [*(generating.get("logits_processor") or ()), citing_processor(trie, tokenizer)]
        return predict(*args, **{**kwargs, **generating, "logits_processor": processors})

    trainer.prediction_step = prediction_step


_OWN = ("model", "inputs", "prediction_loss_only", "ignore_keys")  # arguments of `prediction_step` itself
