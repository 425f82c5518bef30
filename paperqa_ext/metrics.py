"""Checked answers → `Score`: counts first, rates with intervals as properties.

The vocabulary is that of Walters & Wilder 2023 (doi:10.1038/s41598-023-41032-5): a *fabricated* citation names a work
that does not exist, an *erroneous* one names a real work wrongly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from .citations import Citation
from .verify import LABELS, Verdict

CONFIDENCE = 0.95
SIMILARITY_BINS = 25  # of the histograms of similarities, from 0 to 1


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """A citation with its verdict."""

    citation: Citation
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """One answer of the model with all its citations checked.

    Attributes:
        index: 0-based row in the predictions file.
        prompt: what the model was given.
        predict: what it answered; the spans of `citations` count its characters.
        citations: in order of appearance.
        abstained: the answer declines instead of citing.
    """

    index: int
    prompt: str
    predict: str
    citations: tuple[CheckedCitation, ...]
    abstained: bool

    def count(self, label: str) -> int:
        """Citations of this answer with the verdict `label`."""
        return sum(checked.verdict.label == label for checked in self.citations)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its 95% interval.

    Attributes:
        value: the rate, or None where it is undefined (`n` is 0).
        low: lower end of the interval, or None.
        high: upper end of the interval, or None.
        n: size of the denominator.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_dict(self) -> dict[str, Any]:
        """`{"value": …, "ci95": [low, high], "n": …}`, `null` where undefined."""
        return {"value": self.value, "ci95": None if self.low is None else [self.low, self.high], "n": self.n}


@dataclass(frozen=True)
class Score:
    """Counts per answer, and the rates that follow from them.

    Attributes:
        per_answer: int array of shape (answers, len(LABELS)): citations per verdict, columns as in `verify.LABELS`.
        abstained: bool array of shape (answers,).
        wrong_fields: for each field, the citations whose stated value contradicts the record.
        years: citations by the year they state and their verdict.
        similarities: int array of shape (len(LABELS), SIMILARITY_BINS): for each verdict, the histogram of the
            similarities between stated and nearest title.
        resamples: bootstrap samples behind the intervals of citation-level rates.
        seed: of the bootstrap.
    """

    per_answer: np.ndarray
    abstained: np.ndarray
    wrong_fields: Counter[str] = field(default_factory=Counter)
    years: Counter[tuple[int, str]] = field(default_factory=Counter)
    similarities: np.ndarray = field(default_factory=lambda: np.zeros((len(LABELS), SIMILARITY_BINS), np.int64))
    resamples: int = 2000
    seed: int = 0

    @classmethod
    def of(cls, answers: Sequence[CheckedAnswer], *, resamples: int = 2000, seed: int = 0) -> Score:
        """Count the verdicts of `answers`."""
        per_answer = np.array([[answer.count(label) for label in LABELS] for answer in answers], dtype=np.int64)
        checked = [checked for answer in answers for checked in answer.citations]
        stated = ((c.citation.year, c.verdict.label) for c in checked)
        similarities = np.zeros((len(LABELS), SIMILARITY_BINS), dtype=np.int64)
        for c in checked:
            if c.verdict.similarity is not None:
                place = min(int(c.verdict.similarity * SIMILARITY_BINS), SIMILARITY_BINS - 1)
                similarities[LABELS.index(c.verdict.label), place] += 1
        return cls(
            per_answer.reshape(len(answers), len(LABELS)),
            np.array([answer.abstained for answer in answers], dtype=bool),
            Counter(name for c in checked for name in c.verdict.wrong_fields),
            Counter((year, label) for year, label in stated if year is not None),
            similarities,
            resamples,
            seed,
        )

    @classmethod
    def joined(cls, parts: Sequence[Score]) -> Score:
        """The score of all answers, from the scores of consecutive parts of them."""
        if not parts:
            return cls.of([])
        return cls(
            np.concatenate([part.per_answer for part in parts]),
            np.concatenate([part.abstained for part in parts]),
            sum((part.wrong_fields for part in parts), Counter()),
            sum((part.years for part in parts), Counter()),
            np.sum([part.similarities for part in parts], axis=0),
            parts[0].resamples,
            parts[0].seed,
        )

    def worst(self, n: int) -> list[int]:
        """Rows of the `n` most harmful answers: most citations of papers that do not exist, then most wrong details."""
        order = np.lexsort((np.arange(self.answers), -self._column("metadata_error"), -self._fake))
        return [int(row) for row in order[:n]]

    def _column(self, *labels: str) -> np.ndarray:
        return self.per_answer[:, [LABELS.index(label) for label in labels]].sum(axis=1)

    @property
    def answers(self) -> int:
        """Number of answers."""
        return len(self.per_answer)

    @property
    def citations(self) -> int:
        """Number of citations in all answers."""
        return int(self.per_answer.sum())

    @property
    def counts(self) -> dict[str, int]:
        """Citations per verdict."""
        return dict(zip(LABELS, map(int, self.per_answer.sum(axis=0)), strict=True))

    @cached_property
    def _verified(self) -> np.ndarray:
        return self._column("verified")

    @cached_property
    def _fake(self) -> np.ndarray:
        return self._column("altered_title", "fabricated")

    @property
    def has_fake(self) -> np.ndarray:
        """Bool array of shape (answers,): the answer cites a paper that does not exist."""
        return self._fake > 0

    @cached_property
    def _decided(self) -> np.ndarray:
        return self._column("verified", "metadata_error", "altered_title", "fabricated")

    @cached_property
    def fabrication_rate(self) -> Rate:
        """Citations of papers that do not exist, over the citations that could be decided (micro)."""
        return self._ratio(self._fake, self._decided)

    @cached_property
    def fabrication_rate_macro(self) -> Rate:
        """Mean over answers with citations of each answer's own share of fabricated citations."""
        cites = self._decided > 0
        shares = self._fake[cites] / self._decided[cites]
        return self._ratio(shares, np.ones_like(shares))

    @cached_property
    def any_fake_rate(self) -> Rate:
        """Answers with at least one fabricated citation, over all answers."""
        return _share(int(self.has_fake.sum()), self.answers)

    @cached_property
    def metadata_error_rate(self) -> Rate:
        """Citations of real papers with a wrong year, author or arXiv id, over the citations of real papers."""
        return self._ratio(self._column("metadata_error"), self._column("verified", "metadata_error"))

    @cached_property
    def verified_yield(self) -> Rate:
        """Verified citations per question asked, so that refusing cannot win. May exceed 1."""
        return self._ratio(self._verified, np.ones(self.answers))

    @cached_property
    def citations_per_answer(self) -> Rate:
        """Citations of any verdict per question asked."""
        return self._ratio(self.per_answer.sum(axis=1), np.ones(self.answers))

    @cached_property
    def answer_rate(self) -> Rate:
        """Answers that cite at least one paper and do not abstain, over all answers."""
        return _share(int(((self.per_answer.sum(axis=1) > 0) & ~self.abstained).sum()), self.answers)

    @property
    def rates(self) -> dict[str, Rate]:
        """All rates by name, in the order of the report."""
        return {name: getattr(self, name) for name in RATES}

    def to_dict(self) -> dict[str, Any]:
        """Counts, then rates, as in `hallucination_report.json`."""
        return {
            "answers": self.answers,
            "citations": self.citations,
            **self.counts,
            "abstained": int(self.abstained.sum()),
            "wrong_fields": dict(sorted(self.wrong_fields.items())),
            **{name: rate.to_dict() for name, rate in self.rates.items()},
        }

    def _ratio(self, numerator: np.ndarray, denominator: np.ndarray) -> Rate:
        """Ratio of sums with a percentile bootstrap over answers: citations of one answer are not independent."""
        n = int(denominator.sum())
        if n == 0:
            return Rate(None, None, None, 0)
        counted = denominator > 0
        numerator, denominator = numerator[counted], denominator[counted]
        value = float(numerator.sum() / n)
        shares = numerator / denominator
        if shares.min() == shares.max():
            # Every resample gives the same ratio. At 0 or 1 the rule of three still bounds it (Hanley &
            # Lippman-Hand 1983), with answers as the unit; in between there is nothing to say.
            margin = min(1.0, 3 / len(shares))
            low, high = (0.0, margin) if value == 0 else (1 - margin, 1.0) if value == 1 else (value, value)
            return Rate(value, low, high, n)
        return Rate(value, *_bootstrap(numerator, denominator, self.resamples, self.seed), n)


RATES: tuple[str, ...] = (
    "fabrication_rate",
    "fabrication_rate_macro",
    "any_fake_rate",
    "metadata_error_rate",
    "verified_yield",
    "citations_per_answer",
    "answer_rate",
)


def _bootstrap(numerator: np.ndarray, denominator: np.ndarray, resamples: int, seed: int) -> tuple[float, float]:
    """Percentile interval of the ratio of sums over resampled answers (Efron & Tibshirani 1993, chapter 13).

    Answers with equal numerator and denominator are exchangeable, so that drawing how often each distinct pair occurs
    is the same as drawing answers, in time that does not grow with them.
    """
    pairs, counts = np.unique(np.stack([numerator, denominator]), axis=1, return_counts=True)
    n = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)
    numerators, denominators = pairs @ drawn.T
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(numerators / denominators, [tail, 1 - tail])
    return float(low), float(high)


def _share(events: int, n: int) -> Rate:
    """Share of answers with the Wilson interval."""
    if n == 0:
        return Rate(None, None, None, 0)
    interval = stats.binomtest(events, n).proportion_ci(CONFIDENCE, method="wilson")
    return Rate(events / n, float(interval.low), float(interval.high), n)
