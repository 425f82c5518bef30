import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import PredictionsError
from paperqa_ext.predictions import FILE_NAME, Prediction, check_lines, find_predictions, read_predictions

ROW = {"prompt": "<|im_start|>user\n问<|im_end|>", "predict": "答", "label": "标签\n"}


def write(directory, *rows):
    path = directory / FILE_NAME
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    )
    return path


def test_rows_with_their_lines(tmp_path):
    path = write(tmp_path, ROW, "", ROW)
    expected = [Prediction(1, **ROW), Prediction(3, **ROW)]
    assert list(read_predictions(path)) == expected
    assert list(read_predictions(path, {1})) == expected[1:]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"prompt": "a", "predict"', "2: not valid JSON"),
        ("[1]", "2: not a JSON object"),
        ({"prompt": "a", "label": "b"}, r"2: field 'predict': missing, or not a string; keys found: prompt, label"),
        ({**ROW, "predict": None}, "2: field 'predict'"),
        ('{"predict": ' + "[" * 100_000, "2: not valid JSON"),
        ('{"predict": ' + "1" * 5_000 + "}", "2: not valid JSON"),
        (json.dumps({"\x1b[2J\ud800": 1, "k" * 99: 2}), r"found: \\x1b\[2J\\ud800, k{40}\."),
    ],
    ids=["cut line", "no object", "missing key", "null", "deep", "huge number", "hostile keys"],
)
def test_bad_lines_are_named(tmp_path, row, message):
    with pytest.raises(PredictionsError, match=message):
        list(read_predictions(write(tmp_path, ROW, row)))


def test_a_whole_file_is_looked_through(tmp_path):
    assert check_lines(write(tmp_path, ROW, "", ROW)) is None
    with pytest.raises(PredictionsError, match="3: not a JSON object"):
        check_lines(write(tmp_path, ROW, ROW, "[]"))


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(PredictionsError, match=f"no {FILE_NAME} in this directory"):
        find_predictions(tmp_path)
    with pytest.raises(PredictionsError, match="no such file"):
        find_predictions(tmp_path / "nothing.jsonl")
    with pytest.raises(PredictionsError, match="cannot be read: No such file"):
        list(read_predictions(tmp_path / "nothing.jsonl"))
    with pytest.raises(PredictionsError, match="the file is empty"):
        list(read_predictions(write(tmp_path)))


def test_files_of_a_directory_and_below(tmp_path):
    deep = [tmp_path / name for name in ("checkpoint-1", "checkpoint-2")]
    for directory in deep:
        directory.mkdir()
    files = [write(directory, ROW) for directory in deep]
    assert find_predictions(tmp_path) == files
    assert find_predictions(deep[0]) == find_predictions(files[0]) == files[:1]


def test_parts_of_a_run_without_the_usual_name(tmp_path):
    parts = [tmp_path / name for name in ("part-1.jsonl", "part-2.jsonl")]
    for path in (*parts, tmp_path / "trainer_log.jsonl", tmp_path / "hallucination_details.jsonl"):
        path.write_text(json.dumps(ROW) + "\n")
    (tmp_path / "part-1").mkdir()
    (tmp_path / "part-1" / "hallucination_details.jsonl").touch()
    assert find_predictions(tmp_path) == parts
    assert find_predictions(write(tmp_path, ROW).parent) == [tmp_path / FILE_NAME]


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_named_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / FILE_NAME
    path.write_bytes(data)
    try:
        rows = list(read_predictions(path))
    except PredictionsError as error:
        assert str(path) in str(error)
    else:
        assert all(isinstance(row, Prediction) for row in rows)
