"""The study of gradients: what it takes of a layer whose gates are known, how it decides."""

import math
from typing import Any

import pytest
import torch

from gated.layers import GRU
from studies import gradients
from studies.harness.study import Config, Record
from studies.harness.training import Recipe


def keeper(bias: float) -> GRU:
    """Return a GRU whose update gate is the same at every step, and which has no other path."""
    layer = GRU(3, 4)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.get_parameter("bias_ih_l0")[4:8] = bias
    return layer


@pytest.mark.parametrize("bias", [0.0, 2.0])
def test_where_the_gate_is_all_the_product_is_its_power(bias: float) -> None:
    kept = 1 / (1 + math.exp(-bias))
    look = gradients.looked_at(keeper(bias), torch.zeros(50, 2, 3))
    for path in ("whole", "keep"):
        expected = [span * math.log10(kept) for span in gradients.SPANS]
        assert look[path] == pytest.approx(expected, abs=1e-3)
    assert look["half_life"] == pytest.approx(-1 / math.log2(kept), rel=1e-3)
    assert look["terms"] == pytest.approx(
        {"keep": kept, "candidate": 0.0, "reset": 0.0, "update": 0.0}, rel=1e-4
    )
    assert look["whole_step"] == pytest.approx(kept, rel=1e-4)


def test_a_gate_that_is_one_keeps_for_as_long_as_is_told_apart() -> None:
    look = gradients.looked_at(keeper(200.0), torch.zeros(50, 2, 3))
    assert look["half_life"] == gradients.LONGEST
    assert look["over_ten"] == 1.0
    assert look["whole"] == [0.0] * len(gradients.SPANS)


def test_a_gate_that_is_zero_lets_nothing_through() -> None:
    look = gradients.looked_at(keeper(-200.0), torch.zeros(50, 2, 3))
    assert look["over_ten"] == 0.0
    assert look["keep"] == [gradients.LOWEST] * len(gradients.SPANS)


@pytest.mark.parametrize("cell", gradients.CELLS)
def test_a_trial_looks_before_and_after_its_training(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradients, "RECIPE", Recipe(limit=50))
    config: Config = {
        "task": "recall",
        "cell": cell,
        "start": "chrono",
        "length": 50,
        "seed": 0,
        "rate": 0.01,
    }
    outcome = gradients.STUDY.run(config, "cpu")
    assert outcome["before"].keys() == outcome["after"].keys()
    assert outcome["before"] != outcome["after"]
    # Chrono spreads the half-lives up to the length of the task.
    assert 5 < outcome["before"]["half_life"] < 50


def look_of(half_life: float, reaches: float) -> dict[str, Any]:
    return {"half_life": half_life, "whole": [0.0, reaches]}


def test_the_rule_says_how_training_turns_the_half_life_and_where_more_reaches_back() -> None:
    records = [
        Record(
            config,
            {"before": look_of(1.0, -3.0), "after": look_of(4.0, -1.0)}
            if config["cell"] == "gru"
            else {"before": look_of(2.0, -3.0), "after": look_of(1.0, -6.0)},
            1.0,
            "a",
        )
        for config in gradients.STUDY.trials
    ]
    verdicts = gradients.STUDY.rule(records)
    assert len(verdicts) == 27
    assert verdicts["recall chrono gru"] == {
        "half-life": "lengthens",
        "difference": 2.0,
        "low": 2.0,
        "high": 2.0,
    }
    assert verdicts["adding default lstm"]["half-life"] == "shortens"
    assert verdicts["copying bias 1"]["more reaches back"] == "gru"
    assert verdicts["copying bias 1"]["difference"] == 5.0
