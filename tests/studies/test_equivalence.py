"""Two sides compared: Welch's numbers, and which verdict follows from difference and margin."""

import numpy as np
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW, ttost_ind

from studies.harness.equivalence import Contrast, judged

ONE = [0.31, 0.28, 0.35, 0.30, 0.33, 0.29]
OTHER = [0.24, 0.30, 0.26, 0.21, 0.35, 0.19, 0.27]


def spread(mean: float, deviation: float, count: int = 10) -> list[float]:
    """Return values with exactly this mean and standard deviation."""
    values = np.linspace(-1, 1, count)
    return list(mean + deviation * values / values.std(ddof=1))


def test_two_sides_compare_as_welch_has_them() -> None:
    found = Contrast.of([ONE], [OTHER])
    known = ttest_ind(ONE, OTHER, equal_var=False)
    assert found.difference == pytest.approx(np.mean(ONE) - np.mean(OTHER))
    assert found.p() == pytest.approx(known.pvalue)
    apart = CompareMeans(DescrStatsW(ONE), DescrStatsW(OTHER))
    assert found.interval() == pytest.approx(apart.tconfint_diff(0.05, usevar="unequal"))
    for margin in (0.03, 0.2):
        alike = ttost_ind(ONE, OTHER, -margin, margin, usevar="unequal")[0]
        assert found.p_beyond(margin) == pytest.approx(alike)


def test_the_error_of_a_change_has_that_of_all_four_sides() -> None:
    gru, lstm = Contrast.of([ONE], [OTHER]), Contrast.of([OTHER], [ONE])
    change = Contrast.of([ONE, ONE], [OTHER, OTHER])
    assert change.difference == pytest.approx(gru.difference - lstm.difference)
    assert change.error**2 == pytest.approx(gru.error**2 + lstm.error**2)
    assert gru.freedom < change.freedom <= 2 * (len(ONE) + len(OTHER) - 2)


@pytest.mark.parametrize(
    ("difference", "deviation", "better"),
    [
        (0.0, 0.5, "equal"),
        (0.0, 3.0, "open"),  # a tie needs power
        (-3.0, 1.0, "gru"),
        (3.0, 1.0, "lstm"),
        (0.5, 0.2, "equal"),  # a difference that is sure, and too small to count
    ],
)
def test_a_verdict_follows_from_difference_spread_and_margin(
    difference: float, deviation: float, better: str
) -> None:
    sides = {"gru": spread(difference, deviation), "lstm": spread(0.0, deviation)}
    found = judged({"at": sides}, {"at": 1.0}, lower_is_better=True)["at"]
    assert found["better"] == better
    assert found["low"] <= difference <= found["high"]
    other = {"gru": "lstm", "lstm": "gru"}.get(better, better)
    found = judged({"at": sides}, {"at": 1.0}, lower_is_better=False)["at"]
    assert found["better"] == other


def test_the_correction_is_over_all_comparisons() -> None:
    sides = {"gru": spread(-1.1, 1.0), "lstm": spread(0.0, 1.0)}
    alone = judged({"a": sides}, {"a": 0.1}, lower_is_better=True)
    many = {str(n): sides for n in range(10)}
    together = judged(many, dict.fromkeys(many, 0.1), lower_is_better=True)
    assert alone["a"]["better"] == "gru"
    assert {one["better"] for one in together.values()} == {"open"}
    assert together["0"]["p"] == pytest.approx(10 * alone["a"]["p"], rel=0.05)


def test_sides_that_do_not_vary_are_equal_or_apart() -> None:
    same, more = [1.0] * 5, [2.0] * 5
    pairs = {"same": {"gru": same, "lstm": same}, "apart": {"gru": same, "lstm": more}}
    found = judged(pairs, dict.fromkeys(pairs, 0.1), lower_is_better=True)
    assert [one["better"] for one in found.values()] == ["equal", "gru"]


def test_without_comparisons_there_are_no_verdicts() -> None:
    assert judged({}, {}, lower_is_better=True) == {}
