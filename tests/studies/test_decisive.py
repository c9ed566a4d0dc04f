"""The decisive study: what it declares, and how its rule decides."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from gated.parameters import count
from gated.tasks import TASKS
from studies import decisive
from studies.harness.networks import width_in
from studies.harness.study import Config, Record, Records

STUDY = decisive.STUDY
Median = Callable[[Config], float]


def recorded(median: Median, unsolved: Callable[[Config], bool] = lambda config: False) -> Records:
    """Return a record of each trial, whose updates lie about a median, and one of each tuning."""
    draw = random.Random(0)
    records = []
    for config in STUDY.trials:
        took = 10 * round(median(config) * math.exp(draw.gauss(0, 0.1)) / 10)
        solved_at = took if took < decisive.LIMIT and not unsolved(config) else None
        records.append(Record(config, {"solved_at": solved_at}, 1.0, "a"))
    for group in STUDY.groups:
        solved_at = None if unsolved(group) else 100
        records.append(Record(group | {"tuning": 1}, {"solved_at": solved_at}, 1.0, "a"))
    return records


def drifting(by_task: dict[str, float], start: float = 0.0) -> Median:
    """Give the GRU ``start`` doublings more than the LSTM at 10 steps, and so many more by ten."""

    def median(config: Config) -> float:
        tens = math.log10(config["length"] / 10)
        gru = start + by_task[config["task"]] * tens if config["cell"] == "gru" else 0.0
        return 200 * 2 ** (tens + gru)

    return median


def gains(verdicts: dict[str, Any]) -> list[str]:
    return [verdicts["drift"][task]["gains"] for task in TASKS]


@pytest.mark.parametrize(
    ("drifts", "found", "saying"),
    [
        ((1, 1, -1), ["lstm", "lstm", "gru"], "holds"),
        ((-1, 0, -1), ["gru", "neither", "gru"], "reversed"),
        ((1, 0, 0), ["lstm", "neither", "neither"], "does not hold"),
        ((1, -1, 0), ["lstm", "gru", "neither"], "does not hold"),
    ],
)
def test_the_drift_of_the_cells_decides(
    drifts: tuple[float, ...], found: list[str], saying: str
) -> None:
    verdicts = STUDY.rule(recorded(drifting(dict(zip(TASKS, drifts, strict=True)))))
    assert gains(verdicts) == found
    assert verdicts["the saying"] == saying
    for task, drift in zip(TASKS, drifts, strict=True):
        one = verdicts["drift"][task]
        assert one["low"] <= drift <= one["high"]
        assert one["drift"] == pytest.approx(drift, abs=0.1)


def test_a_constant_lead_is_no_drift() -> None:
    verdicts = STUDY.rule(recorded(drifting(dict.fromkeys(TASKS, 0.0), start=-1)))
    assert gains(verdicts) == ["neither"] * 3
    ahead = {one["sooner"] for at, one in verdicts["by length"].items() if at.endswith("width")}
    assert ahead == {"gru"}
    assert verdicts["by length"]["recall 10 width"]["ratio"] == pytest.approx(0.5, rel=0.1)


def test_equal_cells_are_called_equal_and_not_open() -> None:
    verdicts = STUDY.rule(recorded(drifting(dict.fromkeys(TASKS, 0.0))))
    assert {one["sooner"] for one in verdicts["by length"].values()} == {"equal"}
    assert len(verdicts["by length"]) == 3 * (5 + 3)
    assert verdicts["the saying"] == "does not hold"
    assert verdicts["no verdict"] == []


def test_where_a_cell_never_solved_its_task_in_tuning_there_is_no_verdict() -> None:
    def unsolved(config: Config) -> bool:
        of_gru = config["task"] == "copying" and config["cell"] == "gru"
        return bool(of_gru and config["length"] >= 300)

    verdicts = STUDY.rule(recorded(drifting(dict.fromkeys(TASKS, 0.0)), unsolved))
    assert verdicts["no verdict"] == [
        "copying 300 gru width",
        "copying 1000 gru width",
        "copying 1000 gru parameters",
    ]
    assert verdicts["drift"]["copying"]["lengths"] == [10, 30, 100]
    assert "copying 300 width" not in verdicts["by length"]
    assert "copying 100 width" in verdicts["by length"]


def test_where_next_to_nothing_can_be_compared_the_saying_is_open() -> None:
    def unsolved(config: Config) -> bool:
        return bool(config["cell"] == "gru" and config["length"] > 10)

    verdicts = STUDY.rule(recorded(drifting(dict.fromkeys(TASKS, 0.0)), unsolved))
    assert gains(verdicts) == ["open"] * 3
    assert verdicts["the saying"] == "open"


def test_two_leads_of_the_lstm_among_open_tasks_are_still_possible() -> None:
    assert decisive._saying(["lstm", "open", "neither"]) == "open"
    assert decisive._saying(["lstm", "gru", "open"]) == "open"
    assert decisive._saying(["neither", "gru", "open"]) == "does not hold"


def test_a_training_that_came_to_its_limit_counts_as_longer() -> None:
    def slow(config: Config) -> float:
        return 10_000 if config["cell"] == "lstm" and config["length"] == 1000 else 3000

    verdicts = STUDY.rule(recorded(slow))
    at = verdicts["by length"]["adding 1000 width"]
    assert (at["sooner"], at["solved"]) == ("gru", [20, 0])
    assert at["p"] < 1e-6


def test_that_both_come_to_the_limit_is_no_drift() -> None:
    """A lead that the limit hides at the long end has not shrunk."""
    steady = drifting(dict.fromkeys(TASKS, 0.0), start=-1)

    def slower(config: Config) -> float:
        return steady(config) * 8

    records = recorded(slower)
    cut = {c["length"] for c, o in ((r.config, r.outcome) for r in records) if not o["solved_at"]}
    assert {300, 1000} <= cut
    assert "lstm" not in gains(STUDY.rule(records))


def test_the_budgets_are_equal_width_and_equal_parameters() -> None:
    arms = {(one["cell"], one["budget"], one["length"]) for one in STUDY.groups}
    assert {length for cell, budget, length in arms if budget == "parameters"} == {10, 100, 1000}
    assert {length for cell, budget, length in arms if cell == "lstm"} == {*decisive.LENGTHS}
    for task in TASKS.values():
        width = width_in("parameters", task.input_size, decisive.WIDTH)
        lstm = count("lstm", task.input_size, decisive.WIDTH).total
        assert count("gru", task.input_size, width).total == pytest.approx(lstm, rel=0.03)


def test_fresh_seeds_are_trained_and_none_of_the_tuning() -> None:
    tuning = {seed for rung in decisive.RUNGS for seed in rung.seeds}
    assert tuning.isdisjoint(decisive.SEEDS)
    assert len(STUDY.trials) == len(STUDY.groups) * 20


def test_a_trial_runs_from_its_own_settings_and_notes_some_of_its_course() -> None:
    config = {"task": "adding", "length": 10, "cell": "gru", "budget": "width", "seed": 0}
    config |= {"limit": 200, "rate": 0.01, "start": "bias 3", "clip": "none"}
    outcome = STUDY.run(config, "cpu")
    assert outcome["updates"] <= 200
    assert len(outcome["errors"]) == len(outcome["loss"]) == math.ceil(outcome["updates"] / 100)
    assert STUDY.run(config, "cpu") == outcome
    assert STUDY.run(config | {"clip": 0.25}, "cpu")["loss"] != outcome["loss"]
