"""One answer of a model, with its citations checked and, where that is known, what its question asked for."""

from __future__ import annotations

from dataclasses import dataclass

from ..asked import Asked
from ..citations import Citation
from ..verify import Verdict

REAL = ("verified", "metadata_error")
FAKE = ("altered_title", "fabricated")
DECIDED = (*REAL, *FAKE)


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """A citation with its verdict.

    Attributes:
        citation: as the answer has it.
        verdict: what became of it.
        on_constraint: whether it is real and of the year, topic, category and author asked for; None where the
            question is unknown or asks for none of them, and for what is unverifiable.
    """

    citation: Citation
    verdict: Verdict
    on_constraint: bool | None = None


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """One answer of the model with all its citations checked.

    Attributes:
        index: 0-based row in the predictions file.
        prompt: what the model was given.
        predict: what it answered; the spans of `citations` count its characters.
        citations: in order of appearance.
        abstained: the answer declines instead of citing.
        asked: the dataset row it answers; None where that is not proven.
    """

    index: int
    prompt: str
    predict: str
    citations: tuple[CheckedCitation, ...]
    abstained: bool
    asked: Asked | None = None

    def count(self, *labels: str) -> int:
        """Citations of this answer with one of these verdicts."""
        return sum(checked.verdict.label in labels for checked in self.citations)

    def recalled(self) -> tuple[int, int]:
        """How many papers of the reference answer are cited, and how many it has.

        Both are 0 where the question itself names the papers, which to repeat shows no knowledge, and where the row is
        unknown. Papers without an arXiv id are left out: no verdict names them.
        """
        if self.asked is None or self.asked.names_papers:
            return 0, 0
        gold = {key for key in self.asked.paper_ids if not key.startswith("title:")}
        cited = {checked.verdict.matched_id for checked in self.citations if checked.verdict.label in REAL}
        return len(gold & cited), len(gold)
