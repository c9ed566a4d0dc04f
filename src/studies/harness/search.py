"""The search of the smaller studies: that of *decisive*, from half as many settings."""

import math
from typing import Any

from studies.harness.halving import Rung
from studies.harness.study import Config

#: Settings as ``Halving`` takes them: rates log-uniform, starts, largest norms of the gradient.
SEARCH: dict[str, Any] = {
    "low": 3e-4,
    "high": 0.3,
    "others": {
        "start": ("default", "bias 1", "bias 3", "chrono"),
        "clip": (0.25, 1.0, "none"),
    },
    "draws": 12,
    "more": 4,
    "extensions": 2,
}
#: Those of the tuning; the seeds of the trials proper lie below.
TUNING_SEEDS = (1000, 1001, 1002, 1003)


def rungs(limit: int) -> tuple[Rung, ...]:
    """Return the steps of a search: a quarter of the updates, half of them, all on two seeds."""
    first, second, *last = TUNING_SEEDS
    return Rung(limit // 4, (first,)), Rung(limit // 2, (second,)), Rung(limit, tuple(last))


def largest_norm(config: Config) -> float:
    """Return the norm to which a trial clips its gradient, infinity for "none"."""
    return math.inf if config["clip"] == "none" else float(config["clip"])
