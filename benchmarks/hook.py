"""What the hook adds to the start of a LLaMA-Factory run, in milliseconds; each time in a new process.

Example:
  python benchmarks/hook.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

BAR, TIMES = 20, 21  # ms of all steps, processes
_PROGRAM = """
import argparse, contextlib, dataclasses, difflib, functools, importlib.metadata, importlib.util, json, shlex, typing
import yaml  # LLaMA-Factory has loaded all these long before
from time import perf_counter, process_time
times = [(perf_counter(), process_time())]

from paperqa_ext import autoload
autoload.install()
times.append((perf_counter(), process_time()))

from paperqa_ext.hook import attach
attach(type("Trainer", (), {"save_predictions": lambda self: None}))
times.append((perf_counter(), process_time()))

from paperqa_ext.settings import load_settings
load_settings()
times.append((perf_counter(), process_time()))
print(json.dumps([[1000 * (b - a) for a, b in zip(before, after)] for before, after in zip(times, times[1:])]))
"""
_STEPS = ("at `import torch`", "when the SFT trainer is imported", "when it is made to predict: settings read")


def main() -> None:
    """Measure and print."""
    _timed()  # compiles the modules
    runs = [_timed() for _ in range(TIMES)]
    print(f"Medians of {TIMES} processes\n| step | ms | CPU ms |\n| --- | --- | --- |")
    for name, costs in zip(_STEPS, zip(*runs, strict=True), strict=True):
        print(f"| {name} | {median(wall for wall, _ in costs):.1f} | {median(cpu for _, cpu in costs):.1f} |")
    wall, cpu = (median(sum(step[clock] for step in run) for run in runs) for clock in (0, 1))
    print(f"| all; bar < {BAR}: {'met' if wall < BAR else 'MISSED'} | {wall:.1f} | {cpu:.1f} |")


def _timed() -> list[tuple[float, float]]:
    """Time and CPU time of each step."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    return [tuple(step) for step in json.loads(done.stdout)]


if __name__ == "__main__":
    main()
