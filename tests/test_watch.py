import json
import shutil
import threading
import time

import pytest

from paperqa_ext.check import Result
from paperqa_ext.details import REPORT_NAME
from paperqa_ext.errors import IndexUnavailableError, PredictionsError
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line
from paperqa_ext.watch import watch


@pytest.fixture
def predict(papers):
    """Writes predictions that cite the n-th real paper."""

    def write(directory, n: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        row = {"prompt": "q", "predict": citation_line(papers[n], 1), "label": ""}
        (directory / FILE_NAME).write_text(json.dumps(row) + "\n")

    return write


def test_checkpoints_are_checked_as_they_come(predict, index, tmp_path):
    saves = tmp_path / "saves"  # is not there yet
    events = watch([saves], index.path, interval=0.01)
    threading.Timer(0.1, predict, [saves / "checkpoint-1", 1]).start()
    name, result = next(events)
    assert (name, result.score.answers) == ("checkpoint-1", 1)
    assert (saves / "checkpoint-1" / REPORT_NAME).exists()
    predict(saves / "checkpoint-2", 2)
    assert next(events)[0] == "checkpoint-2"
    shutil.rmtree(saves / "checkpoint-1")  # save_total_limit
    predict(saves / "checkpoint-2", 30)  # predicted again
    name, result = next(events)
    assert name == "checkpoint-2"
    [answer] = result.answers()
    assert answer.citations[0].verdict.label == "verified"


def test_what_is_wrong_is_told_once_and_tried_again_when_it_changes(predict, index, tmp_path):
    predict(tmp_path / "checkpoint-1", 1)
    file = tmp_path / "checkpoint-1" / FILE_NAME
    whole = file.read_text()
    file.write_text(whole + '{"prompt": ')
    events = watch([tmp_path], index.path, interval=0.01)
    name, error = next(events)
    assert (name, type(error)) == ("checkpoint-1", PredictionsError)
    threading.Timer(0.1, file.write_text, [whole * 2]).start()
    name, result = next(events)
    assert isinstance(result, Result)
    assert result.score.answers == 2


def test_a_file_that_still_grows_waits(predict, index, tmp_path):
    predict(tmp_path / "checkpoint-1", 1)
    file = tmp_path / "checkpoint-1" / FILE_NAME
    line = file.read_text()

    def grow():
        for _ in range(20):
            with file.open("a") as growing:
                growing.write(line)
            time.sleep(0.02)

    writer = threading.Thread(target=grow)
    writer.start()
    _, result = next(watch([tmp_path], index.path, interval=0.2))
    writer.join()
    assert result.score.answers == 21


def test_only_predictions_of_runs_are_followed(predict, index, tmp_path):
    predict(tmp_path / "checkpoint-1", 1)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.jsonl").write_text("{}")
    assert next(watch([tmp_path / "other", tmp_path], index.path, interval=0.01))[0] == "checkpoint-1"


def test_without_an_index_nothing_is_awaited(tmp_path):
    with pytest.raises(IndexUnavailableError):
        next(watch([tmp_path], tmp_path / "none", interval=0.01))
