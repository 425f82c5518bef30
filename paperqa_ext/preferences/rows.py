"""Pairs and judged answers as rows of data sets, with what was found in them beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..dataset.preference_rows import encode_judged, encode_pair
from ..metrics import CheckedAnswer
from ..metrics.answers import FAKE, REAL
from .matching import Candidate
from .pairs import Judged, Pair
from .questions import Question


def pair_rows(pairs: Iterable[Pair]) -> Iterator[bytes]:
    """The rows of `arxiv_paperqa_dpo`."""
    for number, pair in enumerate(pairs):
        asked = pair.question.asked
        beside = {**_about(pair.question, pair.chosen, number), "faults": _faults(pair.rejected.answer)}
        yield encode_pair(
            asked.instruction,
            pair.question.system,
            pair.question.history,
            chosen=pair.chosen.answer.predict,
            rejected=pair.rejected.answer.predict,
            beside=beside,
        )


def judged_rows(judged: Iterable[Judged]) -> Iterator[bytes]:
    """The rows of `arxiv_paperqa_kto`."""
    for number, one in enumerate(judged):
        asked = one.question.asked
        beside = {**_about(one.question, one.candidate, number), "faults": _faults(one.candidate.answer)}
        yield encode_judged(
            asked.instruction,
            one.question.system,
            one.question.history,
            output=one.candidate.answer.predict,
            desirable=one.desirable,
            beside=beside,
        )


def _about(question: Question, answer: Candidate, number: int) -> dict[str, Any]:
    """What every row says of its question and of its answer, or the better one of two."""
    asked = question.asked
    ids = [checked.verdict.matched_id for checked in answer.answer.citations if checked.verdict.label in REAL]
    return {
        "id": f"{asked.id}-{number}",
        "kind": asked.kind,
        "lang": asked.lang,
        "origin": "repaired" if answer.repaired else "sampled",
        "paper_ids": [paper_id for paper_id in ids if paper_id],
    }


def _faults(answer: CheckedAnswer) -> list[str]:
    """Why the citations of papers that do not exist are taken for that, each with what it says."""
    return [
        f"{checked.citation.title or checked.citation.text}: {checked.verdict.reason}"
        for checked in answer.citations
        if checked.verdict.label in FAKE
    ]
