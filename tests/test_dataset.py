import json
import os
import threading

import pytest

from paperqa_ext.dataset import COLUMNS, Constraints, Example, dataset_name, read_dataset_info, write_datasets
from paperqa_ext.errors import DatasetError, OutputError

ENTRY = {"file_name": "arxiv_paperqa_train.json", "columns": dict(COLUMNS)}
unprivileged = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")


def example(number=0, **fields):
    return Example(
        **{
            "id": f"recommend-en-{number}",
            "kind": "recommend",
            "lang": "en",
            "instruction": "Who?",
            "output": "图",
            "system": "S",
            "paper_ids": ("2201.01234",),
            "constraints": Constraints(topic="chaos", year=2022),
            **fields,
        }
    )


def splits(number=0):
    return {split: [example(number)] for split in ("train", "val", "test")}


def test_rows_have_every_column_always():
    rows = [example().row(), example(constraints=Constraints(), paper_ids=()).row()]
    assert list(rows[0]) == list(rows[1])
    assert list(rows[0]["constraints"]) == list(rows[1]["constraints"])
    assert set(COLUMNS.values()) <= set(rows[0])
    assert rows[0]["input"] == "" and rows[0]["history"] == []


def test_files_are_written_and_registered(tmp_path):
    write_datasets(splits(), tmp_path / "data", tmp_path / "dataset_info.json")
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(info) == ["arxiv_paperqa_train", "arxiv_paperqa_val", "arxiv_paperqa_test"]
    assert info["arxiv_paperqa_val"]["file_name"] == "data/arxiv_paperqa_val.json"
    # A column that `columns` omits is null to LLaMA-Factory.
    assert set(info["arxiv_paperqa_val"]["columns"]) == {"prompt", "query", "response", "system", "history"}
    text = (tmp_path / "data" / "arxiv_paperqa_val.json").read_text(encoding="utf-8")
    assert json.loads(text) == [example().row()]
    assert "图" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "dataset_info.json"]
    assert len(list((tmp_path / "data").iterdir())) == 3


def test_file_names_lead_from_dataset_info_to_the_files(tmp_path):
    (tmp_path / "conf").mkdir()
    write_datasets(splits(), tmp_path / "data", tmp_path / "conf" / "dataset_info.json")
    info = read_dataset_info(tmp_path / "conf" / "dataset_info.json")
    assert info["arxiv_paperqa_test"]["file_name"] == "../data/arxiv_paperqa_test.json"


def test_other_entries_keep_their_place_and_content(tmp_path):
    path = tmp_path / "dataset_info.json"
    others = {"zeta": {"hf_hub_url": "a/b", "数据": 1}, "arxiv_paperqa_train": {"file_name": "old"}, "alpha": {}}
    path.write_text(json.dumps(others))
    write_datasets(splits(), tmp_path, path)
    info = json.loads(path.read_text(encoding="utf-8"))
    assert list(info) == ["zeta", "arxiv_paperqa_train", "alpha", "arxiv_paperqa_val", "arxiv_paperqa_test"]
    assert info["zeta"] == others["zeta"] and info["alpha"] == {}
    assert info["arxiv_paperqa_train"] == ENTRY


def test_writing_again_replaces(tmp_path):
    write_datasets(splits(1), tmp_path, tmp_path / "dataset_info.json")
    before = (tmp_path / "dataset_info.json").read_bytes()
    write_datasets(splits(2), tmp_path, tmp_path / "dataset_info.json")
    assert json.loads((tmp_path / "arxiv_paperqa_val.json").read_text())[0]["id"] == "recommend-en-2"
    assert (tmp_path / "dataset_info.json").read_bytes() == before


@pytest.mark.parametrize(
    ("broken", "line"), [(b'{\n"a": {},\n}', 3), (b"", 1), (b"[]", 1), (b"\xff\xfe", None), (b"null", 1)]
)
def test_broken_dataset_info_is_kept_and_nothing_is_written(tmp_path, broken, line):
    path = tmp_path / "dataset_info.json"
    path.write_bytes(broken)
    with pytest.raises(DatasetError) as caught:
        write_datasets(splits(), tmp_path / "data", path)
    assert caught.value.line == line and "left as it is" in caught.value.remedy
    assert path.read_bytes() == broken
    assert [item.name for item in tmp_path.iterdir()] == ["dataset_info.json"]


def test_output_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        write_datasets(splits(), tmp_path / "data", tmp_path / "dataset_info.json")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert (tmp_path / "data").read_text() == "mine"


@unprivileged
def test_output_without_permission(tmp_path):
    (tmp_path / "data").mkdir(mode=0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        write_datasets(splits(), tmp_path / "data", tmp_path / "dataset_info.json")


def test_a_failure_midway_leaves_the_old_files(tmp_path, monkeypatch):
    path = tmp_path / "dataset_info.json"
    write_datasets(splits(1), tmp_path, path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("paperqa_ext.dataset.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_datasets(splits(2), tmp_path, path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_converts_at_once_lose_no_registration(tmp_path):
    path = tmp_path / "dataset_info.json"
    workers = [
        threading.Thread(target=write_datasets, args=({f"part{number}": [example(number)]}, tmp_path, path))
        for number in range(12)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(read_dataset_info(path)) == {dataset_name(f"part{number}") for number in range(12)}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_linked_dataset_info_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "dataset_info.json").write_text("{}")
    (tmp_path / "dataset_info.json").symlink_to(tmp_path / "real" / "dataset_info.json")
    write_datasets(splits(), tmp_path, tmp_path / "dataset_info.json")
    assert (tmp_path / "dataset_info.json").is_symlink()
    assert "arxiv_paperqa_val" in read_dataset_info(tmp_path / "real" / "dataset_info.json")
