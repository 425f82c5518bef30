"""Where work on many items is done: in this process, in several, or on a Ray cluster; the results come in order."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from types import TracebackType
from typing import Any, Protocol, TypeVar

from .errors import EngineError

T = TypeVar("T")
R = TypeVar("R")
ENGINES = ("local", "ray")
# A few items are done sooner here than processes start.
_FEW = 8


class Engine(Protocol):
    """Applies picklable functions to picklable items, a bounded number at a time."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """`function` of each item, in the order of the items; its errors are raised here."""

    def __enter__(self) -> Engine:
        """Use the engine."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Stop what it started."""


def open_engine(name: str, workers: int | None = None) -> Engine:
    """An engine by its name, one of `ENGINES`.

    Args:
        name: `local` or `ray`.
        workers: processes of the local engine; as many as there are cores if None. Ray knows its own.

    Raises:
        EngineError: Ray is not installed.
    """
    return RayEngine() if name == "ray" else LocalEngine(workers or cores())


def cores() -> int:
    """Number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Call:
    """A function, pickled once for all its items and unpickled once a process."""

    pickled: bytes

    def __call__(self, item: Any) -> Any:
        return _loaded(self.pickled)(item)


_loaded = lru_cache(maxsize=4)(pickle.loads)


class LocalEngine:
    """This process for a few items, a pool of `workers` processes for many."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """As `Engine.map`."""
        items = iter(items)
        first = list(islice(items, _FEW))
        if len(first) < _FEW or self._workers == 1:
            return map(function, chain(first, items))
        return self._pooled(function, chain(first, items))

    def _pooled(self, function: Callable[[T], R], items: Iterator[T]) -> Iterator[R]:
        if self._pool is None:
            # Not forked: this process may hold threads (Arrow, PyTorch) and locks.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin_worker)
        call = _Call(pickle.dumps(function))
        pending: deque[Future[R]] = deque()
        try:
            for item in items:
                pending.append(self._pool.submit(call, item))
                if len(pending) > 2 * self._workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool as error:
            raise EngineError(
                "a worker process died", remedy="Most often memory ran out: run with --workers 1, or free some."
            ) from error
        finally:
            for future in pending:
                future.cancel()

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    # Ctrl-C reaches every process of the terminal; the parent handles it for all.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed stops nobody: without this its workers would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class RayEngine:
    """Ray Data on the cluster that Ray finds (`RAY_ADDRESS`), or on this machine."""

    _WINDOW = 64  # items in flight, so that a stream of millions needs no more memory than one of a few

    def __init__(self) -> None:
        try:
            import ray
        except ImportError as error:
            raise EngineError(
                "Ray is not installed",
                field="--engine",
                remedy="pip install 'paperqa-ext[ray]', or use --engine local.",
            ) from error
        self._started = not ray.is_initialized()
        if self._started:
            ray.init(log_to_driver=False, logging_level=logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """As `Engine.map`."""
        import ray

        def work(row: dict[str, object]) -> dict[str, object]:
            try:
                return {"place": row["place"], "result": function(row["item"]), "error": None}  # type: ignore[arg-type]
            except Exception as error:  # Ray would wrap it in its own
                return {"place": row["place"], "result": None, "error": error}

        items = iter(items)
        while window := list(islice(items, self._WINDOW)):
            rows = [{"place": place, "item": item} for place, item in enumerate(window)]
            done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(work).take_all()
            for row in sorted(done, key=lambda row: row["place"]):
                if row["error"] is not None:
                    raise row["error"]
                yield row["result"]

    def __enter__(self) -> RayEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        if self._started:
            ray.shutdown()
