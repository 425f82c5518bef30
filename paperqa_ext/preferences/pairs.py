"""Graded answers → pairs for DPO and judged answers for KTO, and a count of what came of every one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..convert.tokens import too_long
from ..metrics import CheckedAnswer
from ..metrics.answers import REAL
from .grades import NEITHER, Grade, grade
from .matching import MAX_RATIO, Candidate, balanced, log_ratio, matched, same_but_for_layout
from .questions import Question

Repair = Callable[[CheckedAnswer], CheckedAnswer | None]

# What becomes of answers that are dropped whatever their grade, and of questions that make no pair.
ANSWERS_DROPPED = {
    "same": "the same as another answer to the question",
    "held_out": "names a paper that test questions are about",
    "long": "too long for the training's cutoff_len, or cut off",
}
QUESTIONS_DROPPED = {
    "no_fabrication": "no answer has a citation that was made up",
    "no_clean": "no answer is clean, and none could be repaired",
    "length": "no clean answer is about as long as one with fabrications",
    "layout": "the answers differ in their marks only, or name the same titles",
    "balance": "left out so that the chosen answers are as long as the rejected ones on the whole",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one question."""

    question: Question
    chosen: Candidate
    rejected: Candidate


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and whether it is desirable."""

    question: Question
    candidate: Candidate
    desirable: bool


@dataclass(slots=True)
class Preferences:
    """What came out.

    Attributes:
        pairs: for DPO, in the order of the questions.
        judged: for KTO, the first of every question, then the second: LLaMA-Factory takes a row's question and the
            answer of the row before for a mismatch, from which it estimates the KL divergence.
        questions: number of them.
        grades: answers by grade.
        answers_dropped: answers by a key of `ANSWERS_DROPPED`.
        questions_dropped: questions without a pair by a key of `QUESTIONS_DROPPED`.
    """

    pairs: list[Pair] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    questions: int = 0
    grades: Counter[Grade] = field(default_factory=Counter)
    answers_dropped: Counter[str] = field(default_factory=Counter)
    questions_dropped: Counter[str] = field(default_factory=Counter)


def prefer(
    samples: Iterable[tuple[Question, Sequence[CheckedAnswer]]],
    repair: Repair | None = None,
    held_out: frozenset[str] = frozenset(),
    max_ratio: float = MAX_RATIO,
) -> Preferences:
    """Make preference data.

    Args:
        samples: questions with the answers to them, their citations judged by the constraints.
        repair: an answer with fabrications, to one without or None; nothing is repaired if None.
        held_out: `Paper.key` of papers that no answer may name.
        max_ratio: of the longer to the shorter answer of a pair, in tokens.
    """
    made = Preferences()
    rounds: defaultdict[int, list[Judged]] = defaultdict(list)  # the first judged answer of every question, …
    for question, answers in samples:
        made.questions += 1
        clean, fabricated = _sides(question, answers, held_out, made)
        pairs, dropped = _pairs(clean, fabricated, max_ratio)
        if fabricated and not clean and repair is not None:
            clean, pairs, dropped = _repaired(question, fabricated, repair, max_ratio)
        made.pairs += [Pair(question, *pair) for pair in pairs]
        if not pairs:
            made.questions_dropped[dropped] += 1
        judged = [Judged(question, one, True) for one in clean] + [Judged(question, one, False) for one in fabricated]
        for place, one in enumerate(judged):
            rounds[place].append(one)
    _balance(made, max_ratio)
    made.judged = [one for place in sorted(rounds) for one in rounds[place]]
    return made


def _sides(
    question: Question, answers: Sequence[CheckedAnswer], held_out: frozenset[str], made: Preferences
) -> tuple[list[Candidate], list[Candidate]]:
    """The clean answers, and those with fabrications, each once."""
    sides: dict[str, list[Candidate]] = {"clean": [], "fabricated": []}
    seen = set[str]()
    for answer in answers:
        found = grade(answer, question.asked)
        made.grades[found] += 1
        if found in NEITHER:
            continue
        if dropped := _unfit(question, answer, held_out, seen):
            made.answers_dropped[dropped] += 1
            continue
        seen.add(answer.predict.strip())
        sides[found].append(Candidate.of(answer))
    return sides["clean"], sides["fabricated"]


def _unfit(question: Question, answer: CheckedAnswer, held_out: frozenset[str], seen: set[str]) -> str | None:
    if answer.predict.strip() in seen:
        return "same"
    real = (checked.verdict.matched_id for checked in answer.citations if checked.verdict.label in REAL)
    if not held_out.isdisjoint(filter(None, real)):
        return "held_out"
    return "long" if too_long(question.system, question.turns, answer.predict) else None


def _pairs(
    clean: Sequence[Candidate], fabricated: Sequence[Candidate], max_ratio: float
) -> tuple[list[tuple[Candidate, Candidate]], str]:
    """The pairs, and why there are none."""
    if not fabricated or not clean:
        return [], "no_fabrication" if not fabricated else "no_clean"
    near = matched(clean, fabricated, max_ratio)
    pairs = [pair for pair in near if not same_but_for_layout(pair[0].answer, pair[1].answer)]
    return pairs, "layout" if near else "length"


def _repaired(
    question: Question, fabricated: Sequence[Candidate], repair: Repair, max_ratio: float
) -> tuple[list[Candidate], list[tuple[Candidate, Candidate]], str]:
    """The first answer whose repair is as long as it, with its repair; else a repair alone."""
    repaired: list[Candidate] = []
    for candidate in fabricated:
        answer = repair(candidate.answer)
        if answer is None or too_long(question.system, question.turns, answer.predict):
            continue
        repaired.append(Candidate.of(answer, repaired=True))
        if pairs := matched(repaired[-1:], [candidate], max_ratio):
            return repaired[-1:], pairs, ""
    return repaired[:1], [], "length" if repaired else "no_clean"


def _balance(made: Preferences, max_ratio: float) -> None:
    """Leave out pairs until neither side is longer on the whole."""
    kept = balanced([log_ratio(pair.chosen, pair.rejected) for pair in made.pairs], max_ratio)
    before = {id(pair.question) for pair in made.pairs}
    made.pairs = [made.pairs[place] for place in kept]
    if dropped := before - {id(pair.question) for pair in made.pairs}:
        made.questions_dropped["balance"] = len(dropped)
