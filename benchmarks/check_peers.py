"""Other checkers of citations on the same citations and records, each in an environment of its own, without network.

Installing them is the one thing that needs a package index; where it fails, that is said and the others go on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from paperqa_ext.citations import Citation
from paperqa_ext.papers import Paper

_PATIENCE = 1800  # seconds for installing or for checking


@dataclass(frozen=True, slots=True)
class Peer:
    """A checker on the package index.

    Attributes:
        package: its name there.
        version: that was measured.
        runner: the script in this directory that runs it.
        verified: labels by which it accepts a citation; with any other it flags it.
        python: version of Python that it has a wheel for; None for this one.
    """

    package: str
    version: str
    runner: str
    verified: tuple[str, ...]
    python: str | None = None


PEERS = (
    Peer("hallucinator", "0.2.2", "peer_hallucinator.py", ("verified",), "3.12"),
    Peer("academic-refchecker", "3.1.10", "peer_refchecker.py", ("verified",)),
    Peer("citecheck-refs", "0.4.1", "peer_citecheck.py", ("VERIFIED",)),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a peer made of the citations, or why it did not run.

    Attributes:
        peer: who.
        flagged: whether it flags each citation; empty if it did not run.
        seconds: that checking took, without building its database.
        reason: why it did not run.
    """

    peer: Peer
    flagged: tuple[bool, ...] = ()
    seconds: float = 0.0
    reason: str = ""


def run_peers(papers: Iterable[Paper], citations: Sequence[Citation], directory: Path) -> Iterator[Checked]:
    """Each peer on the same citations, with a database of the same papers.

    Args:
        papers: of the database.
        citations: to be checked.
        directory: where the peers' environments are kept for the next run.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory) as made:
        records, cited = Path(made, "records.jsonl"), Path(made, "citations.json")
        with records.open("wb") as lines:
            for paper in papers:
                record = {"id": paper.id, "title": paper.title, "authors": paper.authors, "year": paper.year}
                lines.write(orjson.dumps(record) + b"\n")
        fields = ("title", "authors", "year", "arxiv_id")
        cited.write_bytes(orjson.dumps([{name: getattr(one, name) for name in fields} for one in citations]))
        for peer in PEERS:
            with tempfile.TemporaryDirectory(dir=made) as scratch:
                yield _checked(peer, directory, records, cited, Path(scratch))


def _checked(peer: Peer, directory: Path, records: Path, cited: Path, scratch: Path) -> Checked:
    try:
        python = _environment(peer, directory / f"{peer.package}-{peer.version}")
        command = [str(python), str(Path(__file__).with_name(peer.runner)), str(records), str(cited), str(scratch)]
        printed = _run(command, os.environ | {"PYTHONPATH": "", "HOME": str(scratch)})
        answer = json.loads(printed.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        return Checked(peer, reason=_reason(error))
    return Checked(peer, tuple(label not in peer.verified for label in answer["labels"]), answer["seconds"])


def _environment(peer: Peer, home: Path) -> Path:
    """The interpreter of a virtual environment with the peer, made if it is not there."""
    python = home / "bin" / "python"
    if (home / "installed").exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    _run([_interpreter(peer.python), "-m", "venv", str(home)])
    wanted = f"{peer.package}=={peer.version}"
    _run([str(python), "-m", "pip", "install", "--quiet", "--only-binary", peer.package, wanted])
    (home / "installed").touch()
    return python


def _interpreter(version: str | None) -> str:
    """Python of this version, on the path or where pyenv keeps it.

    Raises:
        ValueError: there is none.
    """
    if version is None or sys.version.startswith(f"{version}."):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for candidate in (shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")):
        # Pyenv puts a command on the path for versions that are not in use, too: it ends with an error.
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(candidate)
    raise ValueError(f"it has a wheel for Python {version} only, which is not here")


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE, env=environment)
    return run.stdout


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return ((error.stderr or error.stdout).strip().splitlines() or [str(error)])[-1]
    return str(error)
