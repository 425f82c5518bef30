"""Values of options, as argparse types."""

from __future__ import annotations

import argparse
import contextlib


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return int(text)


def share(text: str) -> float:
    """A number from 0 to 1."""
    with contextlib.suppress(ValueError):
        if 0 <= float(text) <= 1:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1, such as 0.05")


def names(text: str) -> tuple[str, ...]:
    """Names divided by commas.

    >>> names("seen, test")
    ('seen', 'test')
    """
    found = tuple(name.strip() for name in text.split(","))
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of names divided by commas")
    return found
