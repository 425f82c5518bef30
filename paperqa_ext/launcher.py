"""Runs `llamafactory-cli train` and `paperqa answer` as a user would, with one bar and their output in a log file."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from .errors import StageError

# Only the trainer's own bar has no description before it; "answering" is that of `paperqa answer`.
_BAR = re.compile(rb"^(?:answering:)?\s*\d+%\|[^|]*\|\s*(\d+)/(\d+) \[")
_NOISE = b"MatMul8bitLt: inputs will be cast"  # once per matrix product on CPU
_POLL_SIZE = 4096


def train(
    config: Mapping[str, Any],
    directory: Path,
    name: str,
    *,
    total: int,
    env: Mapping[str, str],
    cwd: Path | None = None,
) -> None:
    """`llamafactory-cli train NAME.yaml`, showing a bar of `total` steps.

    Args:
        config: LLaMA-Factory's arguments.
        directory: gets `NAME.yaml` and `logs/NAME.log`.
        name: of the run.
        total: steps of the trainer's bar.
        env: variables to add to the environment.
        cwd: where it runs, from which paths in the config count; `directory` if None.

    Raises:
        StageError: it failed; names the log and its last error.
    """
    path = _written(config, directory, name)
    command = [*_program("llamafactory-cli"), "train", str(path.absolute())]
    _run(command, directory, name, total, env, cwd or directory)


def answer(
    config: Mapping[str, Any],
    directory: Path,
    name: str,
    options: Sequence[str],
    *,
    total: int,
    env: Mapping[str, str],
) -> None:
    """`paperqa answer NAME.yaml` in `directory`, showing a bar of `total` questions.

    Args:
        config: LLaMA-Factory's arguments, as for its chat.
        directory: where it runs; gets `NAME.yaml` and `logs/NAME.log`.
        name: of the run.
        options: of the command.
        total: questions.
        env: variables to add to the environment.

    Raises:
        StageError: it failed; names the log and its last error.
    """
    path = _written(config, directory, name)
    _run([*_program("paperqa"), "answer", path.name, *options], directory, name, total, env, directory)


def _written(config: Mapping[str, Any], directory: Path, name: str) -> Path:
    (directory / "logs").mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.yaml"
    path.write_text(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _run(command: Sequence[str], directory: Path, name: str, total: int, env: Mapping[str, str], cwd: Path) -> None:
    log = directory / "logs" / f"{name}.log"
    with (
        log.open("wb") as sink,
        tqdm(total=total, unit="step", mininterval=0.5 if sys.stderr.isatty() else 15, leave=False) as bar,
        subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _follow(process, sink, bar)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        program, *arguments = command
        raise StageError(
            f"{Path(program).name} {arguments[0]} {name}.yaml failed with exit code {process.returncode}: "
            f"{_last_error(log)}",
            path=log,
            remedy="The log has the whole story. Run again to resume from here.",
        )


def _program(name: str) -> list[str]:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise StageError(f"{name} is not installed", remedy="Run `pip install paperqa-ext`.")
    return [found]


def _follow(process: subprocess.Popen[bytes], sink: Any, bar: tqdm[Any]) -> None:
    """Copy the output to the log and the trainer's bar to ours."""
    assert process.stdout is not None
    pace = 1 if sys.stderr.isatty() else 15
    output, rest = process.stdout.fileno(), b""
    while True:
        while not select.select([output], [], [], pace)[0]:
            bar.refresh()  # the trainer is silent during its first steps; the clock is not
        chunk = os.read(output, _POLL_SIZE)
        if not chunk:
            return
        *lines, rest = re.split(rb"[\r\n]+", rest + chunk)
        for line in lines:
            if _NOISE not in line:
                sink.write(line + b"\n")
        sink.flush()
        for match in filter(None, map(_BAR.match, [*lines, rest])):
            done, total = map(int, match.groups())
            if total == bar.total:
                bar.update(max(0, done - bar.n))


def _last_error(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if re.match(r"\w*(?:Error|Exception)\b", line)]
    return (errors or lines or ["no output"])[-1][:300]
