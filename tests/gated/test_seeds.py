"""Drawn trials: no seed is left out or covered, and who did not solve its task is seen."""

from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gated.figures import SERIES
from gated.figures.seeds import BEYOND, WIDE, limited, seeds, swarm

LIMIT = 2000
TOOK = [50, 50, 50, 50, 50, 50, 100, 150, LIMIT, LIMIT]

heights = st.lists(st.floats(0, 100) | st.integers(0, 4).map(float), min_size=1, max_size=20)


def axes() -> Any:
    """Return axes, whose types of what was drawn are wider than what is drawn here."""
    return plt.subplots()[1]


def clear(places: Any, apart: float) -> bool:
    """Whether no square of the width ``apart`` around one place covers part of another."""
    return all(abs(one - other).max() > 0.99 * apart for one, other in combinations(places, 2))


@given(heights)
@example([50.0] * 20)
@example([50.0] * 5 + [51.0] * 6)
def test_no_mark_of_a_swarm_lies_on_another(heights: list[float]) -> None:
    moved = swarm(heights, 4)
    assert moved.shape == (len(heights), 2)
    assert clear(moved + [(0, height) for height in heights], 4)


@given(heights)
def test_a_swarm_shows_each_height_where_so_many_have_room_side_by_side(
    heights: list[float],
) -> None:
    assert not swarm(heights[:WIDE], 4)[:, 1].any()


@given(heights)
def test_marks_move_up_and_down_in_the_order_of_their_heights_and_as_far_up_as_down(
    heights: list[float],
) -> None:
    up = swarm(heights, 4)[:, 1]
    assert up.sum() == pytest.approx(0, abs=1e-6)
    assert (np.diff((heights + up)[np.argsort(heights, kind="stable")]) >= 0).all()


def test_ten_equal_ones_stand_in_two_rows_half_a_mark_off() -> None:
    moved = swarm([50] * 10, 4)
    assert sorted({*moved[:, 0]}) == [-8, -4, 0, 4, 8]
    assert [*moved[:, 1]] == [-2] * 5 + [2] * 5


def test_a_swarm_is_even_to_both_sides_and_has_no_trend() -> None:
    aside = swarm([10, 10.1, 10.2, 10.3, 30, 50, 50.1], 4)[:, 0]
    assert [*aside] == [-2, 2, -6, 6, 0, -2, 2]


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("width", [4.56, 7.79])
@pytest.mark.parametrize("family", SERIES)
def test_marks_and_median_cover_nothing_of_each_other(
    family: str, width: float, rows: bool
) -> None:
    with plt.style.context("gated.figures.chart"):
        ax = axes()
        seeds(ax, 0, TOOK, family, LIMIT, rows=rows)
        limited(ax, (50, 200, 1000), LIMIT, rows=rows)
        for size in ((5, 3), (width, 3)):  # drawn again at another size, all is placed anew
            ax.figure.set_size_inches(size)
            ax.figure.canvas.draw()
        interval, median, marks = ax.collections
        where = marks.get_offset_transform().transform(marks.get_offsets())
        middle = median.get_offset_transform().transform(median.get_offsets())
        ends = interval.get_transform().transform(interval.get_segments()[0])
        aside, up = (1, 0) if rows else (0, 1)
        plt.close(ax.figure)
    point = ax.figure.dpi / 72
    assert clear(where, 4.6 * point)
    assert (abs(where - middle)[:, aside] > (4.6 / 2 + 3.2) * point).all()
    assert {*ends[:, aside].round(3)} == {*middle[:, aside].round(3)}
    # First, from the left or from above; and both together in the middle of their place.
    first, last = middle[0, aside], where[:, aside]
    assert first > last.max() if rows else first < last.min()
    assert ends[0, up] <= middle[0, up] <= ends[1, up]


def test_seeds_at_the_limit_are_hollow_and_stand_beyond_it() -> None:
    ax = axes()
    seeds(ax, 3, TOOK, "gru", LIMIT, "GRU")
    limited(ax, (50, 200, 1000), LIMIT)
    *_, marks = ax.collections
    shown = marks.get_offsets()
    plt.close(ax.figure)
    assert [*shown[:, 0]] == [3] * 10
    assert [*shown[:, 1]] == [*TOOK[:8], LIMIT * BEYOND, LIMIT * BEYOND]
    white = [tuple(face) == (1, 1, 1, 1) for face in marks.get_facecolors()]
    assert white == [False] * 8 + [True] * 2
    assert ax.get_legend_handles_labels()[1] == ["GRU"]
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "50",
        "200",
        "1000",
        "not\nsolved",
    ]
    assert ax.get_ylim()[0] < 50 < LIMIT < shown[-1, 1] < ax.get_ylim()[1]


def test_which_seeds_are_hollow_can_be_told() -> None:
    ax = axes()
    seeds(ax, 0, [-3.0, 0.5, -2.0], "lstm", solved=[False, True, False])
    white = [tuple(face) == (1, 1, 1, 1) for face in ax.collections[-1].get_facecolors()]
    plt.close(ax.figure)
    assert white == [True, False, True]


def test_all_marks_lie_within_the_axes_without_limits_of_their_own() -> None:
    ax = axes()
    seeds(ax, 2, [10.0, 30.0], "rnn")
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    plt.close(ax.figure)
    assert left < 2 < right
    assert low < 10 < 30 < high
