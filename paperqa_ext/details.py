"""`hallucination_details.jsonl`: a line per answer, in order, with every citation and what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import orjson

from .asked import Asked
from .citations import Citation
from .metrics import CheckedAnswer, CheckedCitation
from .predictions import Prediction, read_predictions
from .verify import Verdict

DETAILS_NAME = "hallucination_details.jsonl"
REPORT_NAME = "hallucination_report.json"  # beside it
# The predictions have the rest: the reference answer as their label, what was said before in their prompt.
_ASKED = tuple(name for name in Asked.__slots__ if name not in ("output", "history"))


def encode(answer: CheckedAnswer) -> bytes:
    """The line of one answer, with its line end."""
    row = {
        "index": answer.index,
        "citations": [row_of(checked) for checked in answer.citations],
        "abstained": answer.abstained,
        "asked": None if answer.asked is None else {name: getattr(answer.asked, name) for name in _ASKED},
    }
    try:
        return orjson.dumps(row) + b"\n"
    except orjson.JSONEncodeError:
        # A lone surrogate in a model's answer has no UTF-8; as an escape it is still valid JSON.
        return (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "backslashreplace")


def read(
    predictions: Path, details: Path, rows: Collection[int] | None = None, *, field: str | None = None
) -> Iterator[CheckedAnswer]:
    """The checked answers again, from what was predicted and what was found; only those in `rows` if given.

    Of their dataset rows `history` is not read again: the prompt holds it.

    Raises:
        PredictionsError: the predictions cannot be read.
    """
    wanted = None if rows is None else frozenset(rows)
    with details.open("rb") as lines:
        answers = zip(read_predictions(predictions, wanted, field=field), _chosen(lines, wanted), strict=True)
        for prediction, line in answers:
            row = json.loads(line)
            citations = tuple(map(_decode, row["citations"]))
            asked = _decode_asked(row["asked"], prediction)
            yield CheckedAnswer(row["index"], prediction.prompt, prediction.predict, citations, row["abstained"], asked)


def _chosen(lines: Iterator[bytes], wanted: Collection[int] | None) -> Iterator[bytes]:
    return lines if wanted is None else (line for row, line in enumerate(lines) if row in wanted)


def row_of(checked: CheckedCitation) -> dict[str, Any]:
    """A citation and what became of it, as a line holds them."""
    citation, verdict = checked.citation, checked.verdict
    return {
        "text": citation.text,
        "span": list(citation.span),
        "title": citation.title,
        "authors": list(citation.authors),
        "year": citation.year,
        "arxiv_id": citation.arxiv_id,
        "doi": citation.doi,
        "url": citation.url,
        "truncated": citation.truncated,
        "verdict": verdict.label,
        "matched_id": verdict.matched_id,
        "similarity": None if verdict.similarity is None else round(verdict.similarity, 4),
        "wrong_fields": list(verdict.wrong_fields),
        "reason": verdict.reason,
        "reason_zh": verdict.reason_zh,
        "on_constraint": checked.on_constraint,
    }


def _decode(row: dict[str, Any]) -> CheckedCitation:
    citation = Citation(
        text=row["text"],
        span=(row["span"][0], row["span"][1]),
        title=row["title"],
        authors=tuple(row["authors"]),
        year=row["year"],
        arxiv_id=row["arxiv_id"],
        doi=row["doi"],
        url=row["url"],
        truncated=row["truncated"],
    )
    wrong, zh = tuple(row["wrong_fields"]), row.get("reason_zh", "")  # older files have none
    verdict = Verdict(row["verdict"], row["reason"], row["matched_id"], row["similarity"], wrong, zh)
    return CheckedCitation(citation, verdict, row["on_constraint"])


def _decode_asked(row: dict[str, Any] | None, prediction: Prediction) -> Asked | None:
    if row is None:
        return None
    lists = {name: None if row[name] is None else tuple(row[name]) for name in ("paper_ids", "years")}
    return Asked(**{**row, **lists}, output=prediction.label)
