"""Timing of several functions beside one another, in turns, within one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from statistics import quantiles
from time import perf_counter

Step = Callable[[], object]


def milliseconds(step: Step) -> float:
    """Return the time that ``step`` takes."""
    start = perf_counter()
    step()
    return 1000 * (perf_counter() - start)


def take_turns(
    candidates: Mapping[str, Step], seconds: float, least: int, most: int
) -> dict[str, list[float]]:
    """Return each candidate's milliseconds turn by turn, after a first turn that does not count.

    There are at most ``most`` turns, and no more than ``least`` once ``seconds`` have passed.
    Whatever else the machine does falls on all candidates alike.
    """
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for step in candidates.values():
        step()
    lots = Random(0)
    end = perf_counter() + seconds
    for turn in range(most):
        if turn >= least and perf_counter() > end:
            break
        # Who comes after whom matters too, so lots are drawn.
        for name in lots.sample(list(candidates), len(candidates)):
            times[name].append(milliseconds(candidates[name]))
    return times


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the lower and the upper quartile."""
    low, middle, high = quantiles(values, n=4)
    return middle, low, high
