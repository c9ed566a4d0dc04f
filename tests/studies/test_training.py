"""The loop in which all studies train, and the choice of what they train with."""

import math
from collections.abc import Callable, Iterator
from operator import itemgetter
from statistics import fmean
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.lr_scheduler import LinearLR

from studies.harness.study import Config, Record, Study
from studies.harness.training import train


class Weight(nn.Module):
    """One number, and a loss that falls with it."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(()))

    def losses(self, slopes: Iterator[float]) -> Callable[[], Tensor]:
        return lambda: next(slopes) * (self.value + 1)


@pytest.fixture
def weight() -> Weight:
    return Weight()


def adam(weight: Weight, rate: float = 0.1) -> Adam:
    return Adam(weight.parameters(), lr=rate)


def test_losses_are_means_between_looks_and_what_is_left_over_is_not_noted(weight: Weight) -> None:
    slopes = iter([1.0, 3.0, 2.0, 2.0, 9.0])
    seen: list[float] = []
    course = train(
        weight,
        adam(weight, rate=0.0),
        weight.losses(slopes),
        updates=5,
        look_every=2,
        look=lambda: seen.append(weight.value.item()),
    )
    assert course.losses == [2.0, 2.0]
    assert (course.updates, course.diverged, len(seen)) == (5, False, 2)


def test_a_look_that_says_so_ends_the_training(weight: Weight) -> None:
    optimizer = adam(weight)
    loss = weight.losses(iter([1.0] * 9))
    course = train(
        weight, optimizer, loss, updates=9, look_every=3, look=lambda: weight.value.item() < -0.5
    )
    assert (course.updates, len(course.losses)) == (6, 2)
    assert weight.value.item() == pytest.approx(-0.6, rel=1e-3)  # Adam moves by the rate


@pytest.mark.parametrize("slope", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_ends_the_training_before_its_step(
    weight: Weight, slope: float
) -> None:
    loss = weight.losses(iter([1.0, 1.0, slope]))
    course = train(weight, adam(weight), loss, updates=9, look_every=2)
    assert (course.updates, course.diverged, len(course.losses)) == (3, True, 1)
    assert weight.value.item() == pytest.approx(-0.2, rel=1e-3)


@pytest.mark.parametrize(("slope", "norm"), [(0.5, 0.5), (80.0, 2.0)])
def test_the_gradient_is_clipped(weight: Weight, slope: float, norm: float) -> None:
    loss = weight.losses(iter([slope]))
    train(weight, adam(weight), loss, updates=1, look_every=1, clip=2.0)
    assert weight.value.grad is not None
    assert weight.value.grad.item() == pytest.approx(norm, rel=1e-4)


def test_the_rate_falls_update_by_update(weight: Weight) -> None:
    optimizer = adam(weight, rate=0.1)
    falling = LinearLR(optimizer, 1.0, 0.0, 4)
    rates: list[float] = []
    train(
        weight,
        optimizer,
        weight.losses(iter([1.0] * 4)),
        updates=4,
        look_every=1,
        look=lambda: rates.append(optimizer.param_groups[0]["lr"]),
        schedule=falling,
    )
    assert rates == pytest.approx([0.075, 0.05, 0.025, 0.0])


def choosing(**declared: Any) -> Study:
    """Return a study that declares nothing but how it chooses."""
    return Study("toy", "?", (), lambda *_: {}, lambda _: {}, {}, "", **declared)


SCORES = st.lists(st.integers(0, 9), min_size=3, max_size=3)


@given(st.dictionaries(st.sampled_from([0.001, 0.01, 0.1]), SCORES, min_size=1))
def test_the_settings_with_the_least_mean_are_chosen(scores: dict[float, list[int]]) -> None:
    records = [
        Record(
            {"cell": cell, "rate": rate, "seed": seed, "tuning": 1},
            {"score": turned * score},
            1.0,
            "a",
        )
        for cell, turned in (("gru", 1), ("lstm", -1))
        for rate, found in scores.items()
        for seed, score in enumerate(found)
    ]
    study = choosing(group=itemgetter("cell"), score=lambda out: (float(out["score"]),))
    untuned: Config = {"cell": "gru", "rate": 9.0, "seed": 0}
    chosen = study.choose([*records, Record(untuned, {"score": -99}, 1.0, "a")])
    assert chosen.keys() == {"gru", "lstm"}
    means = {rate: fmean(found) for rate, found in scores.items()}
    assert means[float(chosen["gru"]["rate"])] == min(means.values())
    assert means[float(chosen["lstm"]["rate"])] == max(means.values())


def test_of_equals_in_the_first_number_the_second_decides() -> None:
    records = [
        Record({"rate": rate, "start": "chrono", "tuning": 1}, {"both": both}, 1.0, "a")
        for rate, both in ((0.1, (1.0, 5.0)), (0.2, (1.0, 3.0)), (0.3, (2.0, 0.0)))
    ]
    study = choosing(group=lambda config: "all", score=itemgetter("both"), chosen=("start", "rate"))
    assert study.choose(records) == {"all": {"start": "chrono", "rate": 0.2}}
