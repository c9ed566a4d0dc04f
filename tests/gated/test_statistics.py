"""Intervals of differences: exact where nothing varies, else as wide as theory says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gated.statistics import ahead, difference, mean_difference, middle

numbers = st.lists(st.floats(-100, 100), min_size=2, max_size=12)


@given(numbers, numbers)
def test_an_interval_holds_what_it_is_about_and_turns_with_the_sides(
    one: list[float], other: list[float]
) -> None:
    found = difference(one, other)
    back = difference(other, one)
    assert found["low"] <= found["high"]
    assert back["difference"] == pytest.approx(-found["difference"], abs=1e-3)
    widest = max(one) - min(other), min(one) - max(other)
    assert widest[1] - 1e-3 <= found["low"] <= found["high"] <= widest[0] + 1e-3


def test_where_nothing_varies_the_interval_is_a_point() -> None:
    assert difference([3.0] * 5, [1.0] * 4) == {"difference": 2.0, "low": 2.0, "high": 2.0}


@given(numbers, numbers, st.integers(1, 5))
def test_the_mean_over_pairs_lies_among_them_and_is_surer_of_more(
    one: list[float], other: list[float], pairs: int
) -> None:
    lone, mean = difference(one, other), mean_difference([one] * pairs, [other] * pairs)
    assert mean["difference"] == pytest.approx(lone["difference"], abs=1e-3)
    slack = 1e-3 + 0.1 * (lone["high"] - lone["low"])
    assert lone["low"] - slack <= mean["low"] <= mean["high"] <= lone["high"] + slack


def test_the_pairs_of_a_mean_count_alike_however_many_seeds_they_have() -> None:
    found = mean_difference([[3.0] * 5, [7.0] * 2], [[1.0] * 4, [1.0] * 2])
    assert found == {"difference": 4.0, "low": 4.0, "high": 4.0}


def test_the_width_is_that_of_the_normal_approximation() -> None:
    draw = np.random.default_rng(3)
    one, other = draw.normal(0, 1, 400), draw.normal(0, 2, 400)
    found = difference(list(one), list(other))
    error = math.sqrt(one.var() / 400 + other.var() / 400)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * error, rel=0.05)


@given(numbers)
def test_the_median_lies_in_its_interval_and_that_among_the_values(values: list[float]) -> None:
    median, low, high = middle(values)
    assert median == np.median(values)
    assert min(values) <= low <= median <= high <= max(values)


@pytest.mark.parametrize(
    ("low", "high", "lower", "better"),
    [(-2, -1, True, "a"), (-2, -1, False, "b"), (1, 2, True, "b"), (-1, 1, True, "tie")],
)
def test_a_side_is_taken_where_the_interval_leaves_zero_out(
    low: float, high: float, lower: bool, better: str
) -> None:
    found = {"difference": (low + high) / 2, "low": low, "high": high}
    assert ahead(found, "a", "b", lower_is_better=lower) == better
