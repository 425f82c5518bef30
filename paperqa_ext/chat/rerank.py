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
        ChatError: sentence-transformers is not installed.
    """

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found]
        except ImportError as error:
            raise ChatError(
                "re-ranking needs sentence-transformers", remedy="Install it: pip install 'paperqa-ext[rerank]'."
            ) from error
        self._model = SentenceTransformer(model)

    def scores(self, query: str, papers: Sequence[Paper]) -> Sequence[float]:
        """Similarity of each paper's title and abstract to the question, -1 to 1."""
        asked = self._model.encode_query([query])
        found = self._model.encode_document([f"{paper.title}\n{paper.abstract}".strip() for paper in papers])
        similarity: Sequence[float] = self._model.similarity(asked, found)[0].tolist()
        return similarity
