from pathlib import Path

import pytest
import yaml

from paperqa_ext.configs import read_config
from paperqa_ext.errors import ConfigError

SHIPPED = Path(__file__).parents[1] / "examples" / "predict.yaml"


def test_a_config_is_read_as_llamafactory_does():
    read = read_config(SHIPPED, ["max_new_tokens=7", "adapter_name_or_path=saves/a", "learning_rate=1e-4"])
    assert (read["max_new_tokens"], read["adapter_name_or_path"], read["learning_rate"]) == (7, "saves/a", 1e-4)
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert {key: value for key, value in read.items() if shipped.get(key) == value}.keys() >= shipped.keys() - {
        "max_new_tokens",
        "adapter_name_or_path",
    }


@pytest.mark.parametrize(
    ("text", "overrides", "says"),
    [
        (None, (), "cannot be read: No such file or directory"),
        ("- a\n", (), "not a mapping"),
        ("a: [\n", (), "no valid config"),
        ("a: 1\n", ("a",), "'a' is not key=value"),
        ("a: 1\n", ("=1",), "'=1' is not key=value"),
    ],
)
def test_a_bad_config_is_refused(tmp_path, text, overrides, says):
    path = tmp_path / "infer.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        read_config(path, overrides)
    assert caught.value.remedy
