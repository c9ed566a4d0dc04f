"""The study of counting at equal parameters: its arms, and how it decides."""

import random

import pytest

from gated.parameters import count
from gated.tasks.languages import LANGUAGES
from studies import counting
from studies import counting_parameters as parameters
from studies.harness.study import Config, Record, Records

STUDY = parameters.STUDY


def recorded(far: dict[str, int], spread: float = 0.05) -> Records:
    """Return a record of each trial, the largest n of an arm about a number, and of each tuning."""
    draw = random.Random(0)

    def outcome(config: Config) -> dict[str, object]:
        middle = far[f"{config['cell']} {config['budget']}"]
        longest = round(middle * 2 ** draw.gauss(0, spread))
        return {"longest": longest, "solved": middle > 100}

    trials = [Record(one, outcome(one), 1.0, "a") for one in STUDY.trials]
    return trials + [Record(one | {"tuning": 1}, outcome(one), 1.0, "a") for one in STUDY.groups]


def further(verdicts: dict[str, dict[str, dict[str, str]]], budget: str) -> set[str]:
    return {verdicts["counts further"][f"{one} {budget}"]["better"] for one in LANGUAGES}


@pytest.mark.parametrize(
    ("lstm", "wider", "better"), [(200, 90, "lstm"), (200, 400, "gru"), (200, 200, "equal")]
)
def test_each_budget_is_compared_with_the_same_lstm(lstm: int, wider: int, better: str) -> None:
    far = {"gru width": 80, "lstm width": lstm, "gru parameters": wider}
    verdicts = STUDY.rule(recorded(far))
    assert further(verdicts, "width") == {"lstm"}
    assert further(verdicts, "parameters") == {better}
    assert len(verdicts["counts further"]) == 4
    assert verdicts["accept their training"]["anbn gru width"] == 0
    assert verdicts["accept their training"]["anbn lstm width"] == 10
    assert "anbn gru width" in verdicts["never in tuning"]
    assert "anbn lstm width" not in verdicts["never in tuning"]


def test_equal_needs_seeds_that_agree() -> None:
    far = {"gru width": 200, "lstm width": 200, "gru parameters": 200}
    verdicts = STUDY.rule(recorded(far, spread=1.0))
    assert further(verdicts, "width") | further(verdicts, "parameters") == {"open"}


def test_who_counts_to_nothing_counts_as_one() -> None:
    far = {"gru width": 0, "lstm width": 64, "gru parameters": 0}
    found = STUDY.rule(recorded(far))["counts further"]["anbn width"]
    assert found["better"] == "lstm"
    assert found["difference"] == pytest.approx(-6, abs=0.1)


def test_the_wider_gru_has_the_lstms_parameters() -> None:
    for language, (letters, _) in LANGUAGES.items():
        wide = parameters.width_of(language, "parameters")
        assert parameters.width_of(language, "width") == counting.WIDTH < wide
        lstm = count("lstm", letters + 1, counting.WIDTH).total
        assert count("gru", letters + 1, wide).total == pytest.approx(lstm, rel=0.05)


def test_the_choice_is_made_within_the_training() -> None:
    far = {"right": [30], "loss": [1.0], "diverged": False, "longest": 40}
    near = far | {"right": [31], "longest": 31}
    assert STUDY.halving.score({}, near) < STUDY.halving.score({}, far)
    tuning = {seed for rung in STUDY.halving.rungs for seed in rung.seeds}
    assert tuning.isdisjoint(parameters.SEEDS)
    assert len(STUDY.trials) == len(STUDY.groups) * 10 == 60


def test_a_trial_runs_from_its_own_settings() -> None:
    config = STUDY.groups[0] | {"seed": 0, "limit": 40, "rate": 0.01, "clip": 1.0}
    outcome = STUDY.run(config | {"start": "chrono"}, "cpu")
    assert len(outcome["loss"]) == len(outcome["right"]) == parameters.LOOKS
    assert outcome == STUDY.run(config | {"start": "chrono"}, "cpu")
    assert outcome["loss"] != STUDY.run(config | {"start": "default"}, "cpu")["loss"]
