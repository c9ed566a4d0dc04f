"""The study of length with each cell at its best: what it chooses, and how it decides."""

from typing import Any

from studies import retuned
from studies.harness.study import Config, Record


def outcome_of(solved_at: int | None, error: float = 0.0) -> dict[str, Any]:
    return {"solved_at": solved_at, "error": error, "diverged": False, "loss": []}


def test_each_cell_gets_the_start_and_the_rate_that_were_quickest_at_each_length() -> None:
    best = {("gru", 5): ("default", 0.03), ("lstm", 5): ("bias 1", 0.003)}
    other = ("chrono", 0.001)

    def wanted(config: Config) -> tuple[str, float]:
        return best.get((str(config["cell"]), int(config["length"])), other)

    def took(config: Config) -> int:
        return 100 if (config["start"], config["rate"]) == wanted(config) else 900

    tuning = [Record(c, outcome_of(took(c)), 1, "") for c in retuned.STUDY.tuning]
    trials = retuned.STUDY.tuned(tuning)
    assert len(trials) == 120
    assert all((trial["start"], trial["rate"]) == wanted(trial) for trial in trials)


def test_where_nothing_solves_the_task_the_lowest_error_decides() -> None:
    def error(config: Config) -> float:
        return float(config["rate"]) + bool(config["start"] != "chrono")

    tuning = [Record(c, outcome_of(None, error(c)), 1, "") for c in retuned.STUDY.tuning]
    chosen = {(trial["start"], trial["rate"]) for trial in retuned.STUDY.tuned(tuning)}
    assert chosen == {("chrono", 0.001)}


def test_the_rule_decides_each_task_and_length_by_itself() -> None:
    took = {("gru", 5): 100, ("lstm", 5): 100, ("gru", 100): 200, ("lstm", 100): 100}
    records = [
        Record(config, outcome_of(took.get((str(config["cell"]), int(config["length"])))), 1, "")
        for config in retuned.STUDY.trials
    ]
    verdicts = retuned.STUDY.rule(records)
    assert len(verdicts) == 6
    assert [verdicts[f"recall {length}"]["sooner"] for length in (5, 100)] == ["tie", "lstm"]
