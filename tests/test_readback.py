import json
import os

import pytest
from test_dataset import FOLLOW_UP, example

from paperqa_ext.dataset import Publication, encode_row
from paperqa_ext.dataset.preference_rows import encode_judged, encode_pair
from paperqa_ext.dataset.readback import read_back
from paperqa_ext.dataset.registry import COLUMNS, FORMATS, dataset_entry
from paperqa_ext.errors import DatasetError

pytest.importorskip("llamafactory")

ROWS = {format: [encode_row(example(0), format), encode_row(FOLLOW_UP, format)] for format in FORMATS}
ROWS["dpo"] = [encode_pair("Q", "S", [("A", "B")], chosen="图", rejected="Z", beside={"id": str(n)}) for n in range(2)]
ROWS["kto"] = [encode_judged("Q", "S", [], output="图", desirable=tag, beside={}) for tag in (True, False)]


def dataset_dir(directory, entries):
    """A `dataset_info.json` with entries, each of a file with two rows, the second with history."""
    made = {}
    for name, (format, changes) in entries.items():
        path = directory / f"{name}.json"
        path.write_bytes(b"[\n" + b",\n".join(ROWS[format]) + b"\n]\n")
        made[name] = {**dataset_entry(path, format, directory), **changes}
    (directory / "dataset_info.json").write_text(json.dumps(made))
    return directory


def test_all_formats_arrive_with_their_history_and_nothing_is_printed(tmp_path, capfd):
    before = dict(os.environ)
    read_back(dataset_dir(tmp_path, {format: (format, {}) for format in COLUMNS}), dict.fromkeys(COLUMNS, 2))
    assert capfd.readouterr() == ("", "")
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"prompt": "instruction", "response": "output", "system": "system"}, "another prompt in the last row"),
        pytest.param(
            {"prompt": "instruction", "response": "output", "history": "history"},
            "another system in the first row",
            marks=pytest.mark.slow,
        ),
        pytest.param({**COLUMNS["alpaca"], "query": None}, "another response in the first row", marks=pytest.mark.slow),
    ],
)
def test_a_column_that_the_registry_omits_is_an_error(tmp_path, columns, message):
    format = "kto" if "response" in message else "alpaca"
    dataset_dir(tmp_path, {"sound": ("sharegpt", {}), "other": (format, {"columns": columns})})
    with pytest.raises(DatasetError, match=f"data set other: LLaMA-Factory loads {message}") as caught:
        read_back(tmp_path, {"sound": 2, "other": 2})
    assert caught.value.remedy


def test_broken_json_is_an_error(tmp_path):
    dataset_dir(tmp_path, {"other": ("alpaca", {})})
    (tmp_path / "other.json").write_bytes((tmp_path / "other.json").read_bytes()[:-20])
    with pytest.raises(DatasetError, match="data set other: LLaMA-Factory cannot load it"):
        read_back(tmp_path, {"other": 2})


def test_no_rows_is_an_error(tmp_path):
    with Publication(tmp_path, tmp_path / "dataset_info.json") as publication:
        publication.split("train").write(example())
        publication.split("val")
        with pytest.raises(DatasetError, match="data set arxiv_paperqa_val: it has no rows"):
            publication.verify()
    assert list(tmp_path.iterdir()) == []


def test_a_publication_is_read_back_before_it_appears(tmp_path):
    with Publication(tmp_path / "data", tmp_path / "dataset_info.json") as publication:
        for split in ("train", "grounded_test"):
            publication.split(split).write(example(0))
            publication.split(split).write(FOLLOW_UP)
        publication.verify()
        publication.commit()
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "arxiv_paperqa_grounded_test.json",
        "arxiv_paperqa_train.json",
    ]


def test_a_split_that_does_not_arrive_is_not_published(tmp_path):
    with Publication(tmp_path, tmp_path / "dataset_info.json") as publication:
        publication.split("train").write(example())
        publication.split("train").write_line(encode_row(example(), "sharegpt"))
        with pytest.raises(DatasetError, match="arxiv_paperqa_train"):
            publication.verify()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_large_file_is_loaded_in_parts(tmp_path):
    long = "长" * 11_000
    with Publication(tmp_path, tmp_path / "dataset_info.json") as publication:
        writer = publication.split("train")
        for number in range(2100):  # 69 MB in parts of 32 MiB
            writer.write(example(number, output=f"{number} {long}"))
        writer.rows += 1
        with pytest.raises(DatasetError, match="loads 2,100 rows of 2,101"):
            publication.verify()
        writer.rows -= 1
        publication.verify()
