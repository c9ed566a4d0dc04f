"""The study of the lookup: what it declares, and how it decides."""

import random

import pytest

from studies import lookup
from studies.harness.study import Config, Record, Records

STUDY = lookup.STUDY


def recorded(
    gru: float, lstm: float, spread: float = 0.01, unsolved: tuple[int, ...] = ()
) -> Records:
    """Return a record of each trial, its share of wrong answers about a number, and each tuning.

    At the unsolved lengths nobody solved the task in tuning, elsewhere the LSTM did.
    """
    draw = random.Random(0)

    def outcome(config: Config) -> dict[str, object]:
        error = max(0.0, draw.gauss(gru if config["cell"] == "gru" else lstm, spread))
        return {"error": error, "solved_at": 100 if error <= 0.02 else None}

    trials = [Record(one, outcome(one), 1.0, "a") for one in STUDY.trials]
    for one in STUDY.groups:
        solved = one["cell"] == "lstm" and one["length"] not in unsolved
        tuning = {"error": 0.5, "solved_at": 100 if solved else None}
        trials.append(Record(one | {"tuning": 1}, tuning, 1.0, "a"))
    return trials


@pytest.mark.parametrize(
    ("gru", "lstm", "spread", "better"),
    [
        (0.3, 0.01, 0.01, "lstm"),
        (0.01, 0.3, 0.01, "gru"),
        (0.01, 0.01, 0.01, "equal"),
        (0.3, 0.3, 0.2, "open"),
    ],
)
def test_the_rule_follows_the_errors(gru: float, lstm: float, spread: float, better: str) -> None:
    verdicts = STUDY.rule(recorded(gru, lstm, spread))
    found = verdicts["looks up better"]
    assert {at: one["better"] for at, one in found.items()} == {"2": better, "4": better}
    assert verdicts["no verdict"] == []
    if gru == 0.3:
        assert verdicts["solved"]["4"]["gru"] < 5


def test_where_neither_solved_it_in_tuning_there_is_no_verdict() -> None:
    verdicts = STUDY.rule(recorded(0.5, 0.5, unsolved=(4,)))
    assert list(verdicts["looks up better"]) == ["2"]
    assert verdicts["no verdict"] == ["4"]


def test_a_training_that_diverged_at_once_answers_nothing() -> None:
    records = [
        Record(one.config, one.outcome | {"error": None}, 1.0, "a")
        if one.config["cell"] == "gru"
        else one
        for one in recorded(0.1, 0.1)
    ]
    assert STUDY.rule(records)["looks up better"]["2"]["difference"] == pytest.approx(0.9, abs=0.02)


def test_a_trial_runs_from_its_own_settings() -> None:
    config = {"task": "lookup", "length": 2, "cell": "lstm", "seed": 0, "limit": 800}
    config |= {"rate": 0.01, "start": "chrono", "clip": "none"}
    outcome = STUDY.run(config, "cpu")
    assert len(outcome["errors"]) == len(outcome["loss"]) == 2
    assert outcome["error"] < 0.6
    assert outcome == STUDY.run(config, "cpu")
    assert outcome["loss"] != STUDY.run(config | {"start": "default"}, "cpu")["loss"]


def test_the_sooner_of_those_that_solve_it_is_chosen_then_the_less_wrong() -> None:
    score = STUDY.halving.score
    soon, late = {"solved_at": 100, "error": 0.01}, {"solved_at": 200, "error": 0.0}
    near, far = {"solved_at": None, "error": 0.1}, {"solved_at": None, "error": 0.2}
    at = {"limit": 3000}
    assert score(at, soon) < score(at, late) < score(at, near) < score(at, far)
    tuning = {seed for rung in STUDY.halving.rungs for seed in rung.seeds}
    assert tuning.isdisjoint(lookup.SEEDS)
    assert len(STUDY.trials) == 2 * 2 * 10
