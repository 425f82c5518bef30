"""Brings the check into every LLaMA-Factory process: PyTorch calls `install` at `import torch`.

The entry-point group `torch.backends` is meant for device backends, but it is what `llamafactory-cli`, its torchrun
workers and the web UI's subprocesses all pass through. So this module imports nothing heavy, and no failure here may
reach `import torch`. `PAPERQA_HOOK=0` turns it off.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

TRAINER_MODULE = "llamafactory.train.sft.trainer"


def install() -> None:
    """Attach the check to LLaMA-Factory's SFT trainer once something imports it."""
    with contextlib.suppress(Exception):
        if os.environ.get("PAPERQA_HOOK") == "0" or any(isinstance(f, _AfterImport) for f in sys.meta_path):
            return
        if TRAINER_MODULE in sys.modules:
            _attach(sys.modules[TRAINER_MODULE])
        else:
            sys.meta_path.insert(0, _AfterImport())


def _attach(module: ModuleType) -> None:
    try:
        from .hook import attach

        attach(module.CustomSeq2SeqTrainer)
    except Exception as error:  # a LLaMA-Factory of another version: its run goes on
        print(f"paperqa-ext: what this run predicts will not be checked: {error!r}", file=sys.stderr)


class _AfterImport(MetaPathFinder):
    """Lets the usual finders load the trainer module, then attaches the check to it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != TRAINER_MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            _attach(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
