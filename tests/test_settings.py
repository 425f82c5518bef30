import subprocess
import sys
from dataclasses import fields

import pytest
import yaml
from conftest import REPOSITORY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paperqa_ext.dataset.registry import DATASET_INFO
from paperqa_ext.errors import SettingsError
from paperqa_ext.index import DEFAULT_INDEX
from paperqa_ext.metrics import Score
from paperqa_ext.settings import _KINDS, _VARIABLES, FILE_NAME, Settings, load_settings

EVERY = """\
index: my_index      # relative to this file
dataset: [seen, test]
dataset_info: /data/dataset_info.json
resamples: 500
fail_over: 0.05
constrained: true
mode: free
reranker: BAAI/bge-m3
hook: false
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A working directory without settings, no variables set."""
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


def write(directory, text):
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / FILE_NAME
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_defaults_where_there_is_no_file(tmp_path):
    assert load_settings(tmp_path) == load_settings() == Settings()


def test_the_defaults_are_those_of_the_modules():
    assert (Settings().index, Settings().dataset_info) == (DEFAULT_INDEX, DATASET_INFO)
    assert Settings().resamples == Score.of([]).resamples


def test_it_imports_little():
    program = "import sys, yaml, paperqa_ext.settings; print({'numpy', 'scipy', 'pyarrow', 'torch'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "set()\n"


def test_every_setting(tmp_path):
    write(tmp_path, EVERY)
    expected = Settings(
        index=tmp_path / "my_index", dataset=("seen", "test"), dataset_info=type(tmp_path)("/data/dataset_info.json"),
        resamples=500, fail_over=0.05, constrained=True, mode="free", reranker="BAAI/bge-m3", hook=False,
    )  # fmt: skip
    assert load_settings(tmp_path) == expected
    assert all(getattr(expected, field.name) != getattr(Settings(), field.name) for field in fields(Settings))


def test_a_reranker_is_a_directory_beside_the_file_or_a_name(tmp_path):
    write(tmp_path, "reranker: my_model\n")
    assert load_settings(tmp_path).reranker == "my_model"
    (tmp_path / "my_model").mkdir()
    assert load_settings(tmp_path).reranker == str(tmp_path / "my_model")


def test_the_table_of_settings_is_whole():
    assert [field.name for field in fields(Settings)] == list(_KINDS) == list(_VARIABLES.values())
    assert all(variable == f"PAPERQA_{key.upper()}" for variable, key in _VARIABLES.items())


def test_the_example_shows_every_setting_with_its_default(tmp_path):
    example = (REPOSITORY / "examples" / FILE_NAME).read_text(encoding="utf-8")
    shown = yaml.safe_load(example)
    assert list(shown) == list(_KINDS)
    write(tmp_path, example)
    found = load_settings(tmp_path)
    for field in fields(Settings):
        default = getattr(Settings(), field.name)
        at = getattr(found, field.name)
        assert at == (tmp_path / default if isinstance(default, type(tmp_path)) else default)


@pytest.mark.parametrize("start", ["run", "run/saves/predict", "run/saves/predict/predictions.jsonl"])
def test_the_file_is_searched_upward_from_the_run(tmp_path, start):
    write(tmp_path / "run", "resamples: 7")
    write(tmp_path, "resamples: 8")
    (tmp_path / "run" / "saves" / "predict").mkdir(parents=True)
    (tmp_path / "run" / "saves" / "predict" / "predictions.jsonl").touch()
    assert load_settings(tmp_path / start).resamples == 7


def test_then_from_the_working_directory(tmp_path, tmp_path_factory):
    write(tmp_path, "resamples: 8")
    assert load_settings(tmp_path_factory.mktemp("elsewhere")).resamples == load_settings().resamples == 8


def test_variables_win_over_the_file(tmp_path, monkeypatch):
    write(tmp_path, EVERY)
    for variable, text in {
        "PAPERQA_INDEX": "other", "PAPERQA_DATASET": "val, test", "PAPERQA_FAIL_OVER": "0.5", "PAPERQA_HOOK": "1",
        "PAPERQA_CONSTRAINED": "False", "PAPERQA_RESAMPLES": "",
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, text)
    found = load_settings(tmp_path)
    assert (str(found.index), found.dataset, found.fail_over) == ("other", ("val", "test"), 0.5)
    assert found.hook and not found.constrained
    assert found.resamples == 500  # an empty variable says nothing


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("index: x\nfail_ovr: 0.1", 2, r"unknown: 'fail_ovr'\.\n  Did you mean fail_over\? Known: index, dataset,"),
        ("- index", 1, "not a mapping"),
        ("index: x\n\nindex: y", 3, "field 'index': given twice"),
        ("a: [1", 1, "not valid YAML"),
        ("a: b: c", 1, "not valid YAML"),
        ("<<: {index: x}", 1, "unknown: '<<'"),
        ("fail_over: 5%", 1, "field 'fail_over': '5%' is not a number from 0 to 1, such as 0.05"),
        ("fail_over: 1.5", 1, "field 'fail_over'"),
        ("fail_over: .nan", 1, "field 'fail_over'"),
        ("resamples: 0", 1, "field 'resamples': '0' is not a positive number"),
        ("resamples: 2.5", 1, "field 'resamples'"),
        ("resamples: true", 1, "field 'resamples'"),
        ("hook: maybe", 1, "field 'hook': 'maybe' is neither true nor false"),
        ("mode: fast", 1, "field 'mode': 'fast' is none of grounded, retrieved, constrained, free"),
        ("index: [a, b]", 1, "field 'index': not a single value"),
        ("dataset: [a, [b]]", 1, "field 'dataset': not a single value"),
        ("dataset: 'a,,b'", 1, "field 'dataset': 'a,,b' is not a list of names"),
        ("index: ~nobody-of-this-name/x", 1, "field 'index'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, line, message):
    file = write(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(tmp_path)
    assert str(caught.value).startswith(f"{file}:{line}: ")


def test_variables_that_are_wrong_are_named(monkeypatch):
    monkeypatch.setenv("PAPERQA_FAIL_OVER", "5%")
    with pytest.raises(SettingsError, match="field 'PAPERQA_FAIL_OVER': '5%' is not a number"):
        load_settings()
    monkeypatch.delenv("PAPERQA_FAIL_OVER")
    monkeypatch.setenv("PAPERQA_INDX", "x")
    with pytest.raises(SettingsError, match="Did you mean PAPERQA_INDEX"):
        load_settings()


def test_null_is_the_default(tmp_path):
    write(tmp_path, "index:\nfail_over: null\n")
    assert load_settings(tmp_path) == Settings()


def test_a_file_that_cannot_be_read(tmp_path):
    write(tmp_path, b"index: \xff\xfe\x00")
    with pytest.raises(SettingsError, match=f"{FILE_NAME}: not valid YAML"):
        load_settings(tmp_path)


TEXT = st.one_of(
    st.binary(max_size=60),
    st.lists(st.tuples(st.sampled_from([*_KINDS, "x"]), st.text("ab01.-:[]{},'\"&*!~ \n2", max_size=12))).map(
        lambda rows: "\n".join(f"{key}: {value}" for key, value in rows).encode()
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT)
def test_any_bytes_are_settings_or_a_named_error(tmp_path, data):
    write(tmp_path, data)
    try:
        found = load_settings(tmp_path)
    except SettingsError as error:
        assert str(error).startswith(str(tmp_path / FILE_NAME))
    else:
        assert isinstance(found, Settings)
