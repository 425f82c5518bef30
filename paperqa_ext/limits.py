"""The fabrication rate that a run may have."""

from __future__ import annotations

from .metrics import Score


def over_limit(score: Score, limit: float | None) -> str | None:
    """A sentence that says so if the fabrication rate is above `limit`, if there are both."""
    rate = score.fabrication_rate
    if limit is None or rate.value is None or rate.value <= limit:
        return None
    return f"The fabrication rate of {rate.value:.1%} is above the limit of {limit:.1%} (fail_over)."
