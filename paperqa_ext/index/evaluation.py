"""How well a search finds the papers that answer questions: recall@k and nDCG@k over questions with known answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from ..errors import SourceError
from ..papers import parse_arxiv_id

DEPTH = 10  # the first papers found, which count


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its answer.

    Attributes:
        text: the question.
        relevant: `Paper.key` of the papers that answer it; none if no paper does.
        kind: of question, to count apart; "" if there is one kind only.
        lang: of the question; "" if it is not known.
    """

    text: str
    relevant: frozenset[str]
    kind: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """What a search did for questions of one sort.

    Attributes:
        questions: that papers answer.
        answered: those of them for which anything was found.
        recall: mean over them of the share of their papers among the first `DEPTH` found.
        ndcg: mean over them of nDCG@`DEPTH`.
        unanswerable: questions that no paper answers.
        declined: those of them for which nothing was found.
    """

    questions: int
    answered: int
    recall: float | None
    ndcg: float | None
    unanswerable: int
    declined: int


def read_queries(path: Path) -> list[Query]:
    """Questions of a JSON Lines file with `query` and `relevant`, a list of arXiv ids; `kind` and `lang` may be given.

    Raises:
        SourceError: the file cannot be read, or a line is not such an object.
    """
    remedy = 'Write one object a line: {"query": "graph neural networks", "relevant": ["1609.02907"]}.'
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read: {error}", path=path, remedy="Name a UTF-8 file.") from error
    queries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, relevant = row["query"], row["relevant"]
            if not (isinstance(text, str) and text.strip()):
                raise ValueError("`query` is no text")
            if not (isinstance(relevant, list) and all(isinstance(id, str) for id in relevant)):
                raise ValueError("`relevant` is no list of ids")
        except KeyError as error:
            raise SourceError(
                "the key is missing", path=path, line=number, field=error.args[0], remedy=remedy
            ) from None
        except (ValueError, TypeError) as error:
            raise SourceError(f"is no question: {error}", path=path, line=number, remedy=remedy) from None
        ids = frozenset(parse_arxiv_id(id) or id for id in relevant)
        queries.append(Query(text, ids, str(row.get("kind", "")), str(row.get("lang", ""))))
    if not queries:
        raise SourceError("there is no question in it", path=path, remedy=remedy)
    return queries


def evaluate(
    queries: Iterable[Query], search: Callable[[Query], Sequence[str]]
) -> dict[tuple[str, str], Effectiveness]:
    """Search for every question.

    Args:
        queries: the questions.
        search: gives the `Paper.key`s found, best first.

    Returns:
        By kind and language, and for `("all", "")`.
    """
    groups: dict[tuple[str, str], list[tuple[Query, Sequence[str]]]] = {}
    for query in queries:
        found = query, search(query)[:DEPTH]
        groups.setdefault((query.kind, query.lang), []).append(found)
        groups.setdefault(("all", ""), []).append(found)
    return {name: _effectiveness(group) for name, group in sorted(groups.items())}


def _effectiveness(results: Sequence[tuple[Query, Sequence[str]]]) -> Effectiveness:
    asked = [(query, found) for query, found in results if query.relevant]
    return Effectiveness(
        questions=len(asked),
        answered=sum(bool(found) for _, found in asked),
        recall=_mean([recall(found, query.relevant) for query, found in asked]),
        ndcg=_mean([ndcg(found, query.relevant) for query, found in asked]),
        unanswerable=len(results) - len(asked),
        declined=sum(not found for query, found in results if not query.relevant),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def recall(found: Sequence[str], relevant: frozenset[str], depth: int = DEPTH) -> float:
    """Share of `relevant` among the first `depth` of `found`.

    >>> recall(["a", "b", "c"], frozenset("ac"), depth=2)
    0.5
    """
    return len(relevant.intersection(found[:depth])) / len(relevant)


def ndcg(found: Sequence[str], relevant: frozenset[str], depth: int = DEPTH) -> float:
    """Normalized discounted cumulative gain of the first `depth` of `found`, with gain 1 for each of `relevant`.

    Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002; with the discount
    log2(1 + place) of Burges et al., Learning to rank using gradient descent, 2005, as trec_eval has it.

    >>> ndcg(["a", "b"], frozenset("a")), round(ndcg(["b", "a"], frozenset("a")), 3)
    (1.0, 0.631)
    """
    gained = sum(1 / log2(place + 1) for place, key in enumerate(found[:depth], 1) if key in relevant)
    return gained / sum(1 / log2(place + 1) for place in range(1, min(len(relevant), depth) + 1))
