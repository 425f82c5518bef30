import pytest
from datasets import Dataset, DatasetDict

from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper
from paperqa_ext.sources import read_papers
from paperqa_ext.sources.hub import is_hub, is_saved

TRAIN = {"id": ["2201.00001", "2201.00002"], "title": ["One", "Two"], "authors": [["A. One"], ["B. Two"]]}
TEST = {"id": ["2201.00003"], "title": ["Three"], "authors": [[]]}
ONE, TWO, THREE = (
    Paper("2201.00001", "One", ("A. One",), published="2022-01"),
    Paper("2201.00002", "Two", ("B. Two",), published="2022-01"),
    Paper("2201.00003", "Three", published="2022-01"),
)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)


@pytest.fixture
def copy(tmp_path):
    """A data set in the layout of the hub."""
    (tmp_path / "copy" / "data").mkdir(parents=True)
    Dataset.from_dict(TRAIN).to_parquet(tmp_path / "copy" / "data" / "train-00000-of-00001.parquet")
    Dataset.from_dict(TEST).to_parquet(tmp_path / "copy" / "data" / "test-00000-of-00001.parquet")
    return tmp_path / "copy"


def test_all_splits_are_streamed_or_the_one_named(copy):
    assert list(read_papers([f"hub:{copy}"])) == [ONE, TWO, THREE]
    assert list(read_papers([f"hub:{copy}@default:test"])) == [THREE]
    assert list(read_papers([f"hub:{copy}@:train"], overrides={"title": "title"})) == [ONE, TWO]


def test_what_save_to_disk_wrote(tmp_path):
    Dataset.from_dict(TRAIN).save_to_disk(tmp_path / "one")
    DatasetDict(train=Dataset.from_dict(TRAIN), test=Dataset.from_dict(TEST)).save_to_disk(tmp_path / "two")
    assert is_saved(str(tmp_path / "one")) and not is_saved(str(tmp_path))
    assert list(read_papers([tmp_path / "one"])) == [ONE, TWO]
    assert list(read_papers([tmp_path / "two"])) == [ONE, TWO, THREE]


@pytest.mark.parametrize("source", ["hub:nobody/nothing", "hf://datasets/nobody/nothing", "hub:"])
def test_an_unreachable_data_set_says_what_to_do(source):
    with pytest.raises(SourceError) as caught:
        list(read_papers([source]))
    assert caught.value.path == source
    assert "HF_ENDPOINT" in caught.value.remedy


def test_a_missing_split_is_named(copy):
    with pytest.raises(SourceError, match="valid"):
        list(read_papers([f"hub:{copy}@:valid"]))


def test_which_names_are_data_sets_of_the_hub():
    assert all(map(is_hub, ["hub:", "hub:a/b@c:d", "hf://datasets/a/b"]))
    assert not any(map(is_hub, ["a/b", "hf://datasets/a/b/data/train.parquet", "s3://hub:a"]))
