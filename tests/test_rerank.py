import json
import sys

import pytest

from paperqa_ext.chat.rerank import EmbeddingReranker, open_reranker
from paperqa_ext.chat.retrieve import Retriever
from paperqa_ext.cli import main
from paperqa_ext.errors import ChatError
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.papers import Paper

# BM25 ranks the first above the second.
PAPERS = [
    Paper("2201.00001", "Graph neural networks on graphs when graph neural networks are graph neural networks",
          ("Ann Bell",), "", ("cs.LG",), "2022-01"),
    Paper("2202.00002", "Predicting traffic by graph neural networks", ("Bo Li",), "", ("cs.LG",), "2022-02"),
    Paper("2203.00003", "Proteins and cells in graph neural networks", ("Chen Lu",), "", ("cs.LG",), "2022-03"),
]  # fmt: skip
QUESTION = "Recommend papers on graph neural networks"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A model of sentence-transformers, for which alike is what has words in common; words unknown to it are traffic."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    words = sorted({word for paper in PAPERS for word in paper.title.lower().split()})
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate([*words, "?"])}, unk_token="?"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    directory = tmp_path_factory.mktemp("embeddings") / "model"
    weights = torch.eye(len(words) + 1)
    weights[-1] = weights[words.index("traffic")]
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights.numpy())]).save_pretrained(
        str(directory)
    )
    return str(directory)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    directory = tmp_path_factory.mktemp("rerank") / "index"
    directory.mkdir()
    write_searchable(PAPERS, directory)
    return directory


def test_it_scores_papers_by_what_they_mean(model):
    scores = EmbeddingReranker(model).scores("predicting traffic", PAPERS)
    assert len(scores) == len(PAPERS) and max(scores) == scores[1] > 0.5
    assert scores[0] == scores[2] == pytest.approx(0, abs=1e-6)


def test_it_orders_what_is_retrieved(index, model):
    def retrieved(retriever):
        return [paper.id for paper in retriever.retrieve(retriever.read(QUESTION)).papers]

    assert retrieved(Retriever(index))[0] == "2201.00001"
    assert retrieved(Retriever(index, open_reranker(model)))[0] == "2202.00002"
    assert open_reranker(None) is None


def test_its_worth_can_be_measured(index, model, tmp_path, capsys):
    queries = tmp_path / "queries.jsonl"
    queries.write_text(json.dumps({"query": QUESTION, "relevant": ["2202.00002"]}) + "\n")

    def ndcg(*more):
        assert main(["index", "eval", str(queries), "--index", str(index), "--json", *more]) == 0
        results = json.loads(capsys.readouterr().out)["results"]
        [found] = [row["ndcg"] for row in results if row["by"] == "chat" and row["kind"] == "all"]
        return found

    assert ndcg() < ndcg("--reranker", model) == 1


def test_it_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ChatError, match=r"paperqa-ext\[rerank\]"):
        EmbeddingReranker("any")


def test_what_is_no_model_is_told(tmp_path):
    with pytest.raises(ChatError, match="cannot be loaded"):
        EmbeddingReranker(str(tmp_path))
