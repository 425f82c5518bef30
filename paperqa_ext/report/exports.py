"""A run's citations as CSV, and its summary as Markdown. Computes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..markdown import Cell, escape, table
from ..metrics import CheckedAnswer, CheckedCitation, Score
from .items import arxiv_url, clip, question_of, visible
from .rendering import flatten
from .wording import DIMENSIONS, FIELDS, VERDICTS, Words, format_interval, format_value, term, value_name

COLUMNS = (
    "answer", "citation", "verdict", "title", "authors", "year", "arxiv_id", "doi", "url", "truncated", "matched_id",
    "matched_url", "similarity", "wrong_fields", "reason", "on_constraint", "lang", "kind", "cell", "question",
    "reason_zh",
)  # fmt: skip
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection). Full-width forms too.
_FORMULA = tuple("=+-@＝＋－＠\t\r")
_MAX_CELL = 2_000  # characters; a spreadsheet holds 32,767
_SUMMARY_RATES = ("fabrication_rate", "any_fake_rate", "metadata_error_rate", "verified_yield", "answer_rate")


def citation_lines(answers: Iterable[CheckedAnswer]) -> str:
    """A line for each citation, as spreadsheets read it: RFC 4180, no formulas; `COLUMNS` are its fields.

    Texts are put on one line, long ones are cut, and `'` is put before what would be a formula.
    """
    file = io.StringIO(newline="")
    write = csv.writer(file).writerow
    for answer in answers:
        asked = answer.asked
        row = ("", "", "") if asked is None else (asked.lang, asked.kind, asked.cell)
        about = [_cell(text) for text in (*row, question_of(answer.prompt))]
        for number, checked in enumerate(answer.citations, 1):
            write([answer.index, number, *_fields(checked), *about, _cell(checked.verdict.reason_zh)])
    return file.getvalue()


def _fields(checked: CheckedCitation) -> list[str | int | float]:
    citation, verdict = checked.citation, checked.verdict
    on_constraint = checked.on_constraint
    return [
        verdict.label,
        _cell(citation.title or ""),
        _cell("; ".join(citation.authors)),
        "" if citation.year is None else citation.year,
        *(_cell(text or "") for text in (citation.arxiv_id, citation.doi, citation.url)),
        int(citation.truncated),
        _cell(verdict.matched_id or ""),
        arxiv_url(verdict.matched_id) or "",
        "" if verdict.similarity is None else round(verdict.similarity, 4),
        ";".join(verdict.wrong_fields),
        _cell(verdict.reason),
        "" if on_constraint is None else int(on_constraint),
    ]


def _cell(text: str) -> str:
    """A text that no spreadsheet computes, on one line.

    >>> _cell('=HYPERLINK("x")')
    '\\'=HYPERLINK("x")'
    """
    text = text.strip()
    if not text.isprintable() or len(text) > _MAX_CELL:
        text = " ".join(visible(clip(text, _MAX_CELL)).split())
    return f"'{text}" if text.startswith(_FORMULA) else text


def summary_markdown(score: Score, signature: Mapping[str, Any]) -> str:
    """Counts, rates with intervals and breakdowns, for a pull request or a wiki. Names are in both languages."""
    counts = f"{score.answers:,} answers, {score.citations:,} citations, {int(score.abstained.sum()):,} declined."
    parts = [
        "# Citation check · 引用检查",
        counts,
        table(
            ["verdict", "citations", "meaning"],
            [[_both(VERDICTS[label].name), n, escape(VERDICTS[label].meaning.en)] for label, n in score.counts.items()],
        ),
        table(
            ["rate", "value", "95% interval", "n"],
            [
                [
                    _both(term(name).name),
                    format_value(name, rate.value),
                    escape(format_interval(name, rate)) or "–",
                    rate.n,
                ]
                for name, rate in score.rates.items()
            ],
        ),
    ]
    if score.wrong_fields:
        wrong: list[list[Cell]] = [
            [_both(FIELDS.get(name, Words(name, name))), n] for name, n in sorted(score.wrong_fields.items())
        ]
        parts.append(table(["wrong field", "citations"], wrong))
    for dimension, groups in score.breakdowns.items():
        head = [_both(DIMENSIONS[dimension]), "answers", *(term(name).name.en for name in _SUMMARY_RATES)]
        rows: list[list[Cell]] = [
            [_both(value_name(dimension, group)), part.answers, *_rates(part)] for group, part in groups.items()
        ]
        parts += [f"## By {DIMENSIONS[dimension].en}", table(head, rows)]
    if score.alignment:
        parts.append(f"Questions and dataset rows: {escape(score.alignment)}.")
    lines = [[escape(name), escape(value)] for name, value in flatten(signature)]
    parts += ["## Signature", "Numbers are comparable when these agree.", table(["what", "value"], lines)]
    return "\n\n".join(parts) + "\n"


def _rates(score: Score) -> Sequence[str]:
    shown = []
    for name in _SUMMARY_RATES:
        rate = score.rates[name]
        shown.append(f"{format_value(name, rate.value)} {escape(format_interval(name, rate))}".strip())
    return shown


def _both(words: Words) -> str:
    return escape(words.en if words.en == words.zh else f"{words.en} · {words.zh}")
