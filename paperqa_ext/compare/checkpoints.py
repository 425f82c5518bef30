"""Runs that are checkpoints of one training: their steps, and the training's loss."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import ComparisonError

CHECKPOINT = re.compile(r"checkpoint-(\d+)")
_NO_LOSS = "Leave it away, or name a `trainer_log.jsonl` or `trainer_state.json` with --log."


def step_of(directory: Path) -> int | None:
    """The step of a directory at or below one named `checkpoint-N`; None of any other."""
    found = [int(match[1]) for part in directory.parts if (match := CHECKPOINT.fullmatch(part))]
    return found[-1] if found else None


def training_loss(directories: Sequence[Path], log: Path | None = None) -> tuple[tuple[int, float], ...]:
    """(step, loss) of a training, from its own log or from the state kept with its latest checkpoint.

    Args:
        directories: at or below its checkpoints, whose log is looked for in and beside them.
        log: the file to read instead.

    Raises:
        ComparisonError: a log cannot be read.
    """
    candidates = [log] if log else [file for directory in reversed(directories) for file in _logs(directory)]
    for file in candidates:
        if (log or file.is_file()) and (points := _read_loss(file)):
            return points
    return ()


def _logs(directory: Path) -> Iterator[Path]:
    for place in (directory, *directory.parents):
        if CHECKPOINT.fullmatch(place.name):
            yield place.parent / "trainer_log.jsonl"
            yield place.parent / "trainer_state.json"
            yield place / "trainer_state.json"


def _read_loss(file: Path) -> tuple[tuple[int, float], ...]:
    """(step, loss) of LLaMA-Factory's `trainer_log.jsonl` or of transformers' `trainer_state.json`."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".jsonl":
            rows = [(row.get("current_steps"), row.get("loss")) for row in map(json.loads, text.splitlines())]
        else:
            rows = [(row.get("step"), row.get("loss")) for row in json.loads(text)["log_history"]]
        return tuple((int(step), float(loss)) for step, loss in rows if step is not None and loss is not None)
    except OSError as error:
        raise ComparisonError(f"cannot be read: {error.strerror}", path=file, remedy=_NO_LOSS) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ComparisonError(f"is no log of a training: {error!r}", path=file, remedy=_NO_LOSS) from error
