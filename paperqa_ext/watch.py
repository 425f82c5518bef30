"""A training run followed: the predictions of its checkpoints are checked as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .check import Result, check_file
from .errors import PaperQAError, PredictionsError
from .index import DEFAULT_INDEX, ReferenceIndex
from .predictions import FILE_NAME, find_predictions

INTERVAL = 2.0  # seconds from one look to the next


def watch(
    directories: Sequence[str | Path], index: str | Path = DEFAULT_INDEX, *, interval: float = INTERVAL, **how: Any
) -> Iterator[tuple[str, Result | PaperQAError]]:
    """Check every `generated_predictions.jsonl` that is in these directories, appears or changes there, without end.

    A file is checked once it has stayed as it is from one look to the next; the reports lie beside it. What cannot be
    checked is passed over until it changes.

    Args:
        directories: that a training and its predictions fill; they need not exist yet.
        index: directory of the reference index.
        interval: seconds from one look to the next.
        how: further arguments of `check_file`.

    Returns:
        For each check the directory of its predictions below the one watched, and its result or its error.

    Raises:
        IndexUnavailableError: there is no index.
    """
    ReferenceIndex(index)
    seen: dict[Path, tuple[int, int]] = {}
    checked: dict[Path, tuple[int, int]] = {}
    while True:
        for name, file in _files(directories):
            try:
                state = file.stat()
            except OSError:  # removed, as the checkpoints that `save_total_limit` leaves over
                continue
            before, seen[file] = seen.get(file), (state.st_size, state.st_mtime_ns)
            if before == seen[file] != checked.get(file):
                checked[file] = seen[file]
                try:
                    yield name, check_file(file, index, **how)
                except PaperQAError as error:
                    yield name, error
        time.sleep(interval)


def _files(directories: Sequence[str | Path]) -> Iterator[tuple[str, Path]]:
    for directory in map(Path, directories):
        try:
            found = find_predictions(directory)
        except PredictionsError:  # not yet
            continue
        for file in found:
            if file.name.removesuffix(".gz") == FILE_NAME:
                yield file.parent.relative_to(directory).as_posix(), file
