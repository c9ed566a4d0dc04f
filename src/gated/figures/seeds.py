"""How recorded trials are drawn: every seed is a dot, and beside the dots stands their median."""

import math
from collections.abc import Sequence
from typing import Any

from gated.figures import PAPER, SERIES
from gated.statistics import middle

#: How far to both sides the dots of one place are spread, so that equal seeds can be told apart.
SPREAD = 0.13


def seeds(
    ax: Any,
    place: float,
    values: Sequence[float],
    family: str,
    limit: float = math.inf,
    label: str = "",
) -> None:
    """Draw what came of each seed at ``place``, and a bar at their median with its 95% interval.

    Args:
        ax: The axes of a matplotlib figure.
        place: Where on the horizontal axis.
        values: One for each seed. Those at ``limit`` are censored: they are drawn hollow.
        family: Of ``gated.figures.SERIES``, whose color and marker are taken.
        limit: Where a trial was ended that had not solved its task.
        label: What the legend calls the dots.
    """
    color, marker = SERIES[family]["color"], SERIES[family]["marker"]
    median, low, high = middle(values)
    ax.plot([place, place], [low, high], color=color, linewidth=1)
    ax.plot([place - SPREAD, place + SPREAD], [median, median], color=color, linewidth=2.5)
    for number, value in enumerate(sorted(values)):
        shift = SPREAD * (2 * number / max(1, len(values) - 1) - 1)
        filled = color if value < limit else PAPER
        ax.plot(
            place + shift,
            value,
            marker,
            color=color,
            markerfacecolor=filled,
            markersize=4,
            markeredgewidth=0.8,
            label="" if number else label,
        )
