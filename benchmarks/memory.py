"""What a process and its children hold in memory while they run."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress

import psutil

_INTERVAL = 0.2  # seconds between two looks


def memory_held(process: subprocess.Popen[bytes]) -> list[tuple[float, int]]:
    """Times, and the bytes that a process and its children then hold, until it ends.

    They are proportional (PSS): what processes share is counted once, files mapped into memory are counted.
    """
    tree, held = psutil.Process(process.pid), [(time.time(), 0)]
    while process.poll() is None:
        size = 0
        with suppress(psutil.Error):  # one has just ended
            for member in (tree, *tree.children(recursive=True)):
                size += member.memory_full_info().pss
        held.append((time.time(), size))
        time.sleep(_INTERVAL)
    return held
