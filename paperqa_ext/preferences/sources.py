"""Where samples come from: directories that `sample` filled, or other predictions, with the questions they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ..asked import Asked, Questions
from ..check import check_answers
from ..dataset.registry import DATASET_INFO
from ..engine import Engine
from ..errors import DatasetError, PredictionsError
from ..index import ReferenceIndex
from ..metrics import CheckedAnswer
from ..predictions import Prediction, find_predictions, read_predictions
from .questions import Question, read_questions
from .sampling import parts, recalled

_CHUNK = 32  # questions whose answers are checked together


@dataclass(frozen=True, slots=True)
class Source:
    """Samples that answer the same questions.

    Attributes:
        name: of the samples.
        files: predictions files, an answer to each question in each.
        dataset_info: the `dataset_info.json` that registers the data sets asked.
        datasets: their names, in order.
        config: LLaMA-Factory's arguments, where they are known.
    """

    name: str
    files: tuple[Path, ...]
    dataset_info: Path
    datasets: tuple[str, ...]
    config: dict[str, Any]

    def questions(self) -> list[Question]:
        """The questions that the files answer, the same in all of them.

        Raises:
            DatasetError: they are kept for measuring, or cannot be read.
            PredictionsError: a file answers others, or not in order.
        """
        questions = {question.asked: question for question in read_questions(self.dataset_info, self.datasets)}
        known = Questions(self.dataset_info, self.datasets)
        found: list[tuple[Asked, ...]] = []
        for file in self.files:
            alignment = known.behind(file)
            if alignment.asked is None:
                raise PredictionsError(
                    f"does not answer the questions in order: {alignment.reason}",
                    path=file,
                    remedy="Name the data set that was predicted with --dataset, or sample again.",
                )
            found.append(alignment.asked)
            if found[-1] != found[0]:
                remedy = "Give the files of each run on its own, or sample again with the same max_samples."
                raise PredictionsError(f"answers other questions than {self.files[0]}", path=file, remedy=remedy)
        return [questions[asked] for asked in found[0]]

    def checked(
        self, questions: Sequence[Question], index: ReferenceIndex, engine: Engine
    ) -> Iterator[tuple[Question, list[CheckedAnswer]]]:
        """Every question with its answers, one of each file, their citations checked.

        Raises:
            PredictionsError: a file cannot be read.
        """
        work = _Work(ReferenceIndex(index.path.absolute()))  # a process of a cluster may work in another directory
        answers = (answer for chunk in engine.map(work, self._chunks(questions)) for answer in chunk)
        for question in questions:
            yield question, list(islice(answers, len(self.files)))

    def _chunks(self, questions: Sequence[Question]) -> Iterator[list[tuple[Asked, Prediction]]]:
        rows = zip(questions, *map(read_predictions, self.files), strict=True)
        while chunk := list(islice(rows, _CHUNK)):
            yield [(question.asked, prediction) for question, *own in chunk for prediction in own]


@dataclass(frozen=True)
class _Work:
    """The check of a chunk, in whatever process."""

    index: ReferenceIndex

    def __call__(self, chunk: Sequence[tuple[Asked, Prediction]]) -> list[CheckedAnswer]:
        asked, predictions = zip(*chunk, strict=True)
        return check_answers(predictions, self.index, asked=asked)


def find_sources(
    paths: Sequence[Path], dataset_info: Path = DATASET_INFO, datasets: Sequence[str] = ()
) -> list[Source]:
    """The samples that paths name.

    Args:
        paths: directories that `sampling.sample` filled, which know their questions; or other predictions of one or
            more runs over the same questions, as LLaMA-Factory and its `scripts/vllm_infer.py` write them.
        dataset_info: the `dataset_info.json` for the latter.
        datasets: names of those that the latter answer, in order.

    Raises:
        PredictionsError: there are none.
        DatasetError: the data sets are unknown.
    """
    found, others = [], list[Path]()
    for path in paths:
        if (sampling := recalled(path)) is None:
            others += find_predictions(path)
            continue
        if not (files := parts(path)):
            raise PredictionsError("no sample is finished here", path=path, remedy="Run `paperqa sample` again.")
        info = Path(sampling.dataset_info)
        found.append(Source(path.name, tuple(files), info, sampling.datasets, sampling.config))
    if others:
        if not datasets:
            remedy = "Name the data set that was predicted: --dataset arxiv_paperqa_train."
            raise DatasetError("does not say which questions it answers", path=others[0], remedy=remedy)
        found.append(Source("predictions", tuple(others), dataset_info, tuple(datasets), {}))
    return found
