"""The study of sizes: its networks are what their names say, and its rule is that of decisive."""

import math
import random

import pytest
import torch

from gated.tasks import TASKS
from studies import decisive, sizes
from studies.harness.study import Config, Record, Records

STUDY = sizes.STUDY


def recorded(drifts: dict[str, float], unsolved: str = "", spread: float = 0.05) -> Records:
    """Return a record of each trial, the GRU's updates drifting so in each size."""
    draw = random.Random(0)

    def solved_at(config: Config) -> int | None:
        if config["size"] == unsolved:
            return None
        tens = math.log10(config["length"] / 10)
        gru = drifts[config["size"]] * tens if config["cell"] == "gru" else 0.0
        return min(3990, 10 * round(20 * 2 ** (tens + gru) * math.exp(draw.gauss(0, spread))))

    records = [Record(one, {"solved_at": solved_at(one)}, 1.0, "a") for one in STUDY.trials]
    for group in STUDY.groups:
        solved = None if group["size"] == unsolved else 100
        records.append(Record(group | {"tuning": 1}, {"solved_at": solved}, 1.0, "a"))
    return records


@pytest.mark.parametrize(
    ("drifts", "gains", "verdict"),
    [
        ((1, 1, 1), ["lstm", "lstm", "lstm"], "the same"),
        ((-1, -1, -1), ["gru", "gru", "gru"], "the same"),
        ((0, 0, 0), ["neither", "neither", "neither"], "the same"),
        ((1, 0, -1), ["lstm", "neither", "gru"], "opposite"),
        ((1, 0, 1), ["lstm", "neither", "lstm"], "open"),
    ],
)
def test_the_sizes_agree_or_not(drifts: tuple[int, ...], gains: list[str], verdict: str) -> None:
    by_size = dict(zip(sizes.SIZES, map(float, drifts), strict=True))
    verdicts = STUDY.rule(recorded(by_size))
    found = verdicts["by size"]
    assert [found[size]["drift"]["gains"] for size in sizes.SIZES] == gains
    assert verdicts["the sizes"] == verdict
    for size, drift in by_size.items():
        assert found[size]["drift"]["drift"] == pytest.approx(drift, abs=0.15)
        assert set(found[size]["by length"]) == {f"adding {n} width" for n in sizes.LENGTHS}


def test_equal_cells_whose_seeds_scatter_are_open() -> None:
    verdicts = STUDY.rule(recorded(dict.fromkeys(sizes.SIZES, 0.0), spread=1.0))
    assert verdicts["the sizes"] == "open"


def test_a_size_that_nobody_learned_has_no_verdict() -> None:
    verdicts = STUDY.rule(recorded(dict.fromkeys(sizes.SIZES, 1.0), unsolved="two layers"))
    assert verdicts["the sizes"] == "open"
    found = verdicts["by size"]["two layers"]
    assert found["drift"] == {"gains": "open", "lengths": []}
    assert len(found["no verdict"]) == len(sizes.LENGTHS) * 2
    assert verdicts["by size"]["16 units"]["no verdict"] == []


def config_of(size: str, cell: str = "gru", **others: object) -> Config:
    config = {"size": size, "task": "adding", "length": 10, "cell": cell, "seed": 0}
    return config | {"limit": 100, "rate": 0.01, "start": "bias 3", "clip": "none"} | others


@pytest.mark.parametrize("cell", decisive.CELLS)
def test_a_network_has_its_units_and_layers_each_started(cell: str) -> None:
    known = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    for size, (width, layers) in sizes.SIZES.items():
        model = sizes.network(config_of(size, cell))
        count = sum(weight.numel() for weight in model.layer.parameters())
        layer = known(2, width, layers)
        assert count == sum(weight.numel() for weight in layer.parameters())
        assert model(torch.rand(10, 4, 2)).shape == (1, 4, 1)
        keeps = slice(width, 2 * width)  # the update gate's block, and the forget gate's
        biases = [bias for name, bias in model.named_parameters() if "bias_ih" in name]
        assert [bias[keeps].unique().tolist() for bias in biases] == [[3.0]] * layers


def test_two_layers_compute_what_torchs_two_layers_do() -> None:
    stack = sizes.network(config_of("two layers")).layer
    weights = {}
    for name, weight in stack.named_parameters():
        layer, of_layer = name.split(".")
        weights[of_layer.replace("l0", {"lower": "l0", "upper": "l1"}[layer])] = weight
    whole = torch.nn.GRU(2, 32, 2)
    whole.load_state_dict(weights)
    x = torch.rand(10, 4, 2)
    torch.testing.assert_close(stack(x)[0], whole(x)[0])
    assert not torch.equal(weights["weight_hh_l0"], weights["weight_hh_l1"])


@pytest.mark.parametrize("size", sizes.SIZES)
def test_a_trial_runs_from_its_own_settings(size: str) -> None:
    outcome = STUDY.run(config_of(size), "cpu")
    assert outcome["updates"] <= 100
    assert outcome == STUDY.run(config_of(size), "cpu")
    assert outcome["loss"] != STUDY.run(config_of(size, rate=0.02), "cpu")["loss"]


def test_all_but_the_size_and_the_seeds_is_as_in_decisive() -> None:
    assert STUDY.halving is decisive.STUDY.halving
    assert {one["limit"] for one in STUDY.trials} == {decisive.LIMIT}
    assert set(sizes.LENGTHS) <= set(decisive.LENGTHS)
    assert sizes.TASK in TASKS
    assert len(STUDY.trials) == 3 * 3 * 2 * 10
    tuning = {seed for rung in STUDY.halving.rungs for seed in rung.seeds}
    assert tuning.isdisjoint(sizes.SEEDS)
    first, second = STUDY.declared(), decisive.STUDY.declared()
    same = ("batch", "look_every", "held_out", "in_a_row", "search", "margin", "level")
    assert {name: first[name] for name in same} == {name: second[name] for name in same}
