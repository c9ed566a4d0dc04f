"""How recorded trials are drawn: every seed is a dot, and beside the dots stands their median."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gated.charts import PAPER, SERIES
from gated.studies.statistics import middle

#: How wide the dots of one place are spread, so that equal seeds can be told apart.
SPREAD = 0.16


def seeds(
    ax: Any, place: float, values: Sequence[float], family: str, limit: float = math.inf
) -> None:
    """Draw what came of each seed at ``place``, and the median with its 95% interval.

    Args:
        ax: The axes of a matplotlib figure.
        place: Where on the horizontal axis.
        values: One for each seed. Those at ``limit`` are censored: they are drawn hollow.
        family: Of ``gated.charts.SERIES``, whose color and marker are taken.
        limit: Where a trial was ended that had not solved its task.
    """
    color, marker = SERIES[family]["color"], SERIES[family]["marker"]
    for number, value in enumerate(sorted(values)):
        shift = SPREAD * (number / max(1, len(values) - 1) - 0.5)
        filled = color if value < limit else PAPER
        ax.plot(place + shift, value, ".", color=color, markerfacecolor=filled, markersize=6)
    median, low, high = middle(values)
    ax.plot([place, place], [low, high], color=color, linewidth=1.5)
    ax.plot(place, median, marker, color=color, markersize=9, markeredgecolor=PAPER)
