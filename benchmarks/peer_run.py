"""What the runners of the peers share: each runs in the peer's own environment, and sees no network.

python peer_NAME.py RECORDS.jsonl CITATIONS.json DIRECTORY → a line of JSON: {"seconds": …, "labels": […]}
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

Record = dict[str, Any]  # id, title, authors, year
Check = Callable[[Sequence[Record]], list[str]]  # citations (title, authors, year, arxiv_id) → labels
NOWHERE = "http://127.0.0.1:9"  # a proxy that answers nobody, for what does not go through Python's sockets


def run(prepare: Callable[[Iterator[Record], Path], Check]) -> None:
    """Build the peer's database, check the citations, print the labels and the seconds that checking took."""
    records, citations, directory = map(Path, sys.argv[1:])
    os.environ |= {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "ALL_PROXY": NOWHERE, "NO_PROXY": ""}
    socket.socket.connect = _refused  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = _refused  # type: ignore[assignment]
    with records.open() as lines:
        check = prepare(map(json.loads, lines), directory)
    cited = json.loads(citations.read_text())
    check(cited[:1])  # opens what is opened once
    started = time.perf_counter()
    labels = check(cited)
    print(json.dumps({"seconds": time.perf_counter() - started, "labels": labels}))


def _refused(*args: object, **options: object) -> NoReturn:
    raise OSError("the benchmark allows no network")
