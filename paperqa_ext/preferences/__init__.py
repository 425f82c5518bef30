"""Preference data from verdicts: several checked answers a question become pairs for DPO and judged rows for KTO."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ..asked import Asked
from ..check import check_answers, sign
from ..dataset import Publication
from ..dataset.registry import DATASET_INFO
from ..engine import Engine, open_engine
from ..errors import DatasetError
from ..index import DEFAULT_INDEX, ReferenceIndex
from ..index.search import TopicIndex
from ..metrics import CheckedAnswer, Score
from ..predictions import Prediction
from .card import CARD_NAME, Made, card
from .grades import NEITHER
from .matching import MAX_RATIO
from .pairs import QUESTIONS_DROPPED, Preferences, prefer
from .questions import Question, held_out_papers
from .repair import Repairer
from .rows import judged_rows, pair_rows
from .sources import Source

FORMATS = ("dpo", "kto")  # of data sets, and their names after `arxiv_paperqa_`


def make(
    sources: Sequence[Source],
    output: Path,
    *,
    index: Path = DEFAULT_INDEX,
    dataset_info: Path = DATASET_INFO,
    formats: Sequence[str] = FORMATS,
    repair: bool = True,
    max_ratio: float = MAX_RATIO,
    engine: Engine | None = None,
    progress: bool = False,
) -> Made:
    """Check samples and publish what they teach: data sets, their card, and their entries, all or nothing.

    Args:
        sources: the samples.
        output: directory of the data sets and the card.
        index: directory of the reference index; with a topic part if answers are to be repaired.
        dataset_info: where the data sets are registered, and those that are held out are found.
        formats: which data sets, of `FORMATS`.
        repair: where no sample is clean, replace the fabrications of one by real papers.
        max_ratio: of the longer to the shorter answer of a pair, in tokens.
        engine: where the checks run; in this process if None.
        progress: show a progress bar on stderr.

    Raises:
        DatasetError: a data set would be empty, or does not arrive in LLaMA-Factory as it was written.
        PredictionsError, IndexUnavailableError, OutputError: see their docstrings; nothing is published then.
    """
    from tqdm import tqdm

    reference = ReferenceIndex(index)
    avoid = frozenset[str]().union(*map(held_out_papers, {dataset_info, *(source.dataset_info for source in sources)}))
    repairer = Repairer(reference, TopicIndex(index), partial(_check, reference), avoid) if repair else None
    questions = [source.questions() for source in sources]
    made = Made(configs=[source.config for source in sources], signature=sign(sources[0].files[0], reference, output))

    def samples() -> Iterator[tuple[Question, list[CheckedAnswer]]]:
        for source, asked in zip(sources, questions, strict=True):
            scores = []
            for question, answers in source.checked(asked, reference, engine or open_engine("local", 1)):
                scores.append(Score.of(answers))
                yield question, answers
            made.scores.append((source.name, len(source.files), Score.joined(scores)))

    shown = tqdm(samples(), "pairing", sum(map(len, questions)), unit=" questions", disable=None if progress else True)
    made.preferences = prefer(shown, repairer, avoid, max_ratio)
    with Publication(output, dataset_info) as publication:
        for format in formats:
            _require(format, made.preferences)
            writer = publication.split(format, format)
            rows = pair_rows(made.preferences.pairs) if format == "dpo" else judged_rows(made.preferences.judged)
            for row in rows:
                writer.write_line(row)
        publication.path(CARD_NAME).write_text(card(made, formats, max_ratio), encoding="utf-8")
        publication.verify()
        publication.commit()
    return made


def _check(index: ReferenceIndex, text: str, asked: Asked) -> CheckedAnswer:
    return check_answers([Prediction(1, asked.instruction, text, "")], index, asked=[asked])[0]


def _require(format: str, made: Preferences) -> None:
    """See that there is something to train on."""
    tags = {one.desirable for one in made.judged}
    if made.pairs if format == "dpo" else len(tags) == 2:
        return
    dropped = [f"{number:,} × {QUESTIONS_DROPPED[why]}" for why, number in made.questions_dropped.items()]
    grades = [f"{number:,} × {NEITHER.get(name, name)}" for name, number in made.grades.items()]
    raise DatasetError(
        f"no {'pair' if format == 'dpo' else 'two kinds of answers'} in {made.questions:,} questions; "
        f"questions: {'; '.join(dropped) or 'none dropped'}; answers: {'; '.join(grades) or 'none'}",
        field=format,
        remedy="Nothing was published. Sample more questions or more answers a question, or use a larger index.",
    )
