import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import PredictionsError
from paperqa_ext.predictions import FILE_NAME, Prediction, read_predictions

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
    assert list(read_predictions(path)) == list(read_predictions(tmp_path)) == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"prompt": "a", "predict"', "2: not valid JSON"),
        ("[1]", "2: not a JSON object"),
        ({"prompt": "a", "label": "b"}, r"2: field 'predict': missing, or not a string; keys found: prompt, label"),
        ({**ROW, "predict": None}, "2: field 'predict'"),
    ],
    ids=["cut line", "no object", "missing key", "null"],
)
def test_bad_lines_are_named(tmp_path, row, message):
    with pytest.raises(PredictionsError, match=message):
        list(read_predictions(write(tmp_path, ROW, row)))


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(PredictionsError, match=f"no {FILE_NAME} in this directory"):
        list(read_predictions(tmp_path))
    with pytest.raises(PredictionsError, match="no such file"):
        list(read_predictions(tmp_path / "nothing.jsonl"))
    write(tmp_path)
    with pytest.raises(PredictionsError, match="the file is empty"):
        list(read_predictions(tmp_path))


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
