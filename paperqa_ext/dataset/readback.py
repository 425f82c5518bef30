"""Dataset files read back through LLaMA-Factory's own loader, before anybody trains on them."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from .registry import stage_of

_PART = 32 << 20  # bytes of a file that are loaded at a time
_LOADED = "loaded.jsonl"  # number of rows, first and last row of each data set
_ENVIRONMENT: Mapping[str, str] = {
    "DISABLE_VERSION_CHECK": "1",  # LLaMA-Factory refuses versions of other libraries that load data just as well
    "TORCH_DEVICE_BACKEND_AUTOLOAD": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")))),
}


def read_back(directory: Path, names: Mapping[str, int]) -> None:
    """See that data sets arrive in LLaMA-Factory as they were written.

    The loader runs in a process of its own: what it prints, sets and holds in memory goes with that process.

    Args:
        directory: as LLaMA-Factory's `dataset_dir`, with `dataset_info.json`; what the loader caches lies there too.
        names: data sets to load and the number of rows each has.

    Raises:
        DatasetError: one cannot be loaded, or its number of rows, its first or its last row differ.
    """
    entries = json.loads((directory / "dataset_info.json").read_text(encoding="utf-8"))
    for name, rows in names.items():
        if rows == 0:  # LLaMA-Factory ends with a bare StopIteration
            raise _failure("it has no rows", name)
    loader = subprocess.run(
        [sys.executable, "-m", "paperqa_ext.dataset.readback", str(directory), *names],
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    loaded = directory / _LOADED
    lines = loaded.read_text(encoding="utf-8").splitlines() if loaded.exists() else []
    for place, (name, rows) in enumerate(names.items()):
        if place == len(lines):
            raise _failure(f"LLaMA-Factory cannot load it: {_reason(loader)}", name)
        found, *aligned = json.loads(lines[place])
        if found != rows:
            raise _failure(f"LLaMA-Factory loads {found:,} rows of {rows:,}", name)
        written = _ends(directory / entries[name]["file_name"])
        for which, expected, row in zip(("first", "last"), written, aligned, strict=True):
            differing = [key for key, value in _aligned(expected).items() if row[key] != value]
            if differing:
                raise _failure(f"LLaMA-Factory loads another {differing[0]} in the {which} row", name)


def _failure(message: str, name: str) -> DatasetError:
    return DatasetError(
        f"data set {name}: {message}",
        remedy="Nothing was published. Check that `llamafactory-cli version` runs, and that memory and disk are free.",
    )


def _reason(loader: subprocess.CompletedProcess[str]) -> str:
    if loader.returncode < 0:
        return f"its process was ended by signal {-loader.returncode}, most often because memory ran out"
    lines = loader.stderr.strip().splitlines()
    return lines[-1].rstrip(".") if lines else f"exit status {loader.returncode}"


def _ends(path: Path) -> Iterator[dict[str, Any]]:
    """The first and the last row of a file with a row a line, between brackets on lines of their own."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        first, last = text.find(b"\n") + 1, text.rfind(b"\n", 0, text.rfind(b"\n]"))
        yield json.loads(text[first : text.find(b"\n", first)].removesuffix(b","))
        yield json.loads(text[last + 1 : text.rfind(b"\n]")])


def _aligned(row: Mapping[str, Any]) -> dict[str, Any]:
    """What LLaMA-Factory shall make of a row, from the row alone: its entry may be what is wrong."""
    if "conversations" in row:
        *asked, answer = [message["value"] for message in row["conversations"]]
        answers = [answer]
    else:
        asked = [text for pair in row["history"] for text in pair] + [row["instruction"]]
        answers = [row["chosen"], row["rejected"]] if "chosen" in row else [row["output"]]
    if "kto_tag" in row:  # the place of the answer says what it is worth
        answers = [*answers, ""] if row["kto_tag"] else ["", *answers]
    return {
        "prompt": [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(asked)],
        "response": [{"role": "assistant", "content": text} for text in answers],
        "system": row["system"],
    }


def _load(directory: Path, names: Sequence[str]) -> None:
    """Write what LLaMA-Factory loads, a line a data set."""
    entries = json.loads((directory / "dataset_info.json").read_text(encoding="utf-8"))
    for name in names:
        stage = stage_of(entries[name])
        count, first = 0, None
        for part in _parts(directory / entries[name]["file_name"], directory / "part.json"):
            with tempfile.TemporaryDirectory(dir=directory) as room:
                entry = {**entries[name], "file_name": str(part.resolve())}
                (Path(room) / "dataset_info.json").write_text(json.dumps({name: entry}), encoding="utf-8")
                rows, *ends = _load_part(room, name, stage)
            count, first = count + rows, first or ends[0]
        with (directory / _LOADED).open("a", encoding="utf-8") as file:
            file.write(json.dumps([count, first, ends[-1]]) + "\n")


def _load_part(directory: str, name: str, stage: Any) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Number of rows, first and last row."""
    from llamafactory.data.loader import _get_merged_dataset
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import Seq2SeqTrainingArguments

    dataset = _get_merged_dataset(
        [name],
        ModelArguments(model_name_or_path="none", cache_dir=directory),
        DataArguments(dataset_dir=directory, overwrite_cache=True),
        Seq2SeqTrainingArguments(output_dir=directory, report_to="none", use_cpu=True),
        stage=stage,
    )
    first, last = ({key: dataset[row][f"_{key}"] for key in ("prompt", "response", "system")} for row in (0, -1))
    return len(dataset), first, last


def _parts(path: Path, part: Path) -> Iterator[Path]:
    """`path`, or what it holds in `part` piece by piece: LLaMA-Factory needs seven times the size of a file in memory.

    Args:
        path: a JSON array with a row a line.
        part: where pieces are written, one over the other.
    """
    if path.stat().st_size <= _PART:
        yield path
        return
    with path.open("rb") as file:
        file.readline()
        while lines := file.readlines(_PART):
            if rows := b"".join(lines).removesuffix(b"]\n").rstrip(b",\n"):
                part.write_bytes(b"[\n" + rows + b"\n]\n")
                yield part


if __name__ == "__main__":
    _load(Path(sys.argv[1]), sys.argv[2:])
