"""Rates and differences of rates, with 95% intervals and p values. The unit is the answer, not the citation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 2000  # of a bootstrap, if nothing else is asked for
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_FEW = 128  # answers
Terms = tuple[np.ndarray, np.ndarray]  # numerator and denominator of each answer: a rate is the quotient of their sums


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


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test (1947, doi:10.1007/BF02295996) of one yes-or-no outcome in the same questions twice.

    Attributes:
        b: questions with yes before and no after.
        c: questions with no before and yes after.
        p: two-sided p value of the binomial test of `b` in `b + c` with 1/2; 1 where nothing changed.
    """

    b: int
    c: int
    p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a rate changed between two runs on the same questions.

    Attributes:
        name: of the rate, one of `RATES`.
        value: after less before, or None where either is undefined.
        low: lower end of the 95% interval, or None.
        high: upper end of the interval, or None.
        p: two-sided p value of no difference, from the same resamples; None where undefined.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    p: float | None


def ratio(numerator: np.ndarray, denominator: np.ndarray, resamples: int, seed: int) -> Rate:
    """Ratio of sums with a percentile bootstrap over answers: citations of one answer are not independent.

    Args:
        numerator: of each answer.
        denominator: of each answer.
        resamples: bootstrap samples.
        seed: of the bootstrap.
    """
    n = int(denominator.sum())
    if n == 0:
        return Rate(None, None, None, 0)
    counted = denominator > 0
    numerator, denominator = numerator[counted], denominator[counted]
    value = float(numerator.sum() / n)
    shares = numerator / denominator
    if shares.min() == shares.max():
        # Every resample gives the same ratio. At 0 or 1 the rule of three still bounds it (Hanley & Lippman-Hand
        # 1983), with answers as the unit; in between there is nothing to say.
        margin = _rule_of_three(len(shares))
        low, high = (0.0, margin) if value == 0 else (1 - margin, 1.0) if value == 1 else (value, value)
        return Rate(value, low, high, n)
    ratios = np.divide(*_resampled(np.stack([numerator, denominator]), resamples, seed))
    return Rate(value, *_percentiles(ratios), n)


def share(events: np.ndarray, counted: np.ndarray) -> Rate:
    """Share of the answers counted that have the event, with the Wilson interval (1927).

    Args:
        events: 0 or 1 for each answer; 0 where it is not counted.
        counted: 0 or 1 for each answer.
    """
    happened, n = int(events.sum()), int(counted.sum())
    if n == 0:
        return Rate(None, None, None, 0)
    # As `scipy.stats.binomtest(…).proportion_ci(method="wilson")`, which computes a p value first: breakdowns have
    # thousands of shares.
    middle = (happened + _Z**2 / 2) / (n + _Z**2)
    reach = _Z / (n + _Z**2) * math.sqrt(happened * (n - happened) / n + _Z**2 / 4)
    low = 0.0 if happened == 0 else middle - reach
    high = 1.0 if happened == n else middle + reach
    return Rate(happened / n, low, high, n)


def mcnemar(before: np.ndarray, after: np.ndarray) -> McNemar:
    """McNemar's exact test of two bool arrays, of the same questions in the same order."""
    from scipy import stats  # which a check does without: it takes a second to import, in every worker

    b, c = int((before & ~after).sum()), int((~before & after).sum())
    return McNemar(b, c, float(stats.binomtest(b, b + c).pvalue) if b + c else 1.0)


def difference(
    name: str,
    before: Terms,
    after: Terms,
    *,
    resamples: int,
    seed: int,
    bounded: bool = True,
) -> Difference:
    """Difference of two ratios of sums with a paired percentile bootstrap over the questions (Efron & Tibshirani 1993).

    Where the runs differ by the same in every resample (the same answers twice, say), that shows no more than that it
    happened in none of n questions to be otherwise: the interval is then 3/n to either side, by the rule of three.

    Args:
        name: of the rate.
        before: numerators and denominators of each question in the first run.
        after: the same in the other run, question by question.
        resamples: bootstrap samples.
        seed: of the bootstrap.
        bounded: the rate is a share, between 0 and 1. Of others nothing is said in that case.
    """
    if not before[1].sum() or not after[1].sum():
        return Difference(name, None, None, None, None)
    value = float(after[0].sum() / after[1].sum() - before[0].sum() / before[1].sum())
    sums = _resampled(np.stack([*before, *after]), resamples, seed)
    defined = (sums[1] > 0) & (sums[3] > 0)
    drawn = sums[2, defined] / sums[3, defined] - sums[0, defined] / sums[1, defined]
    # (k + 1) / (resamples + 1): a bootstrap cannot show that p is 0 (Davison & Hinkley 1997, section 4.2).
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (tail + 1) / (len(drawn) + 1))
    if np.ptp(drawn) > 1e-12:
        return Difference(name, value, *_percentiles(drawn), p)
    if not bounded:
        return Difference(name, value, value, value, p)
    counted = np.count_nonzero((before[1] > 0) & (after[1] > 0))
    margin = _rule_of_three(max(1, int(counted)))
    return Difference(name, value, max(-1.0, value - margin), min(1.0, value + margin), p)


def _resampled(columns: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Sums of the columns over resampled answers.

    Answers that are equal in all columns are exchangeable, so that drawing how often each distinct one occurs is the
    same as drawing answers, in time that does not grow with them. Of a few answers, as of most topics, all rates share
    one drawing.

    Args:
        columns: (columns, answers).
        resamples: samples to draw.
        seed: of the draws.

    Returns:
        (columns, resamples).
    """
    if columns.shape[1] <= _FEW:
        return np.asarray(columns.astype(float) @ _often(columns.shape[1], resamples, seed).astype(float))
    distinct, counts = np.unique(columns, axis=1, return_counts=True)
    n = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)
    return np.asarray(distinct @ drawn.T)


@lru_cache(maxsize=_FEW)
def _often(n: int, resamples: int, seed: int) -> np.ndarray:
    """How often each of `n` answers is drawn: (n, resamples)."""
    places = np.random.default_rng(seed).integers(n, size=(n, resamples)) * resamples + np.arange(resamples)
    return np.bincount(places.ravel(), minlength=n * resamples).reshape(n, resamples).astype(np.uint8)


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _rule_of_three(n: int) -> float:
    return min(1.0, 3 / n)
