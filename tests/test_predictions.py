import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import PredictionsError
from paperqa_ext.predictions import FILE_NAME, Prediction, check_lines, find_predictions, read_predictions, stem

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
    path = write(tmp_path, ROW, "", ROW)
    assert check_lines(path) == path.stat().st_size - 1  # without the blank line
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


BATCH = {"custom_id": "q-1", "response": {"status_code": 200, "body": {"choices": [{"message": {"content": "答"}}]}}}


def test_formats_are_recognized_and_not_mixed(tmp_path):
    assert list(read_predictions(write(tmp_path, BATCH))) == [Prediction(1, "q-1", "答", "")]
    check_lines(write(tmp_path, BATCH, BATCH))
    mixed = "2: OpenAI's batch output, but line 1 is LLaMA-Factory's predict output"
    with pytest.raises(PredictionsError, match=mixed):
        check_lines(write(tmp_path, ROW, BATCH))


def test_answers_under_a_field_of_any_name(tmp_path):
    path = write(tmp_path, {"answer": "a"}, {**BATCH, "answer": "b"})
    assert [prediction.predict for prediction in read_predictions(path, field="answer")] == ["a", "b"]
    assert check_lines(path, "answer") > 0
    with pytest.raises(PredictionsError, match="1: field 'prompt': missing, or not a string; keys found: answer"):
        check_lines(path)


def test_compressed_files_are_read_whatever_their_name(tmp_path):
    plain = write(tmp_path, ROW, "", ROW)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_predictions(packed)) == list(read_predictions(plain))
    assert check_lines(packed) == check_lines(plain)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:40] + b"xx" + data[42:]])
def test_damaged_compressed_files_are_named(tmp_path, damage):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(damage(gzip.compress(json.dumps(ROW).encode() + b"\n")))
    with pytest.raises(PredictionsError, match=f"{path}: the compressed file is damaged after line [01]"):
        check_lines(path)


def test_patterns_and_compressed_parts(tmp_path):
    for name in ("a/part-1.jsonl", "a/part-2.jsonl.gz", "b/deep/generated_predictions.jsonl.gz", "b/other.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def found(pattern):
        return [str(path.relative_to(tmp_path)) for path in find_predictions(tmp_path / pattern)]

    assert found("a") == found("a/part-*") == ["a/part-1.jsonl", "a/part-2.jsonl.gz"]
    assert found("b") == ["b/deep/generated_predictions.jsonl.gz"]
    assert found("**/*.gz") == ["a/part-2.jsonl.gz", "b/deep/generated_predictions.jsonl.gz"]
    assert found("?") == ["a/part-1.jsonl", "a/part-2.jsonl.gz", "b/deep/generated_predictions.jsonl.gz"]
    assert [stem(path) for path in find_predictions(tmp_path / "a")] == ["part-1", "part-2"]
    with pytest.raises(PredictionsError, match=r"x\*: nothing matches this pattern"):
        found("x*")
