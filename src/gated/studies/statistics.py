"""How sure a difference is: intervals from seeds drawn again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

RESAMPLES = 10_000
_SHARE = 0.95


def difference(one: Sequence[float], other: Sequence[float], digits: int = 4) -> dict[str, float]:
    """Return the mean of ``one`` minus that of ``other``, with its 95% interval.

    The interval is the bootstrap's: from each side as many values as there are, one for each seed,
    are drawn with replacement, and the middle of the differences of the means is taken.
    """
    draw = np.random.default_rng(0)
    means = [_resampled(np.asarray(values, dtype=np.float64), draw) for values in (one, other)]
    tail = (1 - _SHARE) / 2
    low, high = np.quantile(means[0] - means[1], [tail, 1 - tail])
    middle = float(np.mean(one)) - float(np.mean(other))
    return {
        "difference": round(middle, digits),
        "low": round(float(low), digits),
        "high": round(float(high), digits),
    }


def ahead(found: dict[str, float], one: str, other: str, *, lower_is_better: bool) -> str:
    """Return which of the two is better by a difference, or "tie" if its interval holds zero."""
    if found["low"] <= 0 <= found["high"]:
        return "tie"
    return one if (found["high"] < 0) == lower_is_better else other


def _resampled(values: Any, draw: np.random.Generator) -> Any:
    """Return the means of ``RESAMPLES`` draws of as many values as there are."""
    return values[draw.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
