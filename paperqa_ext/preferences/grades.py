"""What an answer is worth as an example: to be preferred, to be avoided, or neither, and then why."""

from __future__ import annotations

from typing import Literal

from ..asked import Asked
from ..metrics import CheckedAnswer, CheckedCitation
from ..metrics.answers import FAKE

Grade = Literal[
    "clean", "fabricated", "detail", "silent", "refusal", "undecided", "wrong_details", "off_target", "count"
]
# Why an answer that is neither is neither, as the card says it.
NEITHER: dict[Grade, str] = {
    "detail": "the question asks for a detail of a paper, which no verdict judges",
    "silent": "cites nothing and does not decline",
    "refusal": "declines a question that has an answer: to punish that would teach inventing",
    "undecided": "a citation is cut off or cannot be decided",
    "wrong_details": "real papers only, but a year, author or id is wrong",
    "off_target": "real papers only, but not of what was asked for",
    "count": "a paper twice, or another number of papers than asked for",
}


def grade(answer: CheckedAnswer, asked: Asked) -> Grade:
    """The grade of an answer.

    `clean`: every citation is verified and of what was asked for, none comes twice, and there are as many as asked for;
    or the question has no answer and is declined. `fabricated`: some citation names a paper that does not exist. Every
    other grade is a key of `NEITHER`.
    """
    labels = {checked.verdict.label for checked in answer.citations}
    cited = [checked.verdict.matched_id for checked in answer.citations]
    if asked.kind == "lookup":
        return "detail"
    if not labels.isdisjoint(FAKE):
        return "fabricated"
    if not answer.citations:
        return "silent" if not answer.abstained else "refusal" if asked.answerable else "clean"
    if "unverifiable" in labels:
        return "undecided"
    if "metadata_error" in labels:
        return "wrong_details"
    if not all(on_target(checked, asked) for checked in answer.citations):
        return "off_target"
    return "clean" if len(set(cited)) == len(cited) == (asked.n or len(cited)) else "count"


def on_target(checked: CheckedCitation, asked: Asked) -> bool:
    """Whether a verified citation is of what was asked for: the constraints, or where there are none the papers."""
    if checked.on_constraint is None:
        return checked.verdict.matched_id in asked.paper_ids
    return checked.on_constraint
