"""What is done about a question before a model answers it: records to answer from, and what may be cited.

Modes (`settings.MODES`):
- `grounded`: records are searched for what is asked. They go into the prompt, nothing else can be cited, and one of
  them is. Where there are none, the answer says so, and no model is asked.
- `retrieved`: the same, but the model may cite what it likes.
- `constrained`: every record of the index can be cited, and nothing else.
- `free`: the model cites what it likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .generation import Generation, extend
from .prompt import grounded_messages, nothing_found
from .rerank import Reranker
from .retrieve import Retriever

if TYPE_CHECKING:
    from ..decode import TokenTrie
    from ..decode.processor import CitingProcessor

Message = Mapping[str, str]

ROLES = ("user", "assistant")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done about a question.

    Attributes:
        messages: for the model.
        system: prompt that goes with them; None for the config's.
        rows: of the index that the answer may cite; None for all.
        answer: where no model need be asked.
    """

    messages: list[dict[str, str]]
    system: str | None = None
    rows: np.ndarray | None = None
    answer: str | None = None


class Grounding:
    """What answers are grounded in.

    Args:
        index: directory of the reference index.
        mode: one of `settings.MODES`.
        reranker: of the papers found, if there is one.

    Attributes:
        index: the reference index.
        mode: may be changed between answers.
        trie: of the titles in the engine's tokens; None until it is attached, and where it cannot be constrained.

    Raises:
        IndexUnavailableError: there is no index, or it cannot be searched.
    """

    def __init__(self, index: Path, mode: str, reranker: Reranker | None = None) -> None:
        self._retriever = Retriever(index, reranker)
        self.index = self._retriever.index
        self.mode = mode
        self.trie: TokenTrie | None = None
        self._tokenizer: Any = None

    def attach(self, engine: Any) -> bool:
        """Let an engine of LLaMA-Factory be constrained; False if it cannot be: only `huggingface` can.

        The titles of the index are compiled for its tokenizer, unless they were before.
        """
        if not extend(engine):
            return False
        from ..decode import open_trie

        self._tokenizer = engine.tokenizer
        self.trie = open_trie(self.index, engine.tokenizer, progress=True)
        return True

    @property
    def constrained(self) -> bool:
        """Whether answers can cite nothing but records."""
        return self.trie is not None and self.mode in ("grounded", "constrained")

    def plan(self, messages: Sequence[Message]) -> Plan:
        """What is done about a conversation that ends in a question."""
        said = {role: [message["content"] for message in messages if message["role"] == role] for role in ROLES}
        if self.mode not in ("grounded", "retrieved") or messages[-1]["role"] != "user":
            return Plan([dict(message) for message in messages])  # the engine may change them
        *before, question = said["user"]
        request = self._retriever.read(question, before, said["assistant"])
        found = self._retriever.retrieve(request)
        if not found.whole:
            return Plan([], answer=nothing_found(request, found))
        system, asking = grounded_messages(request, found.papers, found.last)
        return Plan([asking], system["content"], found.rows)

    def generation(self, plan: Plan) -> Generation:
        """One generation of answers to a plan's messages."""
        if self.trie is None or not self.constrained:
            return Generation()
        return Generation(self.processor([plan]))

    def processor(self, plans: Sequence[Plan]) -> CitingProcessor:
        """What keeps answers to plans to what each may cite; where records were found, at least one of them is."""
        assert self.trie is not None
        from ..decode import citing_processor

        rows = [plan.rows for plan in plans]
        return citing_processor(self.trie, self._tokenizer, rows, must_cite=self.mode == "grounded")

    def arguments(self, generation: Generation) -> dict[str, Any]:
        """What the engine's chat methods take of a generation."""
        return {} if self.trie is None else generation.arguments()
