"""Configs of `llamafactory-cli`, read as it reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import ConfigError

_REMEDY = "Name a config such as those in examples/."


def read_config(path: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """The arguments in a config.

    Args:
        path: of the YAML.
        overrides: `key=value` each.

    Raises:
        ConfigError: the file cannot be read, or an override is malformed.
    """
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    for text in overrides:
        if not text.partition("=")[0] or "=" not in text:
            raise ConfigError(f"{text!r} is not key=value", remedy="Give options as max_new_tokens=512.")
    try:
        config = OmegaConf.load(path)
        if not isinstance(config, DictConfig):
            raise ConfigError("not a mapping of keys to values", path=path, remedy=_REMEDY)
        arguments = OmegaConf.to_container(OmegaConf.merge(config, OmegaConf.from_cli([*overrides])), resolve=True)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", path=path, remedy=_REMEDY) from error
    except (YAMLError, UnicodeDecodeError, OmegaConfBaseException) as error:
        raise ConfigError(f"no valid config: {error}", path=path, remedy=_REMEDY) from error
    assert isinstance(arguments, dict)  # as what was merged
    return {str(key): value for key, value in arguments.items()}
