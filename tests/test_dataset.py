import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.dataset import Constraints, Example, Publication, encode_row
from paperqa_ext.dataset.registry import COLUMNS, FORMATS, TAGS, dataset_name, read_dataset_info
from paperqa_ext.errors import DatasetError, OutputError

REPOSITORY = Path(__file__).parents[1]
ENTRY = {"file_name": "arxiv_paperqa_train.json", "columns": dict(COLUMNS["alpaca"])}
SPLITS = ("train", "val", "test")
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


FOLLOW_UP = example(1, kind="multi_turn", history=(("Recommend 2", "1. A\n2. B"),), variant="sure")


def publish(number, output, dataset_info, splits=SPLITS, rows=1, format="alpaca"):
    with Publication(output, dataset_info, format) as publication:
        for split in splits:
            for _ in range(rows):
                publication.split(split).write(example(number))
        index = publication.path("index")
        index.mkdir()
        (index / "index.json").write_text(str(number))
        publication.path("DATASET.md").write_text(str(number))
        publication.commit()


def files(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("format", FORMATS)
def test_rows_have_every_column_always(format):
    full, bare = (
        json.loads(encode_row(row, format)) for row in (FOLLOW_UP, example(constraints=Constraints(), paper_ids=()))
    )
    assert list(full) == list(bare)
    assert list(full["constraints"]) == list(bare["constraints"])
    assert set(COLUMNS[format].values()) <= set(full)


def test_alpaca_rows():
    row = json.loads(encode_row(FOLLOW_UP))
    assert (row["instruction"], row["input"], row["output"], row["system"]) == ("Who?", "", "图", "S")
    assert row["history"] == [["Recommend 2", "1. A\n2. B"]]
    assert row["constraints"] == asdict(FOLLOW_UP.constraints)
    assert (row["paper_ids"], row["variant"], row["cell"], row["twin"]) == (["2201.01234"], "sure", "seen_paper", "")


def test_sharegpt_rows():
    row = json.loads(encode_row(FOLLOW_UP, "sharegpt"))
    assert row["conversations"] == [
        {"from": "human", "value": "Recommend 2"},
        {"from": "gpt", "value": "1. A\n2. B"},
        {"from": "human", "value": "Who?"},
        {"from": "gpt", "value": "图"},
    ]
    beside = {"instruction", "input", "output", "history"}
    assert {key: row[key] for key in row if key != "conversations"} == {
        key: value for key, value in json.loads(encode_row(FOLLOW_UP)).items() if key not in beside
    }


def test_files_are_written_and_registered(tmp_path):
    publish(0, tmp_path / "data", tmp_path / "dataset_info.json")
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(info) == ["arxiv_paperqa_train", "arxiv_paperqa_val", "arxiv_paperqa_test"]
    assert info["arxiv_paperqa_val"]["file_name"] == "data/arxiv_paperqa_val.json"
    # A column that `columns` omits is null to LLaMA-Factory.
    assert set(info["arxiv_paperqa_val"]["columns"]) == {"prompt", "query", "response", "system", "history"}
    assert (tmp_path / "data" / "arxiv_paperqa_val.json").read_bytes() == b"[\n" + encode_row(example()) + b"\n]\n"
    assert "图".encode() in encode_row(example())
    assert sorted(files(tmp_path)) == [
        "data/DATASET.md",
        *(f"data/arxiv_paperqa_{split}.json" for split in sorted(SPLITS)),
        "data/index/index.json",
        "dataset_info.json",
    ]


def test_sharegpt_files_are_registered_with_every_column_and_tag(tmp_path):
    llamafactory = pytest.importorskip("llamafactory.data.parser")
    publish(0, tmp_path, tmp_path / "dataset_info.json", format="sharegpt")
    entry = read_dataset_info(tmp_path / "dataset_info.json")["arxiv_paperqa_train"]
    assert entry["formatting"] == "sharegpt" and entry["tags"] == TAGS
    [read] = llamafactory.get_dataset_list(["arxiv_paperqa_train"], str(tmp_path))
    assert (read.messages, read.system) == ("conversations", "system")
    tags = {name: value for name, value in vars(read).items() if name.endswith("_tag") and name != "kto_tag"}
    assert None not in tags.values() and tags == TAGS


def test_a_row_a_line(tmp_path):
    with Publication(tmp_path, tmp_path / "dataset_info.json") as publication:
        writer = publication.split("train")
        assert publication.split("train") is writer
        writer.write(example(1))
        writer.write_line(encode_row(example(2)))
        assert writer.rows == 2
        publication.split("val")
        publication.commit()
    lines = (tmp_path / "arxiv_paperqa_train.json").read_bytes().splitlines(keepends=True)
    assert lines == [b"[\n", encode_row(example(1)) + b",\n", encode_row(example(2)) + b"\n", b"]\n"]
    assert json.loads((tmp_path / "arxiv_paperqa_val.json").read_text()) == []


def test_without_commit_no_trace_is_left(tmp_path):
    with Publication(tmp_path / "new" / "data", tmp_path / "conf" / "dataset_info.json") as publication:
        publication.split("train").write(example())
        publication.path("index").mkdir()
    assert list(tmp_path.iterdir()) == []


def test_file_names_lead_from_dataset_info_to_the_files(tmp_path):
    publish(0, tmp_path / "data", tmp_path / "conf" / "dataset_info.json")
    info = read_dataset_info(tmp_path / "conf" / "dataset_info.json")
    assert info["arxiv_paperqa_test"]["file_name"] == "../data/arxiv_paperqa_test.json"


def test_other_entries_keep_their_place_and_content(tmp_path):
    path = tmp_path / "dataset_info.json"
    others = {"zeta": {"hf_hub_url": "a/b", "数据": 1}, "arxiv_paperqa_train": {"file_name": "old"}, "alpha": {}}
    path.write_text(json.dumps(others))
    publish(0, tmp_path, path)
    info = json.loads(path.read_text(encoding="utf-8"))
    assert list(info) == ["zeta", "arxiv_paperqa_train", "alpha", "arxiv_paperqa_val", "arxiv_paperqa_test"]
    assert info["zeta"] == others["zeta"] and info["alpha"] == {}
    assert info["arxiv_paperqa_train"] == ENTRY


def test_splits_that_only_an_earlier_run_made_stay(tmp_path):
    path = tmp_path / "dataset_info.json"
    publish(1, tmp_path, path, splits=("train", "grounded_train"))
    before = (tmp_path / "arxiv_paperqa_grounded_train.json").read_bytes()
    publish(2, tmp_path, path, splits=("train",))
    assert (tmp_path / "arxiv_paperqa_grounded_train.json").read_bytes() == before
    assert list(read_dataset_info(path)) == ["arxiv_paperqa_train", "arxiv_paperqa_grounded_train"]


def test_writing_again_replaces(tmp_path):
    publish(1, tmp_path, tmp_path / "dataset_info.json")
    before = (tmp_path / "dataset_info.json").read_bytes()
    publish(2, tmp_path, tmp_path / "dataset_info.json")
    assert json.loads((tmp_path / "arxiv_paperqa_val.json").read_text())[0]["id"] == "recommend-en-2"
    assert (tmp_path / "dataset_info.json").read_bytes() == before
    publish(2, tmp_path / "again", tmp_path / "again" / "dataset_info.json")
    assert files(tmp_path / "again") == {
        name: content for name, content in files(tmp_path).items() if not name.startswith("again")
    }


@pytest.mark.parametrize(
    ("broken", "line"), [(b'{\n"a": {},\n}', 3), (b"", 1), (b"[]", 1), (b"\xff\xfe", None), (b"null", 1)]
)
def test_broken_dataset_info_is_kept_and_nothing_is_written(tmp_path, broken, line):
    path = tmp_path / "dataset_info.json"
    path.write_bytes(broken)
    with pytest.raises(DatasetError) as caught:
        publish(0, tmp_path / "data", path)
    assert caught.value.line == line and "left as it is" in caught.value.remedy
    assert files(tmp_path) == {"dataset_info.json": broken}


def test_dataset_info_broken_meanwhile(tmp_path):
    path = tmp_path / "dataset_info.json"
    with Publication(tmp_path / "data", path) as publication:
        publication.split("train").write(example())
        path.write_text("{")
        with pytest.raises(DatasetError):
            publication.commit()
    assert files(tmp_path) == {"dataset_info.json": b"{"}


def test_output_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        Publication(tmp_path / "data", tmp_path / "dataset_info.json")
    assert files(tmp_path) == {"data": b"mine"}


@unprivileged
def test_output_without_permission(tmp_path):
    (tmp_path / "data").mkdir(mode=0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        Publication(tmp_path / "data", tmp_path / "dataset_info.json")


@pytest.mark.parametrize("failing", [1, 3, 4, 6])
def test_a_failure_midway_leaves_the_old_files(tmp_path, monkeypatch, failing):
    path = tmp_path / "dataset_info.json"
    publish(1, tmp_path, path)
    before = files(tmp_path)
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("paperqa_ext.files.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        publish(2, tmp_path, path)
    assert files(tmp_path) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_names_the_file_wanted(tmp_path):
    with (
        pytest.raises(OutputError, match="No space left") as caught,
        Publication(tmp_path, tmp_path / "i.json") as made,
    ):
        made.path("arxiv_paperqa_train.json").symlink_to("/dev/full")
        for _ in range(100_000):
            made.split("train").write(example())
    assert caught.value.path == tmp_path / "arxiv_paperqa_train.json"
    assert list(tmp_path.iterdir()) == []


def test_converts_at_once_lose_no_registration(tmp_path):
    path = tmp_path / "dataset_info.json"
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: publish(number, tmp_path, path, splits=(f"part{number}",)), range(24)))
    assert set(read_dataset_info(path)) == {dataset_name(f"part{number}") for number in range(24)}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_linked_dataset_info_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "dataset_info.json").write_text("{}")
    (tmp_path / "dataset_info.json").symlink_to(tmp_path / "real" / "dataset_info.json")
    publish(0, tmp_path, tmp_path / "dataset_info.json")
    assert (tmp_path / "dataset_info.json").is_symlink()
    assert "arxiv_paperqa_val" in read_dataset_info(tmp_path / "real" / "dataset_info.json")


def publishing(directory, splits, first):
    """A process that publishes version after version; it says when the first one is out."""
    script = (
        "import itertools\nfrom pathlib import Path\nfrom tests.test_dataset import publish\n"
        f"directory = Path({str(directory)!r})\n"
        f"for number in itertools.count({first}):\n"
        f"    publish(number, directory / 'data', directory / 'dataset_info.json', {splits!r}, rows=2000)\n"
        "    print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == f"{first}\n"
    return process


def whole_versions(directory, splits):
    """Of each split its version; every file is whole and of one version."""
    info = read_dataset_info(directory / "dataset_info.json")
    versions = []
    for split in splits:
        rows = json.loads((directory / info[dataset_name(split)]["file_name"]).read_text(encoding="utf-8"))
        assert len(rows) == 2000
        [version] = {row["id"] for row in rows}
        versions.append(version)
    return versions


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_at_any_moment_whole_files_stay(tmp_path):
    moment = random.Random(0)
    for run in range(6):
        process = publishing(tmp_path, SPLITS, 1000 * run)
        time.sleep(moment.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert len(whole_versions(tmp_path, SPLITS)) == 3
    for leftover in tmp_path.rglob(".paperqa-*"):
        os.utime(leftover, (0, 0))  # a young one without content may be a run that starts
    publish(9, tmp_path / "data", tmp_path / "dataset_info.json", rows=2000)
    assert whole_versions(tmp_path, SPLITS) == ["recommend-en-9"] * 3
    assert (tmp_path / "data" / "index" / "index.json").read_text() == "9"
    assert not list(tmp_path.rglob(".paperqa-*"))


def test_two_processes_at_once(tmp_path):
    one, other = (publishing(tmp_path, splits, 0) for splits in (("train", "val"), ("grounded_train", "test")))
    time.sleep(1)
    for process in (one, other):
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert len(whole_versions(tmp_path, ("train", "val", "grounded_train", "test"))) == 4


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
examples = st.builds(
    Example,
    id=text,
    kind=text,
    lang=st.just("zh"),
    instruction=text,
    output=text,
    system=text,
    history=st.lists(st.tuples(text, text), max_size=2).map(tuple),
    paper_ids=st.lists(text, max_size=2).map(tuple),
    constraints=st.builds(Constraints, title=st.none() | text, year=st.none() | st.integers(1991, 2100), author=text),
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(examples, min_size=1, max_size=4), format=st.sampled_from(FORMATS))
def test_any_text_comes_back(tmp_path_factory, rows, format):
    datasets = pytest.importorskip("datasets")
    directory = tmp_path_factory.mktemp("any")
    with Publication(directory, directory / "dataset_info.json", format) as publication:
        for row in rows:
            publication.split("train").write(row)
        publication.commit()
    file = str(directory / "arxiv_paperqa_train.json")
    loaded = datasets.load_dataset("json", data_files=file, split="train", cache_dir=str(directory / "cache"))
    assert list(loaded) == [json.loads(encode_row(row, format)) for row in rows]


@pytest.mark.parametrize("format", FORMATS)
def test_columns_keep_a_type_when_millions_of_bytes_leave_it_open(tmp_path, format):
    datasets = pytest.importorskip("datasets")
    plain = example(output="x" * 20_000, paper_ids=(), constraints=Constraints())
    with Publication(tmp_path, tmp_path / "dataset_info.json", format) as publication:
        for row in [*[plain] * 600, FOLLOW_UP]:  # 12 MB: `datasets` reads 10 MiB at a time
            publication.split("train").write(row)
        publication.commit()
    file = str(tmp_path / "arxiv_paperqa_train.json")
    loaded = datasets.load_dataset("json", data_files=file, split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0] == json.loads(encode_row(plain, format))
    assert loaded[600] == json.loads(encode_row(FOLLOW_UP, format))
