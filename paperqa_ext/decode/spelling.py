"""`Spelling`: the bytes that each token of a tokenizer stands for, and texts encoded so that they come back exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from ..errors import PaperQAError

_SPACE = "▁"  # SentencePiece's


class Spelling:
    """What a tokenizer's tokens spell.

    Tokens that are bytes in disguise (GPT-2, Qwen, Llama 3) and SentencePiece's with byte fallback (Llama 2, Gemma)
    are understood.

    Args:
        tokenizer: of transformers, with a `tokenizers` backend.

    Attributes:
        tokens: the bytes of each token by its id; none for special tokens and unused ids.
        hash: of all in the tokenizer that the encoding of a text depends on.

    Raises:
        PaperQAError: the tokenizer is of another kind, and might not give back every title.
    """

    def __init__(self, tokenizer: Any) -> None:
        from tokenizers import Tokenizer

        if (backend := getattr(tokenizer, "backend_tokenizer", None)) is None:
            raise _unknown(type(tokenizer).__name__)
        content = backend.to_str()
        # What batches are padded and cut to is set on the fly and stands before the rest.
        self.hash = blake2b(content.partition('"added_tokens"')[2].encode(), digest_size=16).hexdigest()
        self._encoder = Tokenizer.from_str(content)  # nobody else sets padding on it
        self._encoder.no_padding()
        self._encoder.no_truncation()
        spell = _speller(orjson.loads(self._encoder.decoder.__getstate__()) if self._encoder.decoder else {})
        vocabulary = self._encoder.get_vocab(with_added_tokens=True)
        self.tokens = [b""] * (max(vocabulary.values()) + 1)
        for token, number in vocabulary.items():
            self.tokens[number] = spell(token)
        for number, added in self._encoder.get_added_tokens_decoder().items():
            self.tokens[number] = b"" if added.special else added.content.encode()
        # From the last id to the first, so that of several tokens with the same bytes the first one stays.
        self._ids = {token: number for number, token in reversed(list(enumerate(self.tokens))) if token}
        self._longest = max(map(len, self._ids), default=0)

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, texts: Sequence[str], after: str) -> list[list[int]]:
        """Tokens that spell exactly each text, as the tokenizer cuts it where it follows `after`.

        Where the tokenizer joins the end of `after` with the text, the text is cut as if it stood alone; where the
        tokenizer changes it (white space, Unicode), it is spelt with the longest tokens.

        Raises:
            PaperQAError: there are no tokens for a text.
        """
        lead = after.encode()
        whole = [after + text for text in texts]
        if len(whole) > 1:
            found = self._encoder.encode_batch_fast(whole, add_special_tokens=False)
        else:  # without waking the threads that batches are spread over
            found = [self._encoder.encode(text, add_special_tokens=False) for text in whole]
        return [self._exact(text.encode(), lead, encoding.ids) for text, encoding in zip(texts, found, strict=True)]

    def _exact(self, text: bytes, lead: bytes, ids: list[int]) -> list[int]:
        spelt, start = b"", 0
        while len(spelt.lstrip(b" ")) < len(lead) and start < len(ids):  # some tokenizers begin every text with a space
            spelt += self.tokens[ids[start]]
            start += 1
        if spelt.lstrip(b" ") == lead and self.spell(ids[start:]) == text:
            return ids[start:]
        alone = self._encoder.encode(text.decode(), add_special_tokens=False).ids
        return alone if self.spell(alone) == text else self._longest_tokens(text)

    def spell(self, ids: Sequence[int]) -> bytes:
        """What the tokens `ids` spell."""
        return b"".join(map(self.tokens.__getitem__, ids))

    def _longest_tokens(self, text: bytes) -> list[int]:
        ids: list[int] = []
        start = 0
        while start < len(text):
            stops = range(min(len(text), start + self._longest), start, -1)
            stop = next((stop for stop in stops if text[start:stop] in self._ids), None)
            if stop is None:
                raise PaperQAError(
                    f"the tokenizer has no token for {text[start:].decode('utf-8', 'replace')[:1]!r}",
                    remedy="Constrained citations need a tokenizer that can spell every byte.",
                )
            ids.append(self._ids[text[start:stop]])
            start = stop
        return ids


def _speller(decoder: dict[str, Any]) -> Callable[[str], bytes]:
    """How tokens are read, by what the tokenizer's decoder is made of."""
    parts = decoder.get("decoders", [decoder])
    kinds = {part.get("type") for part in parts}
    if "ByteLevel" in kinds:
        byte_of = _byte_letters()

        def spell(token: str) -> bytes:
            letters = [byte_of.get(letter) for letter in token]
            return token.encode() if None in letters else bytes(letters)  # type: ignore[arg-type]

        return spell
    if "Metaspace" in kinds or {"type": "Replace", "pattern": {"String": _SPACE}, "content": " "} in parts:
        fallback = {f"<0x{byte:02X}>": bytes([byte]) for byte in range(256)}
        return lambda token: fallback.get(token) or token.replace(_SPACE, " ").encode()
    raise _unknown(" and ".join(sorted(map(str, kinds))))


def _byte_letters() -> dict[str, int]:
    """The byte that each letter stands for in byte-level vocabularies (GPT-2's `bytes_to_unicode`)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


def _unknown(kind: str) -> PaperQAError:
    return PaperQAError(
        f"citations cannot be constrained with a tokenizer of this kind ({kind})",
        remedy="Use a model with a byte-level or SentencePiece tokenizer, such as Qwen, Llama or SmolLM.",
    )
