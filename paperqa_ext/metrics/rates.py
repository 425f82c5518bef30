"""How a `Score` states a rate: as what each answer adds to its numerator and denominator; the interval follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .intervals import Rate, Terms, ratio, share

if TYPE_CHECKING:
    from . import Score


class RateOf:
    """A property that is a `Rate`, computed once.

    Args:
        function: the method that returns the terms of each answer.
        bootstrap: whether the interval comes from a bootstrap over answers; else it is Wilson's, for shares of answers.
    """

    def __init__(self, function: Callable[[Any], Terms], *, bootstrap: bool) -> None:
        self.terms = function
        self._bootstrap = bootstrap
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, score: Score, owner: type | None = None) -> Rate:
        # As `functools.cached_property` does: what is in the instance's dictionary is found before this.
        rates = score.__dict__
        if self._name not in rates:
            terms = self.terms(score)
            rates[self._name] = ratio(*terms, score.resamples, score.seed) if self._bootstrap else share(*terms)
        rate: Rate = rates[self._name]
        return rate


bootstrapped = partial(RateOf, bootstrap=True)
wilson = partial(RateOf, bootstrap=False)
