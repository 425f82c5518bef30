"""`python -m paperqa_ext.convert`, with the times of its stages as a last line of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from paperqa_ext import convert

_STAGES: tuple[tuple[Any, str, str], ...] = (
    (convert, "collect", "read"),
    (convert, "Corpus", "plan"),
    (convert.Builder, "split", "build rows"),
    (convert.Builder, "seen", "build rows"),
    (convert, "write_searchable", "index"),
    (convert.Publication, "verify", "read back"),
)


def main() -> int:
    """Run the command; print `{stage: [[start, stop], …]}` in seconds of the epoch."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for owner, name, stage in _STAGES:
        setattr(owner, name, _timed(getattr(owner, name), times[stage]))
    status = convert.main()
    print(json.dumps(times))
    return status


def _timed(function: Callable[..., Any], times: list[tuple[float, float]]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        started = time.time()
        try:
            return function(*args, **options)
        finally:
            times.append((started, time.time()))

    return timed


if __name__ == "__main__":
    sys.exit(main())
