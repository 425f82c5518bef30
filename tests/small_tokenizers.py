"""Small tokenizers of several kinds, trained in a second, and a small model for each; for tests of `decode`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

KINDS = ("byte-level", "byte-level across words", "sentencepiece")
END = "<|end|>"


def small_tokenizer(kind: str, texts: Sequence[str], size: int = 1500) -> Any:
    """A tokenizer of transformers, trained on `texts`; "across words" has tokens such as ` **Deep`."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = kind == "sentencepiece"
    made = Tokenizer(models.BPE(unk_token="<unk>" if pieces else None))
    if pieces:
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
        made.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
    else:
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=kind == KINDS[0])
        made.decoder = decoders.ByteLevel()
    alphabet = [] if pieces else pre_tokenizers.ByteLevel.alphabet()
    special = [END, "<unk>"] if pieces else [END]
    made.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    if pieces:  # with a token for every byte, as Llama 2's has
        plan = json.loads(made.to_str())
        vocabulary = plan["model"]["vocab"]
        vocabulary.update({f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)})
        plan["model"]["byte_fallback"] = True
        made = Tokenizer.from_str(json.dumps(plan))
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=END, pad_token=END, clean_up_tokenization_spaces=False, padding_side="left"
    )


def small_model(tokenizer: Any, seed: int = 0) -> Any:
    """A Qwen3 with random weights for the vocabulary of `tokenizer`."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer) + 7,  # models have more rows than there are tokens
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    ).eval()
