"""Timing of several functions beside one another, in turns, and what is timed of a layer."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from statistics import quantiles
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.profiler import ProfilerActivity, profile

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


def quartiles(values: Sequence[float]) -> dict[str, float]:
    """Return the median, the lower and the upper quartile, by what ends their names in a record."""
    low, middle, high = quantiles(values, n=4)
    return {"": middle, "_low": low, "_high": high}


def one_by_one(base: dict[str, int], varied: Mapping[str, Sequence[int]]) -> list[dict[str, int]]:
    """Return each point once at which one side of ``base`` is varied while the others stay."""
    every = [base | {side: value} for side, values in varied.items() for value in values]
    return [point for number, point in enumerate(every) if point not in every[:number]]


def training_step(layer: nn.Module, x: Tensor) -> None:
    """Run one forward and one backward pass, as training does."""
    layer.zero_grad()
    layer(x)[0].sum().backward()


def inference(layer: nn.Module, x: Tensor | PackedSequence) -> None:
    """Run one forward pass without keeping anything for a backward pass."""
    with torch.no_grad():
        layer(x)


def operations(step: Step) -> dict[str, int]:
    """Return the operations that one ``step`` runs, with how often it runs each."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    return {event.key: event.count for event in profiler.key_averages()}
