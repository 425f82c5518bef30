"""What the hook adds to the start of a LLaMA-Factory run, in milliseconds; each time in a new process.

Processes with the hook and without it take turns, so that what else the machine does falls on both alike.

Example:
  python benchmarks/hook.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

BAR, TIMES = 20, 31  # ms of all steps, pairs of processes
_IMPORTS = 4_200  # modules that LLaMA-Factory imports between PyTorch and its SFT trainer
_STEPS = {
    "at `import torch`": "from paperqa_ext import autoload; autoload.install()",
    f"while {_IMPORTS:,} modules are imported": f"for _ in range({_IMPORTS}): sys.meta_path[0].find_spec('any', None)",
    "when the SFT trainer is imported": "from paperqa_ext.hook import attach; attach(Trainer)",
    "only if it predicts: settings read": "from paperqa_ext.settings import load_settings; load_settings()",
}
_PROGRAM = """
import argparse, contextlib, dataclasses, difflib, functools, importlib.metadata, importlib.util, json, shlex, sys
import typing, yaml  # LLaMA-Factory has loaded all these long before
from time import perf_counter, process_time

class Trainer:
    def save_predictions(self): ...

costs = []
for step in json.loads(sys.argv[1]):
    step = compile(step, "step", "exec")
    wall, cpu = perf_counter(), process_time()
    exec(step)
    costs.append((perf_counter() - wall, process_time() - cpu))
print(json.dumps([costs, process_time()]))
"""


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


class Run(NamedTuple):
    """A process: what each step costs, and all of it."""

    steps: Sequence[Cost]
    whole: Cost

    @property
    def hook(self) -> Cost:
        """All steps."""
        return Cost(*map(sum, zip(*self.steps, strict=True)))


def main() -> None:
    """Measure and print."""
    uncompiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as directory:
        first = [_run(_STEPS, uncompiled | {"PYTHONPYCACHEPREFIX": directory}).hook for _ in range(TIMES // 3)]
        compiled = {key: value for key, value in uncompiled.items() if key != "PYTHONDONTWRITEBYTECODE"}
        compiled["PYTHONPYCACHEPREFIX"] = directory
        _run(_STEPS, compiled)  # compiles the modules, as installers do
        pairs = [(_run({}, compiled), _run(_STEPS, compiled)) for _ in range(TIMES)]
    print(f"Medians of {TIMES} pairs of processes\n\n| step | ms | CPU ms |\n| --- | --- | --- |")
    for place, name in enumerate(_STEPS):
        _print(name, [run.steps[place] for _, run in pairs])
    wall = _print("all steps", [run.hook for _, run in pairs])
    differences = [Cost(*(b - a for a, b in zip(off.whole, on.whole, strict=True))) for off, on in pairs]
    _print("a process with all steps, less one without", differences)
    _print("all steps where nothing is compiled yet, once after an editable install", first)
    print(f"\nAll steps < {BAR} ms: {'met' if wall < BAR else 'MISSED'}")


def _run(steps: Mapping[str, str], environment: Mapping[str, str]) -> Run:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(list(steps.values()))]
    started = perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    wall = perf_counter() - started
    costs, cpu = json.loads(done.stdout)
    return Run([Cost(*cost) for cost in costs], Cost(wall, cpu))


def _print(name: str, costs: Sequence[Cost]) -> float:
    """A row of the table; the median of the wall time in ms."""
    wall, cpu = (1000 * median(clock) for clock in zip(*costs, strict=True))
    print(f"| {name} | {wall:.1f} | {cpu:.1f} |")
    return wall


if __name__ == "__main__":
    main()
