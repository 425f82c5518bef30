"""What preference data was made from, how much was kept and why the rest was not: `PREFERENCES.md`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..dataset.registry import dataset_name
from ..markdown import Cell, code, escape, fenced, table
from ..metrics import Rate, Score
from .grades import NEITHER, Grade
from .matching import log_ratio
from .pairs import ANSWERS_DROPPED, QUESTIONS_DROPPED, Pair, Preferences

CARD_NAME = "PREFERENCES.md"
_RATES = ("fabrication_rate", "any_fake_rate", "verified_yield")
_GRADES: Mapping[Grade, str] = {
    "clean": "every citation verified and of what was asked for",
    "fabricated": "some citation is made up",
}
_SAID = ("model_name_or_path", "adapter_name_or_path", "eval_dataset", "max_samples", "template", "temperature",
         "top_p", "top_k", "max_new_tokens", "quantization_bit")  # fmt: skip
# Of desirable to undesirable answers, each times its weight (Ethayarajh et al. 2024, arXiv:2402.01306).
_KTO_BALANCE = (1.0, 4 / 3)


@dataclass(slots=True)
class Made:
    """What was made, and from what.

    Attributes:
        configs: LLaMA-Factory's arguments for each source of samples, where they are known.
        signature: what the verdicts depend on.
        scores: of each source its name, its answers a question, and the score of all its answers.
        preferences: the pairs and judged answers, with the counts of what was dropped.
    """

    configs: Sequence[Mapping[str, Any]]
    signature: Mapping[str, Any]
    scores: list[tuple[str, int, Score]] = field(default_factory=list)
    preferences: Preferences = field(default_factory=Preferences)


def card(made: Made, formats: Sequence[str], max_ratio: float) -> str:
    """The text of the card; the same samples give the same bytes.

    Args:
        made: what was made.
        formats: the data sets published, of `dpo` and `kto`.
        max_ratio: of the longer to the shorter answer of a pair.
    """
    preferences = made.preferences
    parts = [
        "# Preference data from verdicts",
        f"{sum(preferences.grades.values()):,} answers of a model to {preferences.questions:,} questions were checked "
        "citation by citation against a local index of real records. What is preferred cites real papers only, what is "
        "avoided names papers that do not exist. No question and no paper of the test sets is in here. A verdict is on "
        "citations alone: sentences around them may be wrong on either side.",
        "## What was sampled",
        *_configs(made.configs),
        _samples(made.scores),
        "## What became of the answers",
        table(["answers", "because"], [[number, why] for why, number in _answers(preferences)]),
    ]
    if "dpo" in formats:
        parts += _pairs(preferences, max_ratio)
    if "kto" in formats:
        parts += _judged(preferences)
    return "\n\n".join([*parts, "## Signature", _signature(made.signature)]) + "\n"


def kto_weights(desirable: int, undesirable: int) -> tuple[float, float]:
    """LLaMA-Factory's `kto_chosen_weight` and `kto_rejected_weight` for so many answers of either kind.

    >>> kto_weights(50, 100), kto_weights(100, 100), kto_weights(200, 100)
    ((2.0, 1.0), (1.0, 1.0), (1.0, 1.5))
    """
    low, high = _KTO_BALANCE
    ratio = desirable / undesirable
    return (round(max(1.0, low / ratio), 2), round(max(1.0, ratio / high), 2))


def _configs(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [[code(key), code(str(config[key]))] for config in configs for key in _SAID if config.get(key) is not None]
    return [table(["setting", "value"], rows)] if rows else []


def _samples(scores: Sequence[tuple[str, int, Score]]) -> str:
    rows: list[list[Cell]] = [
        [code(name), each, score.answers, score.citations, *(_rate(score.rates[rate]) for rate in _RATES)]
        for name, each, score in scores
    ]
    return table(["samples", "answers a question", "answers", "citations", *map(code, _RATES)], rows)


def _rate(rate: Rate) -> str:
    return "undefined" if rate.value is None else f"{rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


def _answers(preferences: Preferences) -> list[tuple[str, int]]:
    reasons: dict[Grade, str] = {**_GRADES, **NEITHER}
    counts = [(f"{code(name)}: {why}", preferences.grades[name]) for name, why in reasons.items()]
    counts += [(f"of those dropped: {why}", preferences.answers_dropped[key]) for key, why in ANSWERS_DROPPED.items()]
    return [(why, number) for why, number in counts if number]


def _pairs(preferences: Preferences, max_ratio: float) -> list[str]:
    pairs = preferences.pairs
    ratios = sorted(log_ratio(pair.chosen, pair.rejected) for pair in pairs)
    mean = math.exp(math.fsum(ratios) / len(ratios))
    repaired = sum(pair.chosen.repaired for pair in pairs)
    questions = len({id(pair.question) for pair in pairs})
    dropped: list[list[Cell]] = [
        [preferences.questions_dropped[key], why] for key, why in QUESTIONS_DROPPED.items()
        if preferences.questions_dropped[key]
    ]  # fmt: skip
    return [
        f"## {code(dataset_name('dpo'))}",
        f"{len(pairs):,} pairs on {questions:,} questions ({_kinds(pairs)}). In {repaired:,} of them the chosen answer "
        "is the rejected one with its inventions replaced by real papers that a search found, because no answer of the "
        "model was clean; in the others both are the model's own.",
        f"The longer answer of a pair has at most {max_ratio:g} times the tokens of the shorter. Over all pairs the "
        f"chosen answers are {mean:.3f} times as long as the rejected ones (geometric mean, kept near 1): longer in "
        f"{sum(ratio > 0 for ratio in ratios):,}, shorter in {sum(ratio < 0 for ratio in ratios):,}.",
        *([table(["questions", "without a pair because"], dropped)] if dropped else []),
        *_example(pairs[0]),
    ]


def _kinds(pairs: Sequence[Pair]) -> str:
    counts = Counter(pair.question.asked.kind or "unknown kind" for pair in pairs)
    return ", ".join(f"{escape(kind)} {number:,}" for kind, number in counts.most_common())


def _example(pair: Pair) -> list[str]:
    answers = [("The question", pair.question.asked.instruction), ("chosen", pair.chosen.answer.predict)]
    answers.append(("and rejected", pair.rejected.answer.predict))
    return [text for head, answer in answers for text in (f"{head}:", fenced(answer))]


def _judged(preferences: Preferences) -> list[str]:
    desirable = [one for one in preferences.judged if one.desirable]
    repaired = sum(one.candidate.repaired for one in desirable)
    undesirable = len(preferences.judged) - len(desirable)
    chosen, rejected = kto_weights(len(desirable), undesirable)
    return [
        f"## {code(dataset_name('kto'))}",
        f"{len(desirable):,} desirable answers, {repaired:,} of them repaired, and {undesirable:,} undesirable ones. "
        f"Balanced weights: `kto_chosen_weight={chosen:g} kto_rejected_weight={rejected:g}`.",
    ]


def _signature(signature: Mapping[str, Any]) -> str:
    """What the verdicts depend on; what is of one predictions file alone is in its report."""
    rows = []
    for key in ("paperqa_ext", "llamafactory", "index", "thresholds"):
        value = signature[key]
        said = ", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, Mapping) else value
        rows.append([code(key), code(str(said))])
    return table(["what", "which"], rows)
