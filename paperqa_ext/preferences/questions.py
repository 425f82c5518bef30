"""The questions that samples answer, as a data set has them, and which of them must not be trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ..asked import Asked, read_asked
from ..dataset.registry import TAGS, dataset_name, read_dataset_info
from ..errors import DatasetError

# Splits that results are reported on, whose questions and, but for `seen`, whose papers are kept from training.
HELD_OUT = tuple(map(dataset_name, ("test", "seen", "grounded_test")))
_SEEN = dataset_name("seen")  # train's papers in other words


@dataclass(frozen=True, slots=True)
class Question:
    """A row of a data set, as what comes before an answer.

    Attributes:
        asked: what it asks for.
        system: the system prompt; empty if there is none.
        history: (question, answer) of each turn before, in order.
    """

    asked: Asked
    system: str
    history: tuple[tuple[str, str], ...]

    @property
    def turns(self) -> list[str]:
        """Questions and answers in order, the question to answer last."""
        return [*(text for pair in self.history for text in pair), self.asked.instruction]


def read_questions(dataset_info: Path, names: Sequence[str]) -> list[Question]:
    """The questions of data sets, one set after another, as LLaMA-Factory's predict stage asks them.

    Args:
        dataset_info: the `dataset_info.json` that registers them.
        names: of the data sets, alpaca or ShareGPT.

    Raises:
        DatasetError: a set is held out for tests or shares questions with one that is, is not registered, or is broken.
    """
    for name in names:
        if name in HELD_OUT:
            raise _held_out(f"{name} is kept for measuring", dataset_info)
    entries = read_dataset_info(dataset_info)
    asked = read_asked(dataset_info, names)
    rows = [(row, entries[name]) for name in names for row in _rows(dataset_info.parent / entries[name]["file_name"])]
    questions = [Question(one, *_before(row, entry)) for one, (row, entry) in zip(asked, rows, strict=True)]
    tested = {row.id for name in HELD_OUT if name in entries for row in read_asked(dataset_info, [name])}
    if shared := sum(question.asked.id in tested for question in questions if question.asked.id):
        raise _held_out(f"{shared:,} questions of {', '.join(names)} are kept for measuring too", dataset_info)
    return questions


def held_out_papers(dataset_info: Path) -> frozenset[str]:
    """`Paper.key` of the papers that answers to test questions cite: training must not name them.

    Raises:
        DatasetError: a data set that is registered cannot be read.
    """
    entries = read_dataset_info(dataset_info)
    names = [name for name in HELD_OUT if name in entries and name != _SEEN]
    return frozenset(key for row in read_asked(dataset_info, names) for key in row.paper_ids)


def _held_out(message: str, dataset_info: Path) -> DatasetError:
    return DatasetError(
        message,
        path=dataset_info,
        remedy=f"Ask the questions of {dataset_name('train')} or {dataset_name('val')}: eval_dataset="
        f"{dataset_name('train')}. A model that is trained on its test tells nothing.",
    )


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Rows of a file that `read_asked` has read."""
    content = path.read_bytes()
    if path.suffix == ".jsonl":
        return (orjson.loads(line) for line in content.splitlines() if line.strip())
    return iter(orjson.loads(content))


def _before(row: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """System prompt and history of a row."""
    columns = entry.get("columns", {})
    system = row.get(columns.get("system"))
    if entry.get("formatting") != "sharegpt":
        history = row.get(columns.get("history")) or ()
        return system or "", tuple((question, answer) for question, answer in history)
    tags = {**TAGS, **entry.get("tags", {})}
    said = [
        (turn[tags["role_tag"]], turn[tags["content_tag"]]) for turn in row[columns.get("messages", "conversations")]
    ]
    if said and said[0][0] == tags["system_tag"]:
        system = said.pop(0)[1]
    texts = [text for _, text in said][:-2]
    return system or "", tuple(zip(texts[::2], texts[1::2], strict=True))
