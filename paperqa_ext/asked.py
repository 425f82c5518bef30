"""What the questions behind predictions asked for: rows of a dataset, laid beside the predictions they led to.

LLaMA-Factory's predict stage writes no id of the row a prediction belongs to, puts several datasets one after another
without a mark and drops rows it cannot use without a word. So a row is taken for the question of a prediction only
where number and wording of all of them prove it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from .dataset.registry import DATASET_INFO, TAGS, read_dataset_info
from .errors import DatasetError
from .predictions import lines, read_predictions
from .prompts import shows_records

_REMEDY = "Name a dataset that `python -m paperqa_ext.convert` registered, e.g. arxiv_paperqa_test."
# LLaMA-Factory's own defaults, which stand where an entry has no `columns`.
_ALPACA: dict[str, str | None] = {"prompt": "instruction", "query": "input", "response": "output", "history": None}
_SHAREGPT = {"messages": "conversations"}
_NAMING = ("lookup", "compare", "exist")  # kinds that ask about papers they name
_DENIED = ("altered", "chimera")  # variants of `exist` that name a paper there is not
_LONGEST = 1 << 24  # bytes of a row, of files that are read only to see whether they fit
_MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Asked:
    """One dataset row: what was asked, and what the answer should have cited. Fields a row lacks are empty or None.

    Attributes:
        id: of the row, unique in all splits.
        kind: as `dataset.Example.kind`.
        lang: `en` or `zh`.
        cell: as `dataset.Example.cell`.
        variant: as `dataset.Example.variant`.
        twin: as `dataset.Example.twin`.
        paper_ids: `Paper.key` of the papers that the reference answer cites.
        topic: English name of the topic asked for.
        years: first and last year asked for.
        category: arXiv category asked for.
        author: author asked for.
        n: number of papers asked for.
        instruction: the question; of several turns the last.
        output: the reference answer.
        history: what was said before the question: questions and answers in turn.
    """

    id: str
    kind: str
    lang: str
    cell: str
    variant: str
    twin: str
    paper_ids: tuple[str, ...]
    topic: str | None
    years: tuple[int, int] | None
    category: str | None
    author: str | None
    n: int | None
    instruction: str
    output: str
    history: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool | None:
        """Whether some paper answers the question: the reference answer cites one.

        None for rows without a kind, which are not of this package, and for titles that do not exist: to deny them is
        right, and so is to name the nearest real one.
        """
        return None if not self.kind or self.variant in _DENIED else bool(self.paper_ids)

    @property
    def names_papers(self) -> bool:
        """Whether the question itself has the title or id of the papers that answer it, or nearly so."""
        return self.kind in _NAMING

    @property
    def shows_records(self) -> bool:
        """Whether the question shows the records it is to be answered from."""
        return shows_records(self.instruction)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which rows belong to the lines of a predictions file.

    Attributes:
        asked: a row for each line, or None where that is not proven.
        reason: why it is taken for proven or not, one sentence without a full stop at its end.
    """

    asked: tuple[Asked, ...] | None
    reason: str


def read_asked(dataset_info: Path, names: Sequence[str]) -> list[Asked]:
    """The rows of datasets, one after another, as LLaMA-Factory's predict stage reads them.

    Args:
        dataset_info: the `dataset_info.json` that registers them.
        names: of the datasets, alpaca or ShareGPT.

    Raises:
        DatasetError: a name is not registered, or its file is not JSON or JSON Lines of such rows.
    """
    entries = read_dataset_info(dataset_info)
    return [row for name in names for row in _read_set(dataset_info, name, entries.get(name))]


def align(predictions: Path, asked: Sequence[Asked], *, field: str | None = None) -> Alignment:
    """Lay rows beside the lines of a predictions file, in order.

    Row i belongs to line i only if there are as many rows as lines, or more (`max_samples` took the first ones), and
    every prompt contains its row's instruction, up to white space and Unicode compatibility forms, or is the row's id
    (of OpenAI's batches).

    Args:
        predictions: the file.
        asked: the rows.
        field: the key of the answers, in JSONL of no known format.

    Raises:
        PredictionsError: the predictions cannot be read.
    """
    return _align(predictions, [asked], "the dataset", field)


class Questions:
    """The rows that may have been asked: those of the datasets named, or of whichever registered one fits.

    Args:
        dataset_info: the `dataset_info.json` that registers the datasets.
        names: of the datasets that were predicted, in order; none if that is not known.

    Raises:
        DatasetError: a dataset named is not registered, or cannot be read.
    """

    def __init__(self, dataset_info: Path = DATASET_INFO, names: Sequence[str] = ()) -> None:
        self._info = dataset_info
        self._names = names
        self._sets = {name: read_asked(dataset_info, [name]) for name in names}

    def behind(self, predictions: Path, *, field: str | None = None) -> Alignment:
        """The rows that a predictions file answers, as `align` proves it.

        If no dataset is named, every registered one is tried whose first question is in the first prompt.

        Raises:
            PredictionsError: the predictions cannot be read.
        """
        if self._names:
            sets = [self._sets[name] for name in self._names]
            return _align(predictions, sets, f"dataset {', '.join(self._names)}", field)
        try:
            found = self._fitting(predictions, field)
        except DatasetError as error:
            return Alignment(None, f"no dataset is named, and {error.path}: {error.message}")
        if not found:
            return Alignment(None, f"no dataset is named, and none registered in {self._info} has these questions")
        if len(set(found.values())) > 1:
            return Alignment(None, f"no dataset is named, and several have these questions: {', '.join(found)}")
        name, asked = next(iter(found.items()))
        return Alignment(asked, f"every prompt contains the instruction of its row in dataset {name}")

    def _fitting(self, predictions: Path, field: str | None) -> dict[str, tuple[Asked, ...]]:
        found = {}
        prompt = next((prediction.prompt for prediction in read_predictions(predictions, field=field)), "")
        for name, entry in read_dataset_info(self._info).items():
            first = _first(self._info, entry)
            if first is not None and _belongs(first, prompt):
                if name not in self._sets:
                    self._sets[name] = read_asked(self._info, [name])
                if (asked := align(predictions, self._sets[name], field=field).asked) is not None:
                    found[name] = asked
        return found


def _align(predictions: Path, sets: Sequence[Sequence[Asked]], what: str, field: str | None) -> Alignment:
    number = sum(1 for _ in lines(predictions))
    rows = _first_of_each(sets, number)
    if len(rows) != number:
        return Alignment(None, f"{what} and the predictions differ in number: {len(rows)} and {number}")
    for place, (row, prediction) in enumerate(zip(rows, read_predictions(predictions, field=field), strict=True), 1):
        if not _belongs(row, prediction.prompt):
            return Alignment(None, f"prompt {place} does not contain the instruction of row {place} of {what}")
    return Alignment(tuple(rows), f"every prompt contains the instruction of its row in {what}")


def _first_of_each(sets: Sequence[Sequence[Asked]], number: int) -> list[Asked]:
    """The rows that `max_samples` leaves, which takes the first ones of every dataset, so that there are `number`."""
    for most in range(number + 1 if number < sum(map(len, sets)) else 0):
        if sum(min(most, len(rows)) for rows in sets) == number:
            return [row for rows in sets for row in rows[:most]]
    return [row for rows in sets for row in rows]


def _belongs(row: Asked, prompt: str) -> bool:
    instruction = _plain(row.instruction)
    return bool(instruction) and bool(prompt) and (instruction in _plain(prompt) or row.id == prompt)


def _plain(text: str) -> str:
    """Without what tokenizers change on the way there and back."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _first(dataset_info: Path, entry: Any) -> Asked | None:
    """The first row of a dataset that is written as this package writes it, a row a line; None of any other."""
    try:
        with (dataset_info.parent / entry["file_name"]).open("rb") as file:
            start = [file.readline(_LONGEST), file.readline(_LONGEST)]
        return _asked(orjson.loads(start[start[0].strip() == b"["].strip().removesuffix(b",")), entry)
    except (OSError, *_MALFORMED):
        return None


def _read_set(dataset_info: Path, name: str, entry: Any) -> list[Asked]:
    if entry is None:
        raise DatasetError("no such dataset is registered", path=dataset_info, field=name, remedy=_REMEDY)
    file = entry.get("file_name") if isinstance(entry, dict) else None
    if not isinstance(file, str) or Path(file).suffix not in (".json", ".jsonl"):
        raise DatasetError(
            "its entry names no local .json or .jsonl file", path=dataset_info, field=name, remedy=_REMEDY
        )
    path = dataset_info.parent / file
    try:
        data = path.read_bytes()
        rows = orjson.loads(data) if path.suffix == ".json" else map(orjson.loads, filter(None, data.splitlines()))
        return [_asked(row, entry) for row in rows]
    except OSError as error:
        raise DatasetError(f"cannot be read: {error.strerror}", path=path, remedy=_REMEDY) from error
    except _MALFORMED as error:
        raise DatasetError(
            f"is not rows of the format that {dataset_info} states: {error!r}", path=path, remedy=_REMEDY
        ) from error


def _asked(row: Mapping[str, Any], entry: Mapping[str, Any]) -> Asked:
    *history, instruction, output = (_of_messages if entry.get("formatting") == "sharegpt" else _of_columns)(row, entry)
    constraints = row.get("constraints") or {}
    year = constraints.get("year")
    return Asked(
        **{key: str(row.get(key) or "") for key in ("id", "kind", "lang", "cell", "variant", "twin")},
        paper_ids=tuple(row.get("paper_ids") or ()),
        topic=constraints.get("topic"),
        years=None if year is None else (int(year), int(year)),
        category=constraints.get("category"),
        author=constraints.get("author"),
        n=constraints.get("n"),
        instruction=instruction,
        output=output,
        history=tuple(history),
    )


def _of_columns(row: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    """What is said in an alpaca row; LLaMA-Factory puts a non-empty query on the line after the prompt."""
    columns = entry.get("columns", _ALPACA)
    prompt, query, response, history = (row.get(columns.get(key)) for key in _ALPACA)
    question = "\n".join(filter(None, (prompt, query)))
    return [*chain.from_iterable(history or ()), question, response if isinstance(response, str) else ""]


def _of_messages(row: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    """What is said in a dialogue, questions and answers in turn."""
    tags = {**TAGS, **entry.get("tags", {})}
    messages = row[entry.get("columns", _SHAREGPT)["messages"]]
    said = [m for m in messages if m[tags["role_tag"]] in (tags["user_tag"], tags["assistant_tag"])]
    open_end = said[-1][tags["role_tag"]] == tags["user_tag"]  # of preference data: the answers stand elsewhere
    return [message[tags["content_tag"]] for message in said] + [""] * open_end
