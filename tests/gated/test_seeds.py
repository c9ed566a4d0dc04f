"""Drawn trials: no seed is left out, and who did not solve its task is seen."""

from typing import Any

import matplotlib.pyplot as plt
import pytest

from gated.figures import PAPER, SERIES
from gated.figures.seeds import SPREAD, seeds

VALUES = [700, 300, 2000, 500, 2000]


def axes() -> Any:
    """Return axes, whose types of what was drawn are wider than what is drawn here."""
    return plt.subplots()[1]


def test_every_seed_is_a_dot_near_its_place_and_the_median_stands_on_it() -> None:
    ax = axes()
    seeds(ax, 3, VALUES, "gru", limit=2000, label="GRU")
    interval, median, *dots = ax.lines
    places = [float(dot.get_xdata()[0]) for dot in dots]
    assert sorted(float(dot.get_ydata()[0]) for dot in dots) == sorted(VALUES)
    assert max(abs(place - 3) for place in places) == pytest.approx(SPREAD)
    assert len(set(places)) == len(VALUES)
    assert set(median.get_ydata()) == {700}
    assert {dot.get_marker() for dot in dots} == {SERIES["gru"]["marker"]}
    assert ax.get_legend_handles_labels()[1] == ["GRU"]
    low, high = interval.get_ydata()
    assert 300 <= low <= 700 <= high <= 2000
    plt.close(ax.figure)


def test_censored_seeds_are_hollow() -> None:
    ax = axes()
    seeds(ax, 0, VALUES, "lstm", limit=2000)
    for dot in ax.lines[2:]:
        hollow = dot.get_ydata()[0] == 2000
        assert dot.get_markerfacecolor() == (PAPER if hollow else SERIES["lstm"]["color"])
    plt.close(ax.figure)
