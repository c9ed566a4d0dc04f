"""The study of costs: what it counts and how it decides."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studies import costs
from studies.harness.study import Config, Record
from studies.harness.timing import take_turns


class Twice(nn.Module):
    """The sigmoid of the sigmoid: each keeps its output for the backward pass."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(torch.sigmoid(x))


class Weighted(nn.Module):
    """A product with a weight, for which nothing but the input and the weight is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 5))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight


@pytest.mark.parametrize(("layer", "outputs"), [(Twice(), 2), (Weighted(), 0)])
def test_what_is_kept_is_counted_once_and_without_the_weights(
    layer: nn.Module, outputs: int
) -> None:
    x = torch.randn(100, 5, requires_grad=True)
    assert costs.kept(layer, x) == pytest.approx(outputs * 100 * 5 * 4 / 1e6)


def test_longer_sequences_keep_more() -> None:
    for build in costs.LAYERS.values():
        short, long = (costs.kept(build(8, 8), torch.randn(steps, 4, 8)) for steps in (10, 40))
        assert 2 < long / short < 6


def test_a_trial_holds_what_the_rule_reads() -> None:
    config: Config = {"pass": "training", "batch": 2, "steps": 3, "width": 4, "seed": 0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "SECONDS", 0.0)
        outcome = costs.STUDY.run(config, "cpu")
    assert len(outcome["loss"]) == len(costs.LAYERS)
    assert outcome["turns"] == costs.LEAST
    assert costs.STUDY.rule([Record(config, outcome, 1.0, "a")])["torch, training"]["sizes"] == 1


def recorded(ratios: tuple[float, float, float]) -> list[Record]:
    """Return records in which the three repetitions gave these ratios LSTM / GRU at every size."""
    records = []
    for config in costs.STUDY.trials:
        ratio = ratios[int(config["seed"])]
        outcome: dict[str, Any] = {f"{maker} lstm/gru": ratio for maker in ("torch", "gated")}
        for maker in ("torch", "gated"):
            outcome |= {f"{maker} lstm MB": 3.0, f"{maker} gru MB": 2.0}
        records.append(Record(config, outcome, 1.0, "a"))
    return records


@pytest.mark.parametrize(
    ("ratios", "lstm", "gru"),
    [((0.5, 0.6, 0.9), 8, 0), ((1.5, 1.2, 1.1), 0, 8), ((0.9, 1.1, 0.8), 0, 0)],
)
def test_a_cell_is_faster_if_all_repetitions_say_so(
    ratios: tuple[float, float, float], lstm: int, gru: int
) -> None:
    verdicts = costs.STUDY.rule(recorded(ratios))
    for maker in ("torch", "gated"):
        for way in costs.PASSES:
            found = verdicts[f"{maker}, {way}"]
            assert (found["sizes"], found["lstm faster"], found["gru faster"]) == (8, lstm, gru)
        assert verdicts[f"{maker}, memory"] == {"sizes": 8, "lstm keeps less": 0}


def test_all_take_turns() -> None:
    calls: list[str] = []
    times = take_turns({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 0.0, 3, 9)
    assert {name: len(taken) for name, taken in times.items()} == {"a": 3, "b": 3}
    rounds = [set(calls[start : start + 2]) for start in range(2, 8, 2)]
    assert calls[:2] == ["a", "b"]
    assert rounds == [{"a", "b"}] * 3
