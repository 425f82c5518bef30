import numpy as np
import pytest
from scipy import stats

from paperqa_ext.asked import Asked
from paperqa_ext.citations import Citation
from paperqa_ext.metrics import (
    RATES,
    UNBOUNDED,
    CheckedAnswer,
    CheckedCitation,
    Difference,
    McNemar,
    Rate,
    Score,
    difference,
    mcnemar,
)
from paperqa_ext.prompts import grounded_prompt
from paperqa_ext.verify import LABELS, Verdict

LETTERS = dict(zip("VMAXU", LABELS, strict=True))
UNKNOWN = {"on_constraint_precision", "gold_recall", "correct_abstention_rate", "over_refusal_rate"}  # without rows


def answer(
    verdicts: str,
    *,
    abstained: bool = False,
    wrong: tuple[str, ...] = ("year",),
    asked: Asked | None = None,
    on: str = "",
) -> CheckedAnswer:
    """An answer whose citations have the verdicts V, M, A (altered), X (fabricated), U; the n-th matches paper n.

    `on` says of each whether it is on constraint: y, n or anything else for None.
    """
    citation = Citation(text="t", span=(0, 1), title="t")
    checked = tuple(
        CheckedCitation(
            citation,
            Verdict(LETTERS[v], "r", str(n) if v in "VMA" else None, wrong_fields=wrong if v == "M" else ()),
            {"y": True, "n": False}.get(judged),
        )
        for n, (v, judged) in enumerate(zip(verdicts, on.ljust(len(verdicts)), strict=True))
    )
    return CheckedAnswer(0, "question", "answer", checked, abstained, asked)


def asking(kind: str = "recommend", *gold: str, **fields: object) -> Asked:
    """A dataset row whose reference answer cites the papers `gold`."""
    values = {
        "lang": "en",
        "cell": "unseen_paper",
        "variant": "",
        "topic": "scheduling",
        "years": (2020, 2020),
    } | fields
    return Asked(id="r", kind=kind, twin="", paper_ids=gold, category=None, author=None, n=None, instruction="q",
                 output="a", **values)  # fmt: skip


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
    assert {name for name, rate in score.rates.items() if rate.value is None} == undefined | UNKNOWN
    for name in undefined | UNKNOWN:
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


@pytest.mark.parametrize(("fake", "clean"), [(7, 13), (0, 20), (20, 0), (1, 0), (0, 1), (1, 999)])
def test_share_of_answers_has_the_wilson_interval(fake, clean):
    rate = Score.of([answer("X")] * fake + [answer("V")] * clean).any_fake_rate
    expected = stats.binomtest(fake, fake + clean).proportion_ci(method="wilson")
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


@pytest.mark.parametrize("n", [60, 600], ids=["few", "many"])
def test_the_bootstrap_is_scipys(n):
    """Whether answers are drawn, or how often each distinct pair of counts comes."""
    rng = np.random.default_rng(5)
    answers = [answer("X" * rng.integers(0, 3) + "V" * rng.integers(1, 5)) for _ in range(n)]
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
    assert (rate.low, rate.high) == pytest.approx(tuple(interval), abs=0.004)


def test_what_the_rows_tell_by_hand():
    answers = [
        answer("VVM", on="yyn", asked=asking("recommend", "0", "5")),
        answer("VU", on="y?", asked=asking("recommend", "title:1", lang="zh")),
        answer("V", asked=asking("lookup", "0", topic=None, years=None)),
        answer("", abstained=True, asked=asking("unanswerable", years=(2031, 2031))),
        answer("X", on="n", asked=asking("unanswerable", cell="unanswerable")),
        answer("", abstained=True, asked=asking("describe", "3")),
        answer("", abstained=True, asked=asking("exist", "0", variant="altered")),
        answer("V"),
    ]
    score = Score.of(answers)
    assert (score.on_constraint_precision.value, score.on_constraint_precision.n) == (3 / 5, 5)
    # One of three: nothing is counted where the question names its paper, and of a paper without an id.
    assert (score.gold_recall.value, score.gold_recall.n) == (1 / 3, 3)
    assert (score.correct_abstention_rate.value, score.correct_abstention_rate.n) == (1 / 2, 2)
    assert (score.over_refusal_rate.value, score.over_refusal_rate.n) == (1 / 4, 4)


def test_only_a_real_paper_recalls_gold():
    assert Score.of([answer("XAV", asked=asking("recommend", "0", "1"))]).gold_recall.value == 0


def test_abstention_has_the_wilson_interval():
    asked = asking("unanswerable")
    answers = [answer("", abstained=True, asked=asked)] * 7 + [answer("V", asked=asked)] * 13
    rate, expected = Score.of(answers).correct_abstention_rate, stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_metadata_errors_by_field():
    score = Score.of([answer("VMM", wrong=("year", "authors")), answer("MV", wrong=("arxiv_id",)), answer("XU")])
    rates = {name: (rate.value, rate.n) for name, rate in score.metadata_error_by_field.items()}
    assert rates == {"year": (2 / 5, 5), "authors": (2 / 5, 5), "arxiv_id": (1 / 5, 5)}
    assert score.wrong_fields == {"year": 2, "authors": 2, "arxiv_id": 1}
    assert score.to_dict()["metadata_error_by_field"]["year"]["value"] == 2 / 5


def test_breakdowns_are_scores_of_their_parts():
    answers = [
        answer("VX", asked=asking("recommend")),
        answer("X", asked=asking("recommend", lang="zh", years=(2019, 2021))),
        answer("VV", asked=asking("lookup", topic=None, years=None)),
        answer("M"),
    ]
    score = Score.of(answers)
    found = {name: {group: part.answers for group, part in parts.items()} for name, parts in score.breakdowns.items()}
    assert found == {
        "lang": {"en": 2, "zh": 1},
        "kind": {"lookup": 1, "recommend": 2},
        "cell": {"unseen_paper": 3},
        "year": {"2019-2021": 1, "2020": 1},
        "topic": {"scheduling": 2},
    }
    part = score.breakdowns["kind"]["recommend"]
    assert part.rates == Score.of(answers[:2]).rates
    report = score.to_dict()
    assert report["breakdowns"]["kind"]["recommend"] == {
        name: value
        for name, value in Score.of(answers[:2]).to_dict().items()
        if name not in ("alignment", "breakdowns")
    }
    assert report["alignment"]["answers"] == 3


def test_answers_from_records_that_are_shown_are_a_kind_of_their_own(papers):
    grounded = asking("recommend", "0")
    grounded = type(grounded)(**{n: getattr(grounded, n) for n in grounded.__slots__} | {
        "instruction": grounded_prompt("Q?", papers[:2], "en")
    })  # fmt: skip
    kinds = Score.of([answer("V", asked=grounded), answer("V", asked=asking("recommend", "0"))]).breakdowns["kind"]
    assert kinds.keys() == {"grounded recommend", "recommend"}


def test_without_rows_there_are_no_breakdowns():
    report = Score.of([answer("V")], alignment="no dataset is named").to_dict()
    assert report["breakdowns"] == {}
    assert report["alignment"] == {"answers": 0, "reason": "no dataset is named"}
    assert all(report[name] == {"value": None, "ci95": None, "n": 0} for name in UNKNOWN)


def test_the_rates_are_quotients_of_their_terms():
    answers = [answer("VVX"), answer("M"), answer("AU"), answer("", abstained=True)]
    score = Score.of(answers)
    for name, rate in score.rates.items():
        numerator, denominator = score.terms(name)
        assert len(numerator) == len(denominator) == 4
        assert rate.value == (pytest.approx(numerator.sum() / denominator.sum()) if denominator.sum() else None)


def test_mcnemar_is_the_exact_binomial_test():
    before = np.array([True] * 12 + [False] * 8 + [True] * 5)
    after = np.array([False] * 12 + [False] * 5 + [True] * 3 + [True] * 5)
    assert mcnemar(before, after) == McNemar(12, 3, pytest.approx(stats.binomtest(3, 15).pvalue))
    # 2 · Σ C(15, k)/2¹⁵ for k ≤ 3, by hand.
    assert mcnemar(before, after).p == pytest.approx(2 * (1 + 15 + 105 + 455) / 2**15)
    assert mcnemar(before, before) == McNemar(0, 0, 1.0)
    assert mcnemar(before[:0], before[:0]) == McNemar(0, 0, 1.0)


def pairs(n: int, seed: int) -> tuple[Score, Score]:
    """Two runs on the same questions, the second with fewer fakes."""
    rng = np.random.default_rng(seed)
    before = [answer("X" * rng.integers(1, 4) + "V" * rng.integers(0, 4)) for _ in range(n)]
    after = [answer("X" * rng.integers(0, 2) + "V" * rng.integers(1, 5)) for _ in range(n)]
    return Score.of(before), Score.of(after)


def test_the_paired_bootstrap_is_scipys():
    before, after = pairs(200, 3)
    terms = [*before.terms("fabrication_rate"), *after.terms("fabrication_rate")]

    def statistic(fake, cited, fake_after, cited_after, axis):
        return fake_after.sum(axis=axis) / cited_after.sum(axis=axis) - fake.sum(axis=axis) / cited.sum(axis=axis)

    interval = stats.bootstrap(
        terms, statistic, paired=True, n_resamples=9999, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    found = difference("fabrication_rate", terms[:2], terms[2:], resamples=9999, seed=0)
    assert found.value == pytest.approx(after.fabrication_rate.value - before.fabrication_rate.value)
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=0.005)
    assert found.p == 2 / 10_000


def test_differences_of_runs_that_are_alike():
    """The same answers twice: no difference, with the room that three in n questions leave."""
    score, _ = pairs(30, 4)
    for name in set(RATES) - UNKNOWN - {"metadata_error_rate"}:
        terms = score.terms(name)
        found = difference(name, terms, terms, resamples=200, seed=0, bounded=name not in UNBOUNDED)
        margin = 0 if name in UNBOUNDED else 0.1
        assert found == Difference(name, 0, pytest.approx(-margin), pytest.approx(margin), 1)


def test_a_difference_from_all_to_none_stays_within_its_bounds():
    ones, zeros = np.ones(30), np.zeros(30)
    found = difference("any_fake_rate", (ones, ones), (zeros, ones), resamples=200, seed=0)
    assert (found.value, found.low, found.high) == (-1, -1, pytest.approx(-0.9))
    assert found.p < 0.02


@pytest.mark.parametrize(
    "answers", [[], [answer("")], [answer("U")]], ids=["no answers", "no citations", "unverifiable"]
)
def test_differences_that_are_undefined(answers):
    score, cited = Score.of(answers), Score.of([answer("V")] * len(answers))
    found = difference("fabrication_rate", score.terms("fabrication_rate"), cited.terms("fabrication_rate"),
                       resamples=50, seed=0)  # fmt: skip
    assert found == Difference("fabrication_rate", None, None, None, None)


def test_the_difference_of_one_answer_is_open():
    before, after = Score.of([answer("X")]), Score.of([answer("V")])
    found = difference("any_fake_rate", before.terms("any_fake_rate"), after.terms("any_fake_rate"),
                       resamples=50, seed=0)  # fmt: skip
    assert (found.value, found.low, found.high) == (-1, -1, 0)


def test_only_some_answers():
    answers = [answer("VX", asked=asking()), answer("M"), answer("V")]
    score = Score.of(answers)
    assert score.only(np.array([2, 0])).rates == Score.of([answers[2], answers[0]]).rates
    assert score.only(np.array([False, True, False])).wrong_fields == {"year": 1}
