"""The settings of checks, hook and chat: one `paperqa.yaml`, over which `PAPERQA_*` variables win.

Read at the start of every run that will predict, so it imports little.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .values import names, positive, share

FILE_NAME = "paperqa.yaml"
MODES = ("grounded", "retrieved", "constrained", "free")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `examples/paperqa.yaml` shows with comments. Paths in the file are relative to it.

    Attributes:
        index: directory of the reference index.
        dataset: names of the data sets whose questions were answered, in order. The hook knows those of its run.
        dataset_info: the `dataset_info.json` that describes them.
        resamples: bootstrap samples behind the intervals of citation-level rates.
        fail_over: fabrication rate above which `paperqa check` exits with 1; none if None.
        constrained: predict with citations constrained to the index.
        mode: how chat answers, one of `MODES`; of constrained predictions, whether to what is asked for (`grounded`).
        reranker: model of embeddings, by name or directory, that puts the papers retrieved for an answer in order; they
            stay as BM25 ranks them if None.
        hook: check what LLaMA-Factory predicts.
    """

    index: Path = Path("data/index")
    dataset: tuple[str, ...] = ()
    dataset_info: Path = Path("dataset_info.json")
    resamples: int = 2000
    fail_over: float | None = None
    constrained: bool = False
    mode: str = MODES[0]
    reranker: str | None = None
    hook: bool = True


def load_settings(start: Path | None = None) -> Settings:
    """The settings that hold for a run.

    Args:
        start: the run's directory or a file in it. `paperqa.yaml` is searched there and upward, then in the working
            directory and upward; without one the defaults hold.

    Raises:
        SettingsError: the file cannot be read; a key or variable is unknown, or its value no such value.
    """
    values: dict[str, Any] = {}
    if (file := _find(start)) is not None:
        for key, (line, value) in _read(file).items():
            values[key] = _value(key, value, file.parent, path=file, line=line, field=key)
    for variable, text in sorted(os.environ.items()):
        if variable.startswith("PAPERQA_") and variable not in _OTHER_VARIABLES and text:
            key = _known(variable, _VARIABLES, field=variable)
            values[_VARIABLES[key]] = _value(_VARIABLES[key], text, Path(), field=variable)
    return Settings(**values)


def _mode(text: str) -> str:
    if text not in MODES:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(MODES)}")
    return text


def _switch(text: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in known:
        raise ArgumentTypeError(f"{text!r} is neither true nor false")
    return known[text.lower()]


_KINDS: dict[str, Callable[[str], Any]] = {
    "index": Path,
    "dataset": names,
    "dataset_info": Path,
    "resamples": positive,
    "fail_over": share,
    "constrained": _switch,
    "mode": _mode,
    "reranker": str,
    "hook": _switch,
}
_VARIABLES = {
    "PAPERQA_INDEX": "index",
    "PAPERQA_DATASET": "dataset",
    "PAPERQA_DATASET_INFO": "dataset_info",
    "PAPERQA_RESAMPLES": "resamples",
    "PAPERQA_FAIL_OVER": "fail_over",
    "PAPERQA_CONSTRAINED": "constrained",
    "PAPERQA_MODE": "mode",
    "PAPERQA_RERANKER": "reranker",
    "PAPERQA_HOOK": "hook",
}
_OTHER_VARIABLES = frozenset({"PAPERQA_CACHE"})  # of the demo


def _find(start: Path | None) -> Path | None:
    starts = (Path.cwd(),) if start is None else (start.absolute(), Path.cwd())
    places = (place for begin in starts for place in (begin, *begin.parents))
    return next((file for place in places if (file := place / FILE_NAME).is_file()), None)


def _read(file: Path) -> dict[str, tuple[int, Any]]:
    """The file's keys, known ones all, with their lines and values; without those that are null."""
    import yaml

    found: dict[str, tuple[int, Any]] = {}
    try:
        loader = yaml.SafeLoader(file.read_bytes())
        top = loader.get_single_node()
        if top is not None and not isinstance(top, yaml.MappingNode):
            raise SettingsError(
                "not a mapping of keys to values", path=file, line=1, remedy=f"Known keys: {', '.join(_KINDS)}."
            )
        for key, value in top.value if top else ():
            line = key.start_mark.line + 1
            name = _known(str(key.value), _KINDS, path=file, line=line)
            if name in found:
                raise SettingsError("given twice", path=file, line=line, field=name, remedy="Leave one of them out.")
            found[name] = line, loader.construct_object(value, deep=True)
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", path=file, remedy="Check its permissions.") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SettingsError(
            f"not valid YAML: {error.problem}", path=file, line=line, remedy="Mend the line."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # bytes of no encoding, a 13th month, deep nesting
        raise SettingsError(f"not valid YAML: {error}", path=file, remedy="Mend it.") from error
    return {name: (line, value) for name, (line, value) in found.items() if value is not None}


def _known(name: str, known: Iterable[str], **where: Any) -> str:
    if name in known:
        return name
    near = "".join(f"Did you mean {key}? " for key in get_close_matches(name, known, 1))
    raise SettingsError(f"unknown: {name!r}", remedy=f"{near}Known: {', '.join(known)}.", **where)


def _value(key: str, value: Any, base: Path, **where: Any) -> Any:
    """A value of the file or the environment as one of its key's kind."""
    try:
        if key == "dataset" and isinstance(value, list) and all(isinstance(name, str) for name in value):
            value = ",".join(value)
        if not isinstance(value, str | int | float):
            raise ArgumentTypeError("not a single value")
        found = _KINDS[key](str(value))
        if key == "reranker" and (beside := base / Path(found).expanduser()).is_dir():
            found = str(beside)
        return base / found.expanduser() if isinstance(found, Path) else found
    except (ArgumentTypeError, RuntimeError) as error:  # the latter: no home directory
        raise SettingsError(str(error), remedy="`examples/paperqa.yaml` shows every setting.", **where) from error
