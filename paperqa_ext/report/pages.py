"""Scores and checked answers → self-contained HTML pages. Model text is hostile here: escaped and made visible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..metrics import CheckedAnswer, CheckedCitation, Score
from ..papers import parse_arxiv_id
from ..verify import LABELS
from . import plots
from .wording import PLAIN_RATES, QUALITY, RATE_TEXT, VERDICTS, format_interval, format_value

MAX_ANSWERS = 200
MAX_CASES = 20
OPEN_ANSWERS = 8
MAX_ANSWER_CHARS = 6_000
MAX_QUESTION_CHARS = 600
MAX_REASON_CHARS = 600
MAX_CITATIONS = 40

# Characters that are invisible or reorder what a reader sees: controls, bidi marks and overrides, zero-width and tag
# characters, lone surrogates. Joiners stay: emoji and Indic scripts need them.
_INVISIBLE = re.compile(
    "\r\n|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
# Openings and endings of a user's turn: ChatML (Qwen, SmolLM2), Llama 3, Gemma, Mistral and Llama 2.
_TURNS = (
    ("<|im_start|>user\n", "<|im_end|>"),
    ("<|start_header_id|>user<|end_header_id|>", "<|eot_id|>"),
    ("<start_of_turn>user\n", "<end_of_turn>"),
    ("[INST]", "[/INST]"),
)


@dataclass(frozen=True)
class Arm:
    """One of the runs compared.

    Attributes:
        name: as shown, e.g. `base` or `fine-tuned`.
        score: its counts and rates.
        answers: its checked answers; those of equal `index` answer the same question.
        quality: LLaMA-Factory's text overlap metrics in percent: `bleu-4`, `rouge-1`, `rouge-2`, `rouge-l`.
    """

    name: str
    score: Score
    answers: Sequence[CheckedAnswer]
    quality: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of an answer; with `number` and `label` if it is a citation."""

    text: str
    number: int | None = None
    label: str | None = None


def visible(text: str) -> str:
    """Show characters that hide or reorder text by their code points.

    >>> visible("a\\u202eb")
    'a⟨U+202E⟩b'
    """
    return _INVISIBLE.sub(lambda match: "\n" if match[0] == "\r\n" else f"⟨U+{ord(match[0]):04X}⟩", text)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, saying how many are left out."""
    return text if len(text) <= limit else f"{text[:limit]}… [{len(text) - limit:,} more characters]"


def question_of(prompt: str) -> str:
    """The last user turn of a prompt with chat-template tokens; the whole prompt where no turn is recognised."""
    for opening, ending in _TURNS:
        start = prompt.rfind(opening)
        if start >= 0:
            turn = prompt[start + len(opening) :].partition(ending)[0].strip()
            if turn:
                return turn
    return prompt.strip()


def segments(answer: CheckedAnswer, limit: int = MAX_ANSWER_CHARS) -> Iterator[Segment]:
    """Cut the first `limit` characters of an answer into plain text and citations, numbered as in the answer."""
    end = 0
    text = answer.predict[:limit]
    numbered = sorted(enumerate(answer.citations, 1), key=lambda pair: pair[1].citation.span)
    for number, checked in numbered:
        start, stop = checked.citation.span
        stop = min(stop, len(text))
        if not end <= start < stop:  # beyond the cut, or overlapping the citation before it
            continue
        if start > end:
            yield Segment(text[end:start])
        yield Segment(text[start:stop], number, checked.verdict.label)
        end = stop
    if end < len(text):
        yield Segment(text[end:])


def arxiv_url(arxiv_id: str | None) -> str | None:
    """Abstract page of a well-formed id, None for anything else."""
    if arxiv_id is None or parse_arxiv_id(arxiv_id) != arxiv_id:
        return None
    return f"https://arxiv.org/abs/{arxiv_id}"


def badness(answer: CheckedAnswer) -> tuple[int, int]:
    """Orders answers by harm: citations of papers that do not exist, then wrong details of real ones."""
    return answer.count("fabricated") + answer.count("altered_title"), answer.count("metadata_error")


def render_run(score: Score, shown: Iterable[CheckedAnswer], signature: Mapping[str, Any]) -> str:
    """The page of one run with the answers `shown`, those of `score.worst(MAX_ANSWERS)` in any order.

    Of each answer only what is shown is kept, so that a page of long answers stays small.
    """
    rank = {row: place for place, row in enumerate(score.worst(MAX_ANSWERS))}
    views = sorted(map(_answer_view, shown), key=lambda view: rank[view["index"]])
    figures = (
        (
            plots.similarity(score),
            "How near the stated titles come to real ones",
            "Invented titles that sit far to the right are the ones a reader is most likely to believe. "
            "Each row has its own height.",
        ),
        (
            plots.by_year(score),
            "Citations by the year they state",
            "Whether the model invents more for some years than for others.",
        ),
        (
            plots.citations_per_answer(score),
            "Citations in an answer",
            "Answers by how many papers they cite, and whether any of those is invented.",
        ),
    )
    return _render(
        "run.html.j2",
        score=score,
        rates=[(name, *RATE_TEXT[name], rate) for name, rate in score.rates.items()],
        figures=_figures(figures),
        answers=views,
        total=score.answers,
        signature=list(_flatten(signature)),
    )


def render_comparison(
    arms: Sequence[Arm],
    loss: Sequence[tuple[int, float]],
    notes: Sequence[str],
    signature: Mapping[str, Any],
) -> str:
    """The page that compares runs on the same questions."""
    names = [visible(arm.name) for arm in arms]
    by_index = [{answer.index: answer for answer in arm.answers} for arm in arms]
    harm: dict[int, tuple[int, int]] = {}
    for answers in by_index:
        for index, answer in answers.items():
            harm[index] = max(harm.get(index, (0, 0)), badness(answer))
    cases = []
    for index in sorted(harm, key=lambda i: (*(-n for n in harm[i]), i))[:MAX_CASES]:
        views = [_answer_view(answers[index]) if index in answers else None for answers in by_index]
        question = next(view["question"] for view in views if view)
        sides = list(zip((arm.name for arm in arms), views, strict=True))
        cases.append({"index": index, "question": question, "lang": _lang(question), "sides": sides})
    shown = ("fabrication_rate", "any_fake_rate", "metadata_error_rate")
    figures = (
        (
            plots.rates_by_arm(names, {RATE_TEXT[r][0]: [arm.score.rates[r] for arm in arms] for r in shown}),
            "Rates with their 95% intervals",
            "Dots are the rates, bars their intervals. Where intervals overlap widely, the runs may not differ.",
        ),
        (
            plots.verdicts_by_arm(names, [arm.score for arm in arms]),
            "What became of the citations",
            "The verdict mix of each arm; the numbers are citations.",
        ),
        (
            plots.quality_and_fabrication(
                names, [arm.quality.get("bleu-4") for arm in arms], [arm.score.fabrication_rate for arm in arms]
            ),
            "BLEU-4 is blind to fabrication",
            "It rewards the right format: an answer of invented papers, well laid out, scores high. "
            "Read the two panels together.",
        ),
        (
            plots.loss_curve(loss),
            "Training loss",
            "A falling loss says that the model learns the format and the words, not that its citations are real.",
        ),
    )
    return _render(
        "comparison.html.j2",
        arms=arms,
        figures=_figures(figures),
        cases=cases,
        total=len(harm),
        notes=notes,
        trained=bool(loss),
        signature=list(_flatten(signature)),
    )


def _answer_view(answer: CheckedAnswer) -> dict[str, Any]:
    question = clip(question_of(answer.prompt), MAX_QUESTION_CHARS)
    return {
        "index": answer.index,
        "question": question,
        "lang": _lang(question),
        "text_lang": _lang(answer.predict[:MAX_ANSWER_CHARS]),
        "segments": list(segments(answer)),
        "cut": max(0, len(answer.predict) - MAX_ANSWER_CHARS),
        "abstained": answer.abstained,
        "counts": [(label, answer.count(label)) for label in LABELS if answer.count(label)],
        "citations": [_citation_view(n, checked) for n, checked in enumerate(answer.citations[:MAX_CITATIONS], 1)],
        "more_citations": max(0, len(answer.citations) - MAX_CITATIONS),
    }


def _citation_view(number: int, checked: CheckedCitation) -> dict[str, Any]:
    verdict = checked.verdict
    return {
        "number": number,
        "label": verdict.label,
        "reason": clip(verdict.reason, MAX_REASON_CHARS),
        "id": verdict.matched_id,
        "url": arxiv_url(verdict.matched_id),
        "nearest": verdict.label == "altered_title",
    }


def _figures(figures: Iterable[tuple[str | None, str, str]]) -> list[tuple[str, str, str]]:
    return [(svg, title, caption) for svg, title, caption in figures if svg is not None]


def _lang(text: str) -> str:
    """Without it browsers may draw Chinese with Japanese glyphs."""
    return "zh-Hans" if _HAN.search(text) else "en"


def _flatten(signature: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in signature.items():
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{name}, ")
        else:
            yield name, str(value)


def _render(template: str, **context: Any) -> str:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # On every value that a template prints, so that no template can forget it.
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters |= {"value": format_value, "interval": format_interval}
    environment.globals |= {
        "VERDICTS": VERDICTS, "RATE_TEXT": RATE_TEXT, "PLAIN_RATES": PLAIN_RATES, "QUALITY": QUALITY,
        "OPEN_ANSWERS": OPEN_ANSWERS, "VERSION": __version__,
    }  # fmt: skip
    return environment.get_template(template).render(context)
