from pathlib import Path

import pytest

from paperqa_ext.errors import OutputError
from paperqa_ext.places import apart, places
from paperqa_ext.predictions import FILE_NAME


def predictions(*names: str) -> list[Path]:
    """Empty files of these names."""
    files = [Path(name) for name in names]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return files


@pytest.mark.parametrize(
    ("paths", "output", "expected"),
    [
        (["a"], None, {"a/checkpoint-1": "checkpoint-1", "a/checkpoint-2": "checkpoint-2"}),
        (["a"], "out", {"out/checkpoint-1": "checkpoint-1", "out/checkpoint-2": "checkpoint-2"}),
        (["a/checkpoint-2", "a"], "out", {"out/checkpoint-2": "checkpoint-2", "out/checkpoint-1": "checkpoint-1"}),
        (["a/checkpoint-2", "a/../a/checkpoint-2"], "out", {"out": "."}),
        (["parts"], None, {"parts/1": "1", "parts/2": "2"}),
        (["parts"], "out", {"out/1": "1", "out/2": "2"}),
        (["parts/1.jsonl"], None, {"parts": "."}),
        (["parts/1.jsonl", "a/checkpoint-1"], "out", {"out/parts": "parts", "out/a/checkpoint-1": "a/checkpoint-1"}),
    ],
)  # fmt: skip
def test_each_file_has_a_report_of_its_own(tmp_path, monkeypatch, paths, output, expected):
    monkeypatch.chdir(tmp_path)
    predictions(*(f"a/{name}/{FILE_NAME}" for name in ("checkpoint-1", "checkpoint-2")))
    predictions("parts/1.jsonl", "parts/2.jsonl", "parts/trainer_log.jsonl", "parts/1/hallucination_details.jsonl")
    assert {str(place.directory): place.name for place in places(paths, output)} == expected


def test_two_reports_in_one_place_are_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        OutputError, match=r"parts.1: would hold the reports of two files, parts.1.jsonl and parts.1.json"
    ):
        places(predictions("parts/1.jsonl", "parts/1.json"), None)


def test_directories_are_told_apart_below_what_they_share():
    assert apart([Path("/r/saves/a/predict"), Path("/r/saves/b/predict")]) == ["a/predict", "b/predict"]
    assert apart([Path("/r/a"), Path("/r/a/checkpoint-1")]) == [".", "checkpoint-1"]
    assert apart([Path("/r/a")]) == ["."]
    assert apart([]) == []
