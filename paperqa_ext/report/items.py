"""Checked answers → what a page shows of them. Model text is hostile here: clipped, and made visible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..citations.patterns import HAN_CHAR
from ..metrics import CheckedAnswer, CheckedCitation
from ..papers import parse_arxiv_id
from ..turns import turns
from ..verify import LABELS
from .wording import Words

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
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: "\n" if match[0] == "\r\n" else f"⟨U+{ord(match[0]):04X}⟩", text)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, saying how many are left out."""
    return text if len(text) <= limit else f"{text[:limit]}… [+{len(text) - limit:,}]"


def question_of(prompt: str) -> str:
    """What the user said last in a prompt; the whole prompt where no turn is recognised."""
    return turns(prompt)[0][-1]


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
    return answer.count("altered_title", "fabricated"), answer.count("metadata_error")


def text_lang(text: str) -> str:
    """Without it browsers may draw Chinese with Japanese glyphs."""
    return "zh-Hans" if HAN_CHAR.search(text) else "en"


def item(
    sides: Sequence[CheckedAnswer | None], names: Sequence[str] = (), facts: Sequence[Words] = ()
) -> dict[str, Any]:
    """A question and what each run answered; what `macros.html.j2` and `report.js` draw, in the same way.

    Args:
        sides: an answer for each run, None where it has none; one of them is not None.
        names: of the runs, if there are several.
        facts: what is known of the question.
    """
    first = next(side for side in sides if side is not None)
    question = visible(clip(question_of(first.prompt), MAX_QUESTION_CHARS))
    return {
        "number": first.index + 1,
        "question": question,
        "lang": text_lang(question),
        "facts": [[*map(visible, words)] for words in facts],
        "names": [*map(visible, names)],
        "sides": [None if side is None else _side(side) for side in sides],
    }


def _side(answer: CheckedAnswer) -> dict[str, Any]:
    return {
        "lang": text_lang(answer.predict[:MAX_ANSWER_CHARS]),
        "parts": [[visible(part.text), part.number, part.label] for part in segments(answer)],
        "cut": max(0, len(answer.predict) - MAX_ANSWER_CHARS),
        "abstained": answer.abstained,
        "counts": [[label, answer.count(label)] for label in LABELS if answer.count(label)],
        "citations": [_citation(n, checked) for n, checked in enumerate(answer.citations[:MAX_CITATIONS], 1)],
        "more": max(0, len(answer.citations) - MAX_CITATIONS),
    }


def _citation(number: int, checked: CheckedCitation) -> list[Any]:
    """Number, verdict, its reason as `Words`, and the arXiv id of the record meant if it can be linked."""
    verdict = checked.verdict
    reason = Words(verdict.reason, verdict.reason_zh or verdict.reason)
    linked = verdict.matched_id if arxiv_url(verdict.matched_id) else None
    return [number, verdict.label, [visible(clip(text, MAX_REASON_CHARS)) for text in reason], linked]
