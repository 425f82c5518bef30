"""Runs the check when LLaMA-Factory's predict stage has written its predictions.

`TrainerCallback.on_predict` fires before the predictions file exists, so `CustomSeq2SeqTrainer.save_predictions` is
wrapped instead. `paperqa_ext.autoload` attaches the wrapper by itself; `python -m paperqa_ext.hook CONFIG.yaml` is the
explicit way to the same end.
"""

from __future__ import annotations

import contextlib
import functools
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # attaching happens in every SFT run; what checking needs (SciPy, Arrow) is loaded when one predicts
    from .metrics import Score
    from .settings import Settings

PREFIX = "hallucination_"


def attach(trainer_class: type[Any]) -> None:
    """Wrap LLaMA-Factory's SFT trainer class: `__init__` and `save_predictions`; doing it twice changes nothing."""
    init, save = trainer_class.__init__, trainer_class.save_predictions
    if hasattr(save, "_checked_by_paperqa"):
        return

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        if self.args.do_predict:
            prepare(self)

    @functools.wraps(save)
    def save_predictions(self: Any, *args: Any, **kwargs: Any) -> None:
        save(self, *args, **kwargs)
        if self.is_world_process_zero():
            check_run(self)

    save_predictions._checked_by_paperqa = True  # type: ignore[attr-defined]
    trainer_class.__init__, trainer_class.save_predictions = __init__, save_predictions


def prepare(trainer: Any) -> None:
    """Read the settings of a run that will predict, before it trains: what is wrong with them is told at once.

    Raises:
        PaperQAError: `constrained: true`, and citations cannot be constrained; nothing is lost yet.
    """
    try:
        from .settings import load_settings

        settings = load_settings(Path(trainer.args.output_dir))
    except Exception as error:
        _logger().warning_rank0(f"What this run predicts will not be checked. {_said(error)}")
        return
    if settings.constrained:
        from .chat.predict import constrain

        constrain(trainer, settings)


def check_run(trainer: Any) -> None:
    """Check the predictions in the trainer's output directory and add the rates to LLaMA-Factory's result files.

    A failing check never fails the run: it logs the error and the command to run by hand.
    """
    directory = Path(trainer.args.output_dir)
    by_hand = ["paperqa", "check", str(directory)]
    try:
        from .check import check_file
        from .limits import over_limit
        from .predictions import FILE_NAME
        from .report import summary
        from .settings import load_settings

        settings = load_settings(directory)
        if not settings.hook:
            return
        dataset, info = _questions(trainer, settings)
        by_hand += ["--index", str(settings.index)]
        by_hand += ["--dataset", ",".join(dataset), "--dataset-info", str(info)] if dataset else []
        result = check_file(
            directory / FILE_NAME,
            settings.index,
            dataset=dataset,
            dataset_info=info,
            resamples=settings.resamples,
            decoding="constrained" if settings.constrained else "free",
        )
        metrics = flat_metrics(result.score)
        trainer.log_metrics("hallucination", {name: value for name, value in metrics.items() if value is not None})
        # Together with the metrics already there: save_metrics replaces predict_results.json.
        known = json.loads((directory / "predict_results.json").read_text(encoding="utf-8"))
        trainer.save_metrics("predict", {**known, **metrics})
        _logger().info(f"Hallucination check:\n{summary(result.score)}\nReport: {result.files['html']}")
        if (over := over_limit(result.score, settings.fail_over)) is not None:
            _logger().warning(over)
    except Exception as error:
        _logger().error(
            f"The hallucination check failed; the predictions are complete. {_said(error)}\n"
            f"To check them by hand: {shlex.join(by_hand)}"
        )


def _questions(trainer: Any, settings: Settings) -> tuple[Sequence[str], Path]:
    """The run's eval data sets and the `dataset_info.json` that registers them; those of the settings if it has none.

    Nothing in LLaMA-Factory's trainer names them but a callback: `ReporterCallback` keeps the run's arguments.
    """
    from .asked import read_asked
    from .dataset.registry import DATASET_INFO
    from .errors import DatasetError

    arguments = [
        callback.data_args for callback in trainer.callback_handler.callbacks if hasattr(callback, "data_args")
    ]
    for data in arguments:
        with contextlib.suppress(DatasetError, TypeError):  # one of the hub, or one whose rows are in no file
            info = Path(data.dataset_dir) / DATASET_INFO
            read_asked(info, data.eval_dataset)
            return data.eval_dataset, info
    return settings.dataset, settings.dataset_info


def _said(error: Exception) -> str:
    from .errors import PaperQAError

    return str(error) if isinstance(error, PaperQAError) else repr(error)


def _logger() -> Any:
    from llamafactory.extras.logging import get_logger

    return get_logger("llamafactory.paperqa")  # below `llamafactory.`, so the web UI shows it


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
