"""Errors that say where the trouble is and what to do next."""

from __future__ import annotations

from os import PathLike


class PaperQAError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        message: what is wrong, one sentence without a full stop at its end.
        path: the file or directory concerned.
        line: 1-based line in `path`.
        field: the column, key or option concerned.
        remedy: what the reader can do about it, one sentence.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.field = field
        self.remedy = remedy

    def __str__(self) -> str:
        where = "" if self.path is None else f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        what = f"field '{self.field}': {self.message}" if self.field else self.message
        return f"{where}{what}." + (f"\n  {self.remedy}" if self.remedy else "")


class SourceError(PaperQAError):
    """A source of arXiv records cannot be read."""


class DatasetError(PaperQAError):
    """A dataset file or `dataset_info.json` cannot be written or read."""


class IndexUnavailableError(PaperQAError):
    """A reference index is missing, damaged or of another version."""


class PredictionsError(PaperQAError):
    """A predictions file is missing, malformed or lacks a key."""


class ComparisonError(PaperQAError):
    """Checked runs cannot be compared with each other."""


class OutputError(PaperQAError):
    """A result cannot be written where it was asked for."""


class SettingsError(PaperQAError):
    """A setting is unknown or has no such value."""


class ConfigError(PaperQAError):
    """A config of LLaMA-Factory cannot be read, or lacks what is needed."""


class StageError(PaperQAError):
    """A program started by the demo (LLaMA-Factory, pip) failed."""


class EngineError(PaperQAError):
    """Work cannot be spread over processes or machines as asked for."""


class ChatError(PaperQAError):
    """A model to chat with cannot be loaded as configured, or cannot answer."""
