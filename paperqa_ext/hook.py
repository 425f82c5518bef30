"""Runs the check when LLaMA-Factory's predict stage has written its predictions.

`TrainerCallback.on_predict` fires before the predictions file exists, so `CustomSeq2SeqTrainer.save_predictions` is
wrapped instead. `paperqa_ext.autoload` attaches the wrapper by itself; `python -m paperqa_ext.hook CONFIG.yaml` is the
explicit way to the same end.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # attaching happens in every SFT run; what checking needs (SciPy, Arrow) is loaded when one predicts
    from .metrics import Score

PREFIX = "hallucination_"


def attach(trainer_class: type[Any]) -> None:
    """Wrap `save_predictions` of LLaMA-Factory's SFT trainer class; doing it twice changes nothing."""
    original = trainer_class.save_predictions
    if hasattr(original, "_checked_by_paperqa"):
        return

    @functools.wraps(original)
    def save_predictions(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if self.is_world_process_zero():
            check_run(self)

    save_predictions._checked_by_paperqa = True  # type: ignore[attr-defined]
    trainer_class.save_predictions = save_predictions


def check_run(trainer: Any) -> None:
    """Check the predictions in the trainer's output directory and add the rates to LLaMA-Factory's result files.

    The index is `$PAPERQA_INDEX`, else `data/index` in the working directory. A failing check never fails the run: it
    logs the error and the command to run by hand.
    """
    from llamafactory.extras.logging import get_logger

    from .check import check_file
    from .errors import PaperQAError
    from .index import DEFAULT_INDEX
    from .predictions import FILE_NAME
    from .report import summary

    logger = get_logger("llamafactory.paperqa")  # below `llamafactory.`, so the web UI shows it
    directory = Path(trainer.args.output_dir)
    index = os.environ.get("PAPERQA_INDEX") or str(DEFAULT_INDEX)
    try:
        result = check_file(directory / FILE_NAME, index)
        metrics = flat_metrics(result.score)
        trainer.log_metrics("hallucination", {name: value for name, value in metrics.items() if value is not None})
        # Together with the metrics already there: save_metrics replaces predict_results.json.
        known = json.loads((directory / "predict_results.json").read_text(encoding="utf-8"))
        trainer.save_metrics("predict", {**known, **metrics})
        logger.info(f"Hallucination check:\n{summary(result.score)}\nReport: {result.files['html']}")
    except Exception as error:
        detail = str(error) if isinstance(error, PaperQAError) else repr(error)
        logger.error(
            f"The hallucination check failed; the predictions are complete. {detail}\n"
            f"To check them by hand: paperqa check {directory} --index {index}"
        )


def flat_metrics(score: Score) -> dict[str, float | int | None]:
    """Counts and rates as one flat mapping with the prefix `hallucination_`; undefined rates are None."""
    flat: dict[str, float | int | None] = {"answers": score.answers, "citations": score.citations, **score.counts}
    for name, rate in score.rates.items():
        flat |= {name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high}
    return {PREFIX + name: value for name, value in flat.items()}


def main() -> None:
    """`python -m paperqa_ext.hook CONFIG.yaml [key=value …]`: LLaMA-Factory's run with the check attached."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(
            "usage: python -m paperqa_ext.hook CONFIG.yaml [key=value ...]\n\n"
            "Run a LLaMA-Factory config and check what it predicts, as `llamafactory-cli train` does where\n"
            "paperqa-ext is installed.\n\nexample: python -m paperqa_ext.hook examples/predict.yaml max_samples=20"
        )
        sys.exit(0 if len(sys.argv) > 1 else 2)
    from llamafactory.train.sft.trainer import CustomSeq2SeqTrainer
    from llamafactory.train.tuner import run_exp

    attach(CustomSeq2SeqTrainer)
    run_exp()


if __name__ == "__main__":
    main()
