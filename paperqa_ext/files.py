"""Files that appear whole or not at all: written where nobody looks, then moved into their places together."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from .errors import OutputError

_PREFIX = ".paperqa-"  # of stages; each holds its `lock`, what is `new`, and the `old` that was in place
_STARTING = 5  # seconds in which a run has locked the stage it made
_HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an operating system's error in the block into one that names `path`.

    Raises:
        OutputError: the block raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}",
            path=path,
            remedy="Choose a place you may write to, with free space.",
        ) from error


def nearest_existing(directory: Path) -> Path:
    """`directory`, or the nearest above it that exists: on the same disk as what will be written there."""
    return next(place for place in (directory, *directory.absolute().parents) if place.is_dir())


class Staged:
    """New files and directories that take their names together, or leave everything as it was.

    Each is written in a private directory beside its place, which a later run removes if this one is killed. A kill
    between the first and the last renaming, which takes about a millisecond, leaves some new and some old, each whole.

    >>> with tempfile.TemporaryDirectory() as directory, Staged() as staged:
    ...     _ = staged.path(Path(directory) / "a.txt").write_text("a")
    ...     staged.commit()
    ...     (Path(directory) / "a.txt").read_text()
    'a'
    """

    def __init__(self) -> None:
        self._stages: dict[Path, Path] = {}
        self._moves: dict[Path, Path] = {}
        self._leaving = ExitStack()

    def __enter__(self) -> Staged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def path(self, target: Path) -> Path:
        """Where to write what shall become `target`: a file, or a directory to be made and filled.

        Raises:
            OutputError: nothing can be written beside `target`.
        """
        if target not in self._moves:
            self._moves[target] = self.room(target.parent) / "new" / target.name
        return self._moves[target]

    def room(self, directory: Path) -> Path:
        """A private directory in `directory`, which is made if need be, for what is needed meanwhile.

        Raises:
            OutputError: nothing can be written in `directory`.
        """
        if directory not in self._stages:
            with writing(directory):
                self._stages[directory] = self._leaving.enter_context(_stage(directory))
        return self._stages[directory]

    def commit(self) -> None:
        """Give everything its name, in the order in which the paths were asked for; a directory replaces a directory.

        Raises:
            OutputError: something cannot be written or moved; whatever was in place is there again.
        """
        for target, new in self._moves.items():
            with writing(target):
                _sync(new)
        with _signals_held(), ExitStack() as undo:
            for target, new in self._moves.items():
                with writing(target):
                    if target.exists() and target.is_dir() == new.is_dir():
                        old = self._stages[target.parent] / "old" / target.name
                        _retire(target, old)
                        undo.callback(_move_back, old, target)
                    new.replace(target)
                    undo.callback(_move_back, target, new)
            undo.pop_all()
        for parent in self._stages:
            with suppress(OSError):  # where directories cannot be synchronized, names are safe a little later
                _sync_directory(parent)
        self._moves.clear()


@contextmanager
def _stage(parent: Path) -> Iterator[Path]:
    """A private directory in `parent`, locked while it is in use."""
    made = [directory for directory in (parent, *parent.parents) if not directory.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for leftover in parent.glob(f"{_PREFIX}*"):
            _remove_leftover(leftover)
        stage = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = FileLock(stage / "lock")
        try:
            lock.acquire()
            for name in ("new", "old"):
                (stage / name).mkdir()
            yield stage
        finally:
            lock.release()
            _remove(stage)
    finally:
        for directory in made:
            with suppress(OSError):  # in use
                directory.rmdir()


def _remove_leftover(stage: Path) -> None:
    lock = FileLock(stage / "lock")
    in_use = False
    try:
        # Without `new` it was killed while it was removed, or belongs to a run that is about to lock it.
        in_use = (stage / "new").exists()
        if not in_use and time.time() - stage.stat().st_mtime < _STARTING:
            return
        lock.acquire(timeout=0)
    except (Timeout, OSError):  # in use, or another user's
        pass
    else:
        try:
            _remove(stage)
        finally:
            lock.release()
    if in_use and not (stage / "new").exists():
        _remove(stage)  # its run ended meanwhile, and asking for its lock has made the file again


def _remove(stage: Path) -> None:
    """Remove a stage; what it took from its place and did not replace goes back first, or the stage stays."""
    with suppress(OSError):
        for old in (stage / "old").glob("*"):
            if not os.path.lexists(stage.parent / old.name):
                old.rename(stage.parent / old.name)
        shutil.rmtree(stage, ignore_errors=True)  # another run may be at it too


def _retire(target: Path, old: Path) -> None:
    """Keep what is at `target` as `old`: a file by a second link, so that its place is never empty."""
    if not target.is_dir():
        with suppress(OSError, NotImplementedError):  # a file system without links
            old.hardlink_to(target)
            return
    target.replace(old)


def _move_back(path: Path, target: Path) -> None:
    with suppress(OSError):  # the error that matters is on its way already
        path.replace(target)


def _sync(path: Path) -> None:
    if path.is_dir():
        for item in path.iterdir():
            _sync(item)
        with suppress(OSError):
            _sync_directory(path)
    else:
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C and the request to end are obeyed after the block."""
    if threading.current_thread() is not threading.main_thread():  # Python handles signals in the main thread only
        yield
        return
    held: list[int] = []
    before = {number: handler for number in _HELD if (handler := signal.getsignal(number)) is not None}
    for number in before:
        signal.signal(number, lambda number, _: held.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for signal_number in held:
            signal.raise_signal(signal_number)
