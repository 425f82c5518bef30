"""A `Summary` → the data set's card, as Markdown. Lays out, counts nothing; names and titles are hostile here.

The card follows https://huggingface.co/docs/hub/datasets-cards. The same summary gives the same bytes.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..dataset.registry import dataset_name
from ..markdown import Cell, code, escape, fenced, table
from .tokens import CUTOFF_LEN, percentile

if TYPE_CHECKING:
    from .summary import Summary

CARD_NAME = "DATASET.md"
PLOT_NAME = "dataset.svg"
PERCENTS = (50, 90, 99)
MAX_TURN = 700  # characters of a turn in an example: the prompts with records are longer
WIDTH = 100  # characters of a line in an example

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "Chinese"}
SPLITS: Mapping[str, str] = {
    "train": "to train on",
    "val": "to choose settings by",
    "test": "to report results on",
    "seen": "train's questions in words that train does not use, to tell memory of papers from memory of wording",
}
KINDS: Mapping[str, str] = {
    "recommend": "papers on a topic from a year",
    "category": "papers of an arXiv category from a year",
    "author": "papers by an author",
    "describe": "the paper that a sentence of its abstract describes",
    "lookup": "authors, date or id of a title, or the title of an id",
    "compare": "what two papers do",
    "exist": "whether a paper of this title exists",
    "unanswerable": "something the records do not hold; the answer says so and offers what they do hold",
    "multi_turn": "a recommendation, and a question about it",
    "grounded": "one of the above, with records to answer it from",
}
VARIANTS: Mapping[str, str] = {
    "real": "the title is a paper's",
    "altered": "a real title with words changed; the answer names the real one",
    "chimera": "a title put together from two; the answer names the nearest real one",
    "future": "a year after the last record",
    "empty": "a year without a paper on the topic or in the category",
    "unknown_topic": "a topic that does not exist",
    "unknown_author": "a name that no record has",
    "refine": "the same topic in another year",
    "fewer": "fewer papers",
    "sure": "whether the papers named are real",
    "sure_none": "whether there is really no such paper",
    "more": "more papers on the topic",
    "more_none": "more papers where there are none",
    "removed": "the records shown lack the answer, and the answer says so",
}
CELLS: Mapping[str, str] = {
    "seen_paper": "training cites these papers",
    "unseen_paper": "training cites none of these papers, but others of their topics",
    "unseen_topic": "the topic is held out: training cites no paper on it",
    "unseen_year": "the year is held out: training cites no paper of it",
    "unanswerable": "there is no such paper",
}
COLUMNS: Mapping[str, str] = {
    "instruction": "the question; in a grounded row the records, then the question",
    "input": "empty",
    "output": "the answer",
    "conversations": "the turns, as `from` (`human` or `gpt`) and `value`; the last is the answer",
    "system": "the system prompt, which states the date of the last record",
    "history": "the turns before, as pairs of question and answer; empty but for `multi_turn`",
    "id": "unique over all splits; the same question has the same id in every run",
    "kind": "kind of question, see above",
    "lang": "`en` or `zh`: language of question, answer and system prompt",
    "paper_ids": "arXiv ids of the papers that the answer cites, in its order; without an id `title:` and a hash",
    "constraints": "what is asked for; null where the question leaves it open",
    "constraints.topic": "English name of the topic",
    "constraints.category": "arXiv category, as `cs.CL`",
    "constraints.author": "name of an author",
    "constraints.year": "year of the papers' first versions",
    "constraints.n": "number of papers",
    "constraints.title": "title asked about",
    "constraints.arxiv_id": "arXiv id asked about",
    "constraints.field": "what is asked of a paper: `authors`, `date`, `id` or `title`",
    "cell": "what training has seen of the question, see above",
    "twin": "of an unanswerable question the `id` of the answerable one that differs in one constraint; else empty",
    "variant": "variant of the kind, see above; empty if it has none",
}


def card(summary: Summary, plot: str = PLOT_NAME) -> str:
    """The text of `DATASET.md`.

    Args:
        summary: what the conversion read and made.
        plot: name of the plots' file, relative to the card; empty if there is none.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"code": code, "fenced": fenced, "shown": escape}
    splits = summary.splits
    return environment.get_template("dataset.md.j2").render(
        summary=summary,
        plot=plot,
        languages={lang: LANGUAGES[lang] for lang in _languages(summary)},
        rows=sum(split.rows for split in splits.values()),
        names={split: dataset_name(split) for split in splits},
        splits=_splits(summary),
        kinds=_kinds(summary),
        variants=_variants(summary),
        cells=_cells(summary),
        columns=_columns(summary),
        left_out=[
            (title, table([head, "number"], [[escape(why), number] for why, number in counts.items() if number]))
            for title, head, counts in (
                ("Records read:", "records", summary.counts),
                ("Records in the index that no answer cites:", "reason", summary.not_cited),
                ("Questions not used, and shares that another kind had to fill:", "reason", summary.dropped),
            )
            if any(counts.values())
        ],
        leakage=table(
            ["splits", "papers in both"],
            [[f"{one}, {other}", number] for (one, other), number in summary.shared.items()],
        ),
        lengths=_lengths(summary),
        examples=_examples(summary),
        cutoff_len=CUTOFF_LEN,
        cut=MAX_TURN,
    )


def _languages(summary: Summary) -> list[str]:
    found = {lang for split in summary.splits.values() for _, lang in split.kinds}
    return [lang for lang in LANGUAGES if lang in found]


def _splits(summary: Summary) -> str:
    langs = _languages(summary)
    rows: list[list[Cell]] = [
        [
            code(name),
            split.rows,
            *(sum(number for (_, own), number in split.kinds.items() if own == lang) for lang in langs),
            split.papers,
            SPLITS.get(name, "questions of that split with records to answer them from"),
        ]
        for name, split in summary.splits.items()
    ]
    return table(["split", "rows", *langs, "papers cited", "use"], rows)


def _kinds(summary: Summary) -> str:
    by_split = [
        {kind: sum(n for (own, _), n in split.kinds.items() if own == kind) for kind, _ in split.kinds}
        for split in summary.splits.values()
    ]
    kinds = _ordered(KINDS, (kind for counts in by_split for kind in counts))
    rows: list[list[Cell]] = [
        [code(kind), KINDS.get(kind, ""), *(counts.get(kind, 0) for counts in by_split)] for kind in kinds
    ]
    return table(["kind", "what is asked", *map(code, summary.splits)], rows)


def _variants(summary: Summary) -> str:
    """Empty if no row has a variant."""
    pairs = sorted(
        {pair for split in summary.splits.values() for pair in split.variants},
        key=lambda pair: (_place(KINDS, pair[0]), _place(VARIANTS, pair[1])),
    )
    rows: list[list[Cell]] = [
        [code(kind), code(variant), VARIANTS.get(variant, ""),
         *(split.variants[kind, variant] for split in summary.splits.values())]
        for kind, variant in pairs
    ]  # fmt: skip
    return table(["kind", "variant", "what is asked", *map(code, summary.splits)], rows) if rows else ""


def _cells(summary: Summary) -> str:
    cells = _ordered(CELLS, (cell for split in summary.splits.values() for cell in split.cells))
    rows: list[list[Cell]] = [
        [code(cell), CELLS.get(cell, ""), *(split.cells[cell] for split in summary.splits.values())] for cell in cells
    ]
    return table(["cell", "what training has seen", *map(code, summary.splits)], rows)


def _columns(summary: Summary) -> str:
    names: list[str] = []
    for row in list(summary.examples.values())[:1]:
        for name, value in row.items():
            names += [name, *(f"{name}.{key}" for key in value)] if isinstance(value, Mapping) else [name]
    return table(["column", "meaning"], [[code(name), COLUMNS.get(name, "")] for name in names]) if names else ""


def _lengths(summary: Summary) -> str:
    """Empty if no row's tokens were counted."""
    rows: list[list[Cell]] = []
    for name, split in summary.splits.items():
        for what, lengths in zip(("whole row", "answer"), zip(*split.tokens, strict=True), strict=False):
            ordered = list(lengths)
            found = [percentile(ordered, percent) for percent in PERCENTS]
            rows.append([code(name), what, len(ordered), *found, max(ordered)])
    return table(["split", "of", "rows counted", *(f"p{p}" for p in PERCENTS), "max"], rows) if rows else ""


def _examples(summary: Summary) -> list[tuple[str, str, list[str]]]:
    """Kind, what it asks, and a code block for each language."""
    kinds = _ordered(KINDS, (kind for kind, _ in summary.examples))
    return [
        (
            escape(kind),
            KINDS.get(kind, ""),
            [fenced(_example(summary.examples[kind, lang])) for lang in LANGUAGES if (kind, lang) in summary.examples],
        )
        for kind in kinds
    ]


def _example(row: Mapping[str, Any]) -> str:
    """A row as a dialogue, then what else is in it that is neither empty nor null."""
    if "conversations" in row:
        turns = [turn["value"] for turn in row["conversations"]]
    else:
        question = "\n".join(filter(None, (row["instruction"], row.get("input"))))
        turns = [*(turn for pair in row.get("history") or () for turn in pair), question, row["output"]]
    lines = [f"[system]\n{_shortened(row['system'])}"] if row.get("system") else []
    lines += [f"[{('user', 'assistant')[place % 2]}]\n{_shortened(turn)}" for place, turn in enumerate(turns)]
    rest: dict[str, Any] = {name: row.get(name) for name in ("paper_ids", "constraints", "cell", "variant", "twin")}
    if isinstance(rest["constraints"], Mapping):
        rest["constraints"] = {name: value for name, value in rest["constraints"].items() if value is not None}
    facts = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in rest.items() if value]
    return "\n\n".join([*lines, "\n".join(facts)]).rstrip()


def _shortened(text: str) -> str:
    """The beginning and the end, where the question is, of a long text, in lines of `WIDTH` characters."""
    if len(text) > MAX_TURN:
        first, last = text[: MAX_TURN // 2].rsplit(maxsplit=1)[0], text[-MAX_TURN // 2 :].split(maxsplit=1)[-1]
        text = f"{first}\n[…]\n{last}"
    return "\n".join(map(_wrapped, text.splitlines()))


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False)


def _ordered(known: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """The names, each once, those known first."""
    return sorted(set(names), key=lambda name: (_place(known, name), name))


def _place(known: Mapping[str, str], name: str) -> int:
    return list(known).index(name) if name in known else len(known)
