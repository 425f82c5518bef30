import numpy as np
import pytest
from scipy import stats

from paperqa_ext.citations import Citation
from paperqa_ext.metrics import RATES, CheckedAnswer, CheckedCitation, Rate, Score
from paperqa_ext.verify import LABELS, Verdict

LETTERS = dict(zip("VMAXU", LABELS, strict=True))


def answer(verdicts: str, *, abstained: bool = False, wrong: tuple[str, ...] = ("year",)) -> CheckedAnswer:
    """An answer whose citations have the verdicts V, M, A (altered), X (fabricated), U."""
    citation = Citation(text="t", span=(0, 1), title="t")
    checked = tuple(
        CheckedCitation(citation, Verdict(LETTERS[v], "r", wrong_fields=wrong if v == "M" else ())) for v in verdicts
    )
    return CheckedAnswer(0, "question", "answer", checked, abstained)


def test_hand_made_table():
    score = Score.of([answer("VVX"), answer("M"), answer("AU"), answer("", abstained=True)])
    assert (score.answers, score.citations) == (4, 6)
    assert score.counts == {"verified": 2, "metadata_error": 1, "altered_title": 1, "fabricated": 1, "unverifiable": 1}
    assert score.wrong_fields == {"year": 1}
    assert score.fabrication_rate.value == 2 / 5
    assert score.fabrication_rate.n == 5
    assert score.fabrication_rate_macro.value == pytest.approx((1 / 3 + 0 + 1) / 3)
    assert score.any_fake_rate.value == 2 / 4
    assert score.metadata_error_rate.value == 1 / 3
    assert score.verified_yield.value == 2 / 4
    assert score.citations_per_answer.value == 6 / 4
    assert score.answer_rate.value == 3 / 4


@pytest.mark.parametrize(
    ("answers", "undefined"),
    [
        ([], set(RATES)),
        ([answer("")], {"fabrication_rate", "fabrication_rate_macro", "metadata_error_rate"}),
        ([answer("UU")], {"fabrication_rate", "fabrication_rate_macro", "metadata_error_rate"}),
        ([answer("X")], {"metadata_error_rate"}),
    ],
    ids=["no answers", "no citations", "all unverifiable", "all fabricated"],
)
def test_undefined_rates_are_none_not_zero(answers, undefined):
    score = Score.of(answers)
    assert {name for name, rate in score.rates.items() if rate.value is None} == undefined
    for name in undefined:
        assert score.rates[name] == Rate(None, None, None, 0)
        assert score.to_dict()[name] == {"value": None, "ci95": None, "n": 0}


def test_no_event_in_n_answers_is_bounded_by_three_over_n():
    rate = Score.of([answer("VV")] * 30).fabrication_rate
    assert (rate.value, rate.low, rate.high, rate.n) == (0, 0, pytest.approx(0.1), 60)
    rate = Score.of([answer("XX")] * 30).fabrication_rate
    assert (rate.value, rate.low, rate.high) == (1, pytest.approx(0.9), 1)


def test_one_answer_has_the_widest_interval():
    rate = Score.of([answer("V")]).fabrication_rate
    assert (rate.value, rate.low, rate.high) == (0, 0, 1)


def test_share_of_answers_has_the_wilson_interval():
    rate = Score.of([answer("X")] * 7 + [answer("V")] * 13).any_fake_rate
    expected = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_bootstrap_resamples_answers_not_citations():
    """Ten citations an answer that stand or fall together tell no more than one."""
    together = Score.of([answer("X" * 10)] * 10 + [answer("V" * 10)] * 10).fabrication_rate
    single = Score.of([answer("X")] * 10 + [answer("V")] * 10).fabrication_rate
    assert (together.low, together.high) == (pytest.approx(single.low), pytest.approx(single.high))
    draws = np.random.default_rng(1).binomial(20, 0.5, 20_000) / 20
    assert together.low == pytest.approx(np.quantile(draws, 0.025), abs=0.051)
    assert together.high == pytest.approx(np.quantile(draws, 0.975), abs=0.051)


def test_intervals_are_reproducible_and_follow_the_seed():
    answers = [answer("XV"), answer("V"), answer("XXV"), answer("VVVV"), answer("X")] * 7
    assert Score.of(answers).to_dict() == Score.of(answers).to_dict()
    assert Score.of(answers).fabrication_rate != Score.of(answers, seed=1).fabrication_rate


def test_refusing_does_not_win():
    refusing, answering = Score.of([answer("", abstained=True)] * 5), Score.of([answer("V")] * 5)
    assert refusing.verified_yield.value == 0 < answering.verified_yield.value
    assert refusing.answer_rate.value == 0


def test_parts_joined_are_the_whole():
    answers = [answer("VVX"), answer("M"), answer("AU"), answer("", abstained=True), answer("XX")]
    joined = Score.joined([Score.of(answers[:2]), Score.of([]), Score.of(answers[2:])])
    assert joined.to_dict() == Score.of(answers).to_dict()
    assert (joined.years, joined.similarities.tolist()) == (
        Score.of(answers).years,
        Score.of(answers).similarities.tolist(),
    )
    assert Score.joined([]).to_dict() == Score.of([]).to_dict()


def test_worst_first():
    answers = [answer("V"), answer("MM"), answer("XA"), answer("VX"), answer("XX")]
    assert Score.of(answers).worst(4) == [2, 4, 3, 1]


def test_bootstrap_of_distinct_pairs_is_that_of_answers():
    rng = np.random.default_rng(5)
    answers = [answer("X" * rng.integers(0, 3) + "V" * rng.integers(1, 5)) for _ in range(300)]
    rate = Score.of(answers, resamples=20_000).fabrication_rate
    fakes = np.array([a.count("fabricated") for a in answers])
    sizes = np.array([len(a.citations) for a in answers])
    interval = stats.bootstrap(
        (fakes, sizes),
        lambda x, n, axis: x.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        n_resamples=20_000,
        method="percentile",
        rng=rng,
    ).confidence_interval
    assert (rate.low, rate.high) == pytest.approx(tuple(interval), abs=0.002)
