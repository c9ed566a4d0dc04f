"""How sure a difference is: intervals from seeds drawn again and again.

A training that is run with other seeds comes out otherwise. The bootstrap asks how far the mean or
the median of so many seeds would move if other seeds had been drawn from the same lot.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

RESAMPLES = 10_000
_TAIL = (1 - 0.95) / 2


def difference(one: Sequence[float], other: Sequence[float], digits: int = 4) -> dict[str, float]:
    """Return the mean of ``one`` minus that of ``other``, with its 95% interval.

    The interval is the bootstrap's: from each side as many values as there are, one for each seed,
    are drawn with replacement, and the middle of the differences of the means is taken.
    """
    return mean_difference([one], [other], digits)


def mean_difference(
    ones: Sequence[Sequence[float]], others: Sequence[Sequence[float]], digits: int = 4
) -> dict[str, float]:
    """Return the mean over several pairs of what ``difference`` gives for each of them."""
    draw = np.random.default_rng(0)
    spreads, differences = [], []
    for one, other in zip(ones, others, strict=True):
        means = [_resampled(values, draw).mean(axis=1) for values in (one, other)]
        spreads.append(means[0] - means[1])
        differences.append(float(np.mean(one)) - float(np.mean(other)))
    low, high = np.quantile(np.mean(spreads, axis=0), [_TAIL, 1 - _TAIL])
    return {
        "difference": round(float(np.mean(differences)), digits),
        "low": round(float(low), digits),
        "high": round(float(high), digits),
    }


def middle(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median over seeds and its 95% interval, low and high, by the bootstrap."""
    medians = np.median(_resampled(values, np.random.default_rng(0)), axis=1)
    low, high = np.quantile(medians, [_TAIL, 1 - _TAIL])
    return float(np.median(values)), float(low), float(high)


def ahead(found: dict[str, float], one: str, other: str, *, lower_is_better: bool) -> str:
    """Return which of the two is better by a difference, or "tie" if its interval holds zero."""
    if found["low"] <= 0 <= found["high"]:
        return "tie"
    return one if (found["high"] < 0) == lower_is_better else other


def _resampled(values: Sequence[float], draw: np.random.Generator) -> Any:
    """Return ``RESAMPLES`` draws of as many values as there are, with replacement."""
    places = draw.integers(len(values), size=(RESAMPLES, len(values)))
    return np.asarray(values, dtype=np.float64)[places]
