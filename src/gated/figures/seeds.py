"""How recorded trials are drawn: every seed is a mark, and beside the marks stands their median."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import Transform

from gated.figures import MUTED, PAPER, SERIES
from gated.statistics import middle

#: In points: how thick the edge of a mark is, and how much is left free between two.
EDGE, GAP = 0.6, 0.3
#: How many marks stand side by side at most.
WIDE = 5
#: Seeds that did not solve their task stand at this multiple of the limit.
BEYOND = 1.42


def seeds(
    ax: Any,
    place: float,
    values: Sequence[float],
    family: str,
    limit: float = math.inf,
    label: str = "",
    *,
    solved: Sequence[bool] = (),
    size: float = 4,
    rows: bool = False,
) -> None:
    """Draw what came of each seed as a swarm at ``place``, and on its left their median.

    The line through the median is its 95% interval.

    Args:
        ax: The axes of a matplotlib figure.
        place: Where on the horizontal axis.
        values: One for each seed. Those at ``limit`` are censored: they are drawn hollow, in the
            strip that ``limited`` makes for them.
        family: Of ``gated.figures.SERIES``, whose color and marker are taken.
        limit: Where a trial was ended that had not solved its task.
        label: What the legend calls the marks.
        solved: Which seeds are drawn filled, where that is not told by ``limit``.
        size: Of a mark, in points.
        rows: Whether ``place`` is on the vertical axis and the values go from left to right. The
            median then stands above the marks.
    """
    color, marker = SERIES[family]["color"], SERIES[family]["marker"]
    along, bar, apart = int(not rows), 1.6 * size, size + EDGE + GAP
    shown = [value if value < limit else limit * BEYOND for value in values]
    median, low, high = (value if value < limit else limit * BEYOND for value in middle(values))

    def points(*values: float) -> Any:
        """Where the values stand, as points of the axes' data."""
        places = np.full(len(values), float(place))
        return np.column_stack([values, places] if rows else [places, values])

    def moved() -> tuple[Any, Any]:
        """How far the marks are moved on the page, and how far their median is."""
        heights = ax.transData.transform(points(*shown))[:, along] * 72 / ax.figure.dpi
        marks = swarm(heights, apart)
        # The marks are even to both sides of zero; both together are to be.
        marks[:, 0] += (bar + GAP) / 2
        beside = np.array([[marks[:, 0].min() - (bar + apart) / 2 - GAP, 0]])
        # In rows what comes first stands above, and a page counts upward.
        return (marks[:, ::-1] * (1, -1), beside[:, ::-1] * (1, -1)) if rows else (marks, beside)

    beside = _Moved(ax, lambda: moved()[1])
    ax.add_collection(
        LineCollection([points(low, high)], colors=color, linewidths=1.2, transform=beside)
    )
    ax.scatter(
        *points(median).T,
        s=bar**2,
        color=color,
        marker="|" if rows else "_",
        linewidths=2.4,
        transform=beside,
    )
    style = MarkerStyle(marker)
    # A diamond is a square on its tip, and would be wider than the others.
    extent = style.get_path().transformed(style.get_transform()).get_extents().width
    filled = solved or [value < limit for value in values]
    ax.scatter(
        *points(*shown).T,
        s=(size / extent) ** 2,
        c=[color if one else PAPER for one in filled],
        marker=marker,
        edgecolors=color,
        linewidths=EDGE,
        transform=_Moved(ax, lambda: moved()[0]),
        clip_on=False,
    )
    if label:
        ax.plot([], [], marker, color=color, markersize=5, label=label)
    ax.update_datalim(points(*shown, low, high))
    ax.autoscale_view()


def limited(ax: Any, ticks: Sequence[float], limit: float, *, rows: bool = False) -> None:
    """Let an axis count updates, and end in a strip for the seeds that did not solve their task.

    Args:
        ax: The axes, whose vertical axis is meant.
        ticks: The numbers of updates that are written at it.
        limit: Where a trial was ended, and where the strip begins.
        rows: Whether the horizontal axis is meant.
    """
    axis, line = ("x", ax.axvline) if rows else ("y", ax.axhline)
    ax.set(**{f"{axis}scale": "log", f"{axis}lim": (0.8 * ticks[0], limit * BEYOND**2)})
    line(limit, color=MUTED, linewidth=1)
    ax.set(**{f"{axis}ticks": [*ticks, limit * BEYOND]})
    ax.set(**{f"{axis}ticklabels": [*map(str, ticks), "not\nsolved"]})
    ax.minorticks_off()


def swarm(heights: Sequence[float], apart: float) -> Any:
    """Return for each mark how far it goes aside, and how far up, so that none lies on another.

    Marks that would touch go aside, as far to the left as to the right. No more than ``WIDE``
    stand side by side: where there are more, some go up, and as many down.

    Args:
        heights: How high each mark stands.
        apart: How far from each other the centers of two have to be.
    """
    order = np.argsort(heights, kind="stable")
    packed = np.asarray(heights, dtype=float)[order]
    for _ in packed:
        lack = np.maximum(0, apart - (packed[WIDE:] - packed[:-WIDE])) / 2
        packed[WIDE:] += lack
        packed[:-WIDE] -= lack
        packed.sort()
    clusters: list[list[int]] = []  # the columns of marks that stand clear of those below
    tops: list[float] = []
    for height in packed:
        free = [column for column, top in enumerate(tops) if height - top > 0.999 * apart]
        if len(free) == len(tops):
            clusters.append([])
            tops, free = [], [0]
        column = free[0] if free else len(tops)
        tops[column : column + 1] = [height]
        clusters[-1].append(column)
    aside: list[float] = []
    for columns in clusters:
        # The first column stands in the middle, and each later one further out.
        outward = np.arange(max(columns) + 1) - max(columns) / 2
        aside += [*apart * outward[np.argsort(abs(outward), kind="stable")][columns]]
    moved = np.empty((len(packed), 2))
    moved[order] = np.column_stack([aside, packed - np.asarray(heights)[order]])
    return moved


class _Moved(Transform):
    """From the data of ``ax`` to the page, and on as far as ``by`` says, in points.

    It is asked whenever the figure is drawn, for its size decides which marks would lie on others.
    """

    input_dims = output_dims = 2

    def __init__(self, ax: Any, by: Callable[[], Any]) -> None:
        super().__init__()
        self._ax, self._by = ax, by
        self.set_children(ax.transData)

    def transform_non_affine(self, values: Any) -> Any:
        return self._ax.transData.transform(values) + self._by() * self._ax.figure.dpi / 72
