"""A model to chat with: a tiny Qwen3, whose every next token is set by the last, and that always wants to cite one
paper that does not exist. What else it cites, it was made to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from paperqa_ext.chat.grounding import Grounding
from paperqa_ext.chat.model import load
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.papers import Paper

FAKE = "Peeling Quantum Bananas with Neural Elephants"
WANTED = f"1. **{FAKE}** — Jane Doe\n"
_OWN, _END, _REST = 20.0, 10.0, 0.5  # logits: of the token that it wants, of the end where that is barred


def write_citing_model(tiny_qwen3: Path, directory: Path) -> None:
    """`tiny_qwen3` with hand-set weights: the layers add nothing, so that an embedding alone tells what follows."""
    import torch
    from transformers import AutoTokenizer, Qwen3ForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(tiny_qwen3)
    model = Qwen3ForCausalLM.from_pretrained(tiny_qwen3, tie_word_embeddings=False)
    wanted = tokenizer(WANTED)["input_ids"]
    assert len(set(wanted)) == len(wanted), "a token that comes twice has two that follow"
    size = model.config.hidden_size
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        embeddings = torch.rand((model.config.vocab_size, size), generator=generator)
        embeddings[:, : len(wanted) + 1] = 0
        head = torch.rand(embeddings.shape, generator=generator) * _REST / size
        [bracket] = tokenizer(")")["input_ids"]  # ends a canonical line
        follows = dict(zip(wanted, [*wanted[1:], wanted[0]], strict=True)) | {bracket: wanted[-1]}
        for place, (token, following) in enumerate(follows.items()):
            embeddings[token] = torch.nn.functional.one_hot(torch.tensor(place), size)
            head[following, place] = _OWN / size**0.5
            head[tokenizer.eos_token_id, place] = _END / size**0.5
        model.model.embed_tokens.weight.copy_(embeddings)
        model.lm_head.weight.copy_(head)
        model.model.norm.weight.fill_(1)
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def write_config(model: Path, path: Path, **options: object) -> Path:
    """A config of `llamafactory-cli chat` for a model on one CPU core, greedy."""
    config = {
        "model_name_or_path": str(model),
        "template": "qwen3_nothink",
        "infer_backend": "huggingface",
        "do_sample": False,
        "max_new_tokens": 400,
        **options,
    }
    path.write_text(json.dumps(config), encoding="utf-8")  # which is YAML, too
    return path


@pytest.fixture(scope="session")
def searchable(papers: list[Paper], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of an index of the bundled sample that can be searched."""
    directory = tmp_path_factory.mktemp("searchable")
    write_searchable(papers, directory)
    return directory


@pytest.fixture(scope="session")
def citing_model(tiny_qwen3: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the model that wants to cite `FAKE`."""
    directory = tmp_path_factory.mktemp("citing_model")
    write_citing_model(tiny_qwen3, directory)
    return directory


@pytest.fixture(scope="session")
def chat_config(citing_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its config."""
    return write_config(citing_model, tmp_path_factory.mktemp("chat") / "infer.yaml")


@pytest.fixture(scope="session")
def loaded(chat_config: Path, searchable: Path) -> Any:
    """It, loaded once."""
    return load(chat_config, [], Grounding(searchable, "grounded"))


@pytest.fixture
def model(loaded: Any) -> Any:
    """It, in the default mode."""
    loaded.grounding.mode = "grounded"
    return loaded
