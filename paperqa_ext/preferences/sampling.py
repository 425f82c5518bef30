"""Several answers to each question of a data set, by LLaMA-Factory's own predict stage: one run for each seed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .. import launcher
from ..asked import Questions
from ..configs import read_config
from ..dataset.registry import DATASET_INFO
from ..errors import ConfigError, OutputError, PredictionsError
from ..files import Staged, writing
from ..predictions import FILE_NAME
from .questions import read_questions

SAMPLING_NAME = "sampling.json"
PART = "sample-{}"
# Whatever the config says: what makes a run one of several different answers.
_FIXED: Mapping[str, Any] = {
    "stage": "sft",
    "do_train": False,
    "do_eval": False,
    "do_predict": True,
    "predict_with_generate": True,
    "do_sample": True,
    "overwrite_output_dir": True,
}
_BATCH = 8  # LLaMA-Factory's default
_PACE = frozenset({"per_device_eval_batch_size", "preprocessing_num_workers", "dataloader_num_workers"})


@dataclass(frozen=True, slots=True)
class Sampling:
    """What the parts of a directory have in common.

    Attributes:
        config: LLaMA-Factory's arguments, without seed and output directory.
        dataset_info: the `dataset_info.json` that registers the data sets.
        datasets: names of the sets asked, in order.
        questions: hash of the questions' text.
    """

    config: dict[str, Any]
    dataset_info: str
    datasets: tuple[str, ...]
    questions: str


def sample(
    config: Path, overrides: Sequence[str], output: Path, *, k: int, seed: int = 0
) -> Iterator[tuple[Path, bool]]:
    """Ask every question `k` times, each time with another seed; parts that were finished before are kept.

    A part is complete or not there: `output/sample-0/generated_predictions.jsonl` and those after it.

    Args:
        config: YAML of a predict run of LLaMA-Factory; `do_sample` is set, whatever it says.
        overrides: `key=value` each, as LLaMA-Factory takes them.
        output: directory of the parts; a second run adds to the first.
        k: answers a question.
        seed: of the first part; the next ones count up.

    Returns:
        The directory of each part as it is done, and whether it was there before.

    Raises:
        ConfigError: the config cannot be read, or names no `eval_dataset`.
        DatasetError: the questions cannot be read, or are kept for measuring.
        OutputError: `output` holds answers of another config or to other questions.
        StageError: LLaMA-Factory failed; the parts finished before stay.
        PredictionsError: LLaMA-Factory dropped some of the questions.
    """
    arguments = _read(config, overrides)
    names = tuple(name.strip() for name in str(arguments["eval_dataset"]).split(","))
    info = Path(arguments.get("dataset_dir", "data")) / DATASET_INFO
    asked = [question.asked for question in read_questions(info, names)]
    known = Questions(info, names)
    digest = blake2b("\x1f".join(row.instruction for row in asked).encode(), digest_size=8).hexdigest()
    _remember(output, Sampling(arguments, str(info.absolute()), names, digest))
    most = int(arguments.get("max_samples") or len(asked))
    batches = -(-min(most * len(names), len(asked)) // int(arguments.get("per_device_eval_batch_size") or _BATCH))
    for number in range(k):
        part = output / PART.format(number)
        kept = (part / FILE_NAME).exists()
        if not kept:
            _run({**arguments, "seed": seed + number}, part, known, batches)
        yield part, kept


def parts(output: Path) -> list[Path]:
    """The predictions files of the finished parts in a directory of samples, in order."""
    found = output.glob(f"{PART.format('*')}/{FILE_NAME}")
    return sorted(found, key=lambda path: int(path.parent.name.rpartition("-")[2]))


def recalled(output: Path) -> Sampling | None:
    """What the parts in a directory have in common; None if `sample` did not make it.

    Raises:
        OutputError: the file that says so is broken.
    """
    path = output / SAMPLING_NAME
    if not path.exists():
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return Sampling(known["config"], known["dataset_info"], tuple(known["datasets"]), known["questions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(f"cannot be read: {error!r}", path=path, remedy="Sample into another --output.") from error


def _read(config: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """The config, made to sample."""
    arguments = read_config(config, overrides)
    if not arguments.get("eval_dataset"):
        remedy = "Name the questions: eval_dataset=arxiv_paperqa_train."
        raise ConfigError("names no data set to ask", path=config, field="eval_dataset", remedy=remedy)
    dropped = ("seed", "output_dir", "dataset")
    return {key: value for key, value in arguments.items() if key not in dropped} | dict(_FIXED)


def _remember(output: Path, sampling: Sampling) -> None:
    """Keep what the parts have in common, or see that it is still the same."""
    known = recalled(output)
    if known is None:
        with Staged() as staged, writing(output):
            path = staged.path(output / SAMPLING_NAME)
            path.write_text(json.dumps(asdict(sampling), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            staged.commit()
        return
    old, new = ({**one.config, "questions": one.questions} for one in (known, sampling))
    if differing := [key for key in {**old, **new} if key not in _PACE and old.get(key) != new.get(key)]:
        raise OutputError(
            f"holds answers that were sampled with another {', '.join(differing)}",
            path=output,
            remedy=f"Sample into another --output, or with the settings in {SAMPLING_NAME}.",
        )


def _run(arguments: Mapping[str, Any], part: Path, known: Questions, batches: int) -> None:
    with Staged() as staged:
        made = staged.path(part)
        environment = {"PAPERQA_HOOK": "0", "TOKENIZERS_PARALLELISM": "false"}
        config = {**arguments, "output_dir": str(made.absolute())}
        launcher.train(config, part.parent, part.name, total=batches, env=environment, cwd=Path.cwd())
        alignment = known.behind(made / FILE_NAME)
        if alignment.asked is None:
            raise PredictionsError(
                f"LLaMA-Factory did not answer the questions in order: {alignment.reason}",
                path=part.parent / "logs" / f"{part.name}.log",
                remedy="See what the log says about dropped rows, and mend those in the data set.",
            )
        staged.commit()
