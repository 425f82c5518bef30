"""Putting retrieved papers in order by what they mean, with a model of embeddings; an extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..errors import ChatError
from ..papers import Paper


class Reranker(Protocol):
    """Says how well papers answer a question."""

    def scores(self, query: str, papers: Sequence[Paper]) -> Sequence[float]:
        """A score of each paper, higher for better."""


class EmbeddingReranker:
    """Cosine similarity of the embeddings of question and paper, by a model of sentence-transformers.

    Reimers and Gurevych, Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks, arXiv:1908.10084.

    Args:
        model: name or directory of a model; for questions in Chinese a multilingual one.

    Raises:
        ChatError: sentence-transformers is not installed, or cannot load the model.
    """

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ChatError(
                "re-ranking needs sentence-transformers", remedy="Install it: pip install 'paperqa-ext[rerank]'."
            ) from error
        try:
            self._model = SentenceTransformer(model)
        except Exception as error:  # it raises what transformers, the hub and safetensors raise
            raise ChatError(
                f"the re-ranker cannot be loaded: {str(error).splitlines()[0] if str(error) else error!r}",
                field="reranker", remedy="Give a model of sentence-transformers, or the directory of one.",
            ) from error  # fmt: skip

    def scores(self, query: str, papers: Sequence[Paper]) -> Sequence[float]:
        """Similarity of each paper's title and abstract to the question, -1 to 1."""
        asked = self._model.encode_query([query])
        found = self._model.encode_document([f"{paper.title}\n{paper.abstract}".strip() for paper in papers])
        similarity: Sequence[float] = self._model.similarity(asked, found)[0].tolist()
        return similarity


def open_reranker(model: str | None) -> Reranker | None:
    """The re-ranker of a model of embeddings, or None for none."""
    return None if model is None else EmbeddingReranker(model)
