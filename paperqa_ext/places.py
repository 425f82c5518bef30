"""Where the reports of predictions files go, and what tells the files from each other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import OutputError
from .predictions import find_predictions, stem


@dataclass(frozen=True, slots=True)
class Place:
    """Where the report of a predictions file goes.

    Attributes:
        file: of predictions.
        directory: for its report.
        name: what tells it from the others: its directory below what all have in common; `.` for that itself.
    """

    file: Path
    directory: Path
    name: str


def places(paths: Iterable[str | Path], output: str | Path | None) -> list[Place]:
    """The predictions files that `paths` name, each once.

    Files that share a directory get one each in it, named after them: `parts/1.jsonl` is reported in `parts/1/`.

    Args:
        paths: files, directories and patterns; see `predictions.find_predictions`.
        output: directory below which the reports lie as the files do below what they have in common; where the files
            are if None.

    Raises:
        PredictionsError: there are none.
        OutputError: two reports would take one place.
    """
    files = list({file.resolve(): file for path in paths for file in find_predictions(path)}.items())
    beside = Counter(real.parent for real, _ in files)
    own = ["" if beside[real.parent] == 1 else stem(file) for real, file in files]
    names = apart([real.parent / part for (real, _), part in zip(files, own, strict=True)])
    found: dict[Path, Place] = {}
    for (_, file), part, name in zip(files, own, names, strict=True):
        directory = file.parent / part if output is None else Path(output) / name
        if directory in found:
            raise OutputError(
                f"would hold the reports of two files, {found[directory].file} and {file}",
                path=directory,
                remedy="Check them one by one, each with its own --output.",
            )
        found[directory] = Place(file, directory, name)
    return list(found.values())


def apart(directories: Sequence[Path]) -> list[str]:
    """What tells directories from each other: their paths below what all have in common; `.` for that itself.

    >>> apart([Path("saves/a/predict"), Path("saves/b/predict")])
    ['a/predict', 'b/predict']
    """
    together = Path(os.path.commonpath(directories)) if directories else Path()
    return [directory.relative_to(together).as_posix() for directory in directories]
