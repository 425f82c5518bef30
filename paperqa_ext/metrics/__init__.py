"""Checked answers → `Score`: counts of each answer first, rates with intervals and breakdowns as properties.

The vocabulary is that of Walters & Wilder 2023 (doi:10.1038/s41598-023-41032-5): a *fabricated* citation names a work
that does not exist, an *erroneous* one names a real work wrongly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..verify import LABELS
from .answers import DECIDED, FAKE, REAL, CheckedAnswer, CheckedCitation
from .intervals import RESAMPLES, Difference, McNemar, Rate, Terms, difference, mcnemar, ratio
from .rates import RateOf, bootstrapped, wilson

__all__ = [
    "DIMENSIONS", "FIELDS", "LABELS", "RATES", "RESAMPLES", "UNBOUNDED", "CheckedAnswer", "CheckedCitation",
    "Difference", "McNemar", "Rate", "Score", "difference", "mcnemar",
]  # fmt: skip

SIMILARITY_BINS = 25  # of the histograms of similarities, from 0 to 1
FIELDS = ("year", "authors", "arxiv_id")  # that a verdict may call wrong
# What is kept of each answer: citations by verdict, citations by wrong field, then what its dataset row makes of it.
_ROW = "constrained on_constraint gold recalled answerable unanswerable".split()
_COLUMNS = (*LABELS, *FIELDS, "abstained", *_ROW)

UNBOUNDED = frozenset({"verified_yield", "citations_per_answer"})  # per question, so that they may exceed 1
DIMENSIONS = ("lang", "kind", "cell", "year", "topic")


@dataclass(frozen=True)
class Score:
    """Counts per answer, and the rates that follow from them.

    Attributes:
        columns: int array of shape (answers, counts): what is counted of each answer.
        groups: for each of `DIMENSIONS` the group of each answer, "" where it has none; object array (answers,).
        years: citations by the year they state and their verdict.
        similarities: int array of shape (len(LABELS), SIMILARITY_BINS): for each verdict, the histogram of the
            similarities between stated and nearest title.
        resamples: bootstrap samples behind the intervals of citation-level rates.
        seed: of the bootstrap.
        alignment: why the questions behind the answers are known or not; "" if nobody looked.
    """

    columns: np.ndarray
    groups: Mapping[str, np.ndarray]
    years: Counter[tuple[int, str]] = field(default_factory=Counter)
    similarities: np.ndarray = field(default_factory=lambda: np.zeros((len(LABELS), SIMILARITY_BINS), np.int64))
    resamples: int = RESAMPLES
    seed: int = 0
    alignment: str = ""

    @classmethod
    def of(
        cls, answers: Sequence[CheckedAnswer], *, resamples: int = RESAMPLES, seed: int = 0, alignment: str = ""
    ) -> Score:
        """Count the verdicts of `answers`."""
        columns = np.array([_counted(answer) for answer in answers], dtype=np.int32)
        groups = [_groups(answer) for answer in answers]
        checked = [checked for answer in answers for checked in answer.citations]
        stated = ((c.citation.year, c.verdict.label) for c in checked)
        similarities = np.zeros((len(LABELS), SIMILARITY_BINS), dtype=np.int64)
        for c in checked:
            if c.verdict.similarity is not None:
                place = min(int(c.verdict.similarity * SIMILARITY_BINS), SIMILARITY_BINS - 1)
                similarities[LABELS.index(c.verdict.label), place] += 1
        return cls(
            columns.reshape(len(answers), len(_COLUMNS)),
            {name: np.array([group[place] for group in groups], object) for place, name in enumerate(DIMENSIONS)},
            Counter((year, label) for year, label in stated if year is not None),
            similarities,
            resamples,
            seed,
            alignment,
        )

    @classmethod
    def joined(cls, parts: Sequence[Score], *, resamples: int = RESAMPLES, seed: int = 0, alignment: str = "") -> Score:
        """The score of all answers, from the scores of consecutive parts of them."""
        parts = parts or [cls.of([])]
        return cls(
            np.concatenate([part.columns for part in parts]),
            {name: np.concatenate([part.groups[name] for part in parts]) for name in DIMENSIONS},
            sum((part.years for part in parts), Counter()),
            np.sum([part.similarities for part in parts], axis=0),
            resamples,
            seed,
            alignment,
        )

    def only(self, answers: np.ndarray) -> Score:
        """The score of some of the answers, without `years` and `similarities`, which are not kept by answer.

        Args:
            answers: bool array of shape (answers,), or the rows in the order wanted.
        """
        groups = {name: values[answers] for name, values in self.groups.items()}
        return replace(
            self, columns=self.columns[answers], groups=groups, years=Counter(), similarities=self.similarities * 0
        )

    def _sum(self, *names: str) -> np.ndarray:
        """Of each answer, the sum of some of its counts."""
        return self.columns[:, [_COLUMNS.index(name) for name in names]].sum(axis=1)

    @property
    def per_answer(self) -> np.ndarray:
        """Int array of shape (answers, len(LABELS)): citations per verdict."""
        return self.columns[:, : len(LABELS)]

    @property
    def abstained(self) -> np.ndarray:
        """Bool array of shape (answers,): the answer declines."""
        return self._sum("abstained") > 0

    @property
    def answers(self) -> int:
        """Number of answers."""
        return len(self.columns)

    @property
    def citations(self) -> int:
        """Number of citations in all answers."""
        return int(self.per_answer.sum())

    @property
    def counts(self) -> dict[str, int]:
        """Citations per verdict."""
        return dict(zip(LABELS, map(int, self.per_answer.sum(axis=0)), strict=True))

    @property
    def wrong_fields(self) -> Counter[str]:
        """For each field that is wrong anywhere, the citations whose stated value contradicts the record."""
        return +Counter({name: int(self._sum(name).sum()) for name in FIELDS})

    @property
    def has_fake(self) -> np.ndarray:
        """Bool array of shape (answers,): the answer cites a paper that does not exist."""
        return self._sum(*FAKE) > 0

    @bootstrapped
    def fabrication_rate(self) -> Terms:
        """Citations of papers that do not exist, over the citations that could be decided (micro)."""
        return self._sum(*FAKE), self._sum(*DECIDED)

    @bootstrapped
    def fabrication_rate_macro(self) -> Terms:
        """Mean over answers with citations of each answer's own share of fabricated citations."""
        fake, decided = self._sum(*FAKE), self._sum(*DECIDED)
        return np.divide(fake, decided, out=np.zeros(self.answers), where=decided > 0), decided > 0

    @wilson
    def any_fake_rate(self) -> Terms:
        """Answers with at least one fabricated citation, over all answers."""
        return self.has_fake, self._ones

    @bootstrapped
    def metadata_error_rate(self) -> Terms:
        """Citations of real papers with a wrong year, author or arXiv id, over the citations of real papers."""
        return self._sum("metadata_error"), self._sum(*REAL)

    @bootstrapped
    def verified_yield(self) -> Terms:
        """Verified citations per question asked, so that refusing cannot win. May exceed 1."""
        return self._sum("verified"), self._ones

    @bootstrapped
    def citations_per_answer(self) -> Terms:
        """Citations of any verdict per question asked."""
        return self._sum(*LABELS), self._ones

    @wilson
    def answer_rate(self) -> Terms:
        """Answers that cite at least one paper and do not abstain, over all answers."""
        return (self._sum(*LABELS) > 0) & ~self.abstained, self._ones

    @bootstrapped
    def on_constraint_precision(self) -> Terms:
        """Citations that are real and of the year, topic, category and author asked for, over the citations that could
        be decided, in answers to questions that ask for any of these."""
        return self._sum("on_constraint"), self._sum("constrained")

    @bootstrapped
    def gold_recall(self) -> Terms:
        """Papers of the reference answers that are cited, over all of them; not where the question names them.

        Many papers answer a question for recommendations, so that a good answer may recall none.
        """
        return self._sum("recalled"), self._sum("gold")

    @wilson
    def correct_abstention_rate(self) -> Terms:
        """Unanswerable questions that are declined, over all unanswerable ones."""
        return self._sum("unanswerable") * self.abstained, self._sum("unanswerable")

    @wilson
    def over_refusal_rate(self) -> Terms:
        """Answerable questions that are declined, over all answerable ones."""
        return self._sum("answerable") * self.abstained, self._sum("answerable")

    @property
    def _ones(self) -> np.ndarray:
        return np.ones(self.answers, dtype=np.int64)

    @cached_property
    def metadata_error_by_field(self) -> dict[str, Rate]:
        """For each of `FIELDS`, the citations of real papers in which it is wrong, over those of real papers."""
        real = self._sum(*REAL)
        return {name: ratio(self._sum(name), real, self.resamples, self.seed) for name in FIELDS}

    @property
    def rates(self) -> dict[str, Rate]:
        """All rates by name, in the order of the report."""
        return {name: getattr(self, name) for name in RATES}

    def terms(self, name: str) -> Terms:
        """Numerator and denominator of each answer, of whose sums the rate `name` is the quotient: (answers,) each."""
        rate: RateOf = vars(Score)[name]
        return rate.terms(self)

    @cached_property
    def breakdowns(self) -> dict[str, dict[str, Score]]:
        """By dimension and group, the score of the answers in it; dimensions in which no answer has a group left out.

        Answers from records that the question shows are kinds of their own (`grounded recommend`). Year and topic are
        those asked for.
        """
        found = {}
        for name, groups in self.groups.items():
            found[name] = {group: self.only(groups == group) for group in sorted(set(groups) - {""})}
        return {name: scores for name, scores in found.items() if scores}

    def to_dict(self) -> dict[str, Any]:
        """Counts, then rates, then breakdowns, as in `hallucination_report.json`."""
        aligned = sum(1 for kind in self.groups["lang"] if kind)
        breakdowns = {
            dimension: {group: score._numbers() for group, score in scores.items()}
            for dimension, scores in self.breakdowns.items()
        }
        return {
            **self._numbers(),
            "alignment": {"answers": aligned, "reason": self.alignment or None},
            "breakdowns": breakdowns,
        }

    def _numbers(self) -> dict[str, Any]:
        return {
            "answers": self.answers,
            "citations": self.citations,
            **self.counts,
            "abstained": int(self.abstained.sum()),
            "wrong_fields": dict(sorted(self.wrong_fields.items())),
            **{name: rate.to_dict() for name, rate in self.rates.items()},
            "metadata_error_by_field": {name: rate.to_dict() for name, rate in self.metadata_error_by_field.items()},
        }


RATES: tuple[str, ...] = tuple(name for name, value in vars(Score).items() if isinstance(value, RateOf))


def _counted(answer: CheckedAnswer) -> list[int]:
    """The counts of one answer, as `_COLUMNS` names them."""
    labels = Counter(checked.verdict.label for checked in answer.citations)
    wrong = Counter(name for checked in answer.citations for name in checked.verdict.wrong_fields)
    judged = [checked.on_constraint for checked in answer.citations if checked.on_constraint is not None]
    recalled, gold = answer.recalled()
    answerable = None if answer.asked is None else answer.asked.answerable
    return [
        *(labels[label] for label in LABELS),
        *(wrong[name] for name in FIELDS),
        answer.abstained,
        len(judged),
        sum(judged),
        gold,
        recalled,
        answerable is True,
        answerable is False,
    ]


def _groups(answer: CheckedAnswer) -> tuple[str, ...]:
    """The group of one answer in each of `DIMENSIONS`, "" where it has none."""
    asked = answer.asked
    if asked is None:
        return ("",) * len(DIMENSIONS)
    kind = f"grounded {asked.kind}" if asked.shows_records else asked.kind
    years = "" if asked.years is None else "-".join(map(str, dict.fromkeys(asked.years)))
    return asked.lang, kind, asked.cell, years, asked.topic or ""
