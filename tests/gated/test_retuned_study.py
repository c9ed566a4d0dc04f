"""The study of length with a rate for each length: what it chooses, and how it decides."""

from __future__ import annotations

from typing import Any

from gated.studies import retuned
from gated.studies.study import Record


def outcome_of(solved_at: int | None, error: float = 0.0) -> dict[str, Any]:
    return {"solved_at": solved_at, "error": error, "diverged": False, "loss": []}


def test_each_length_gets_the_rate_that_was_quickest_there() -> None:
    best = {5: 0.03, 10: 0.01, 100: 0.003}
    records = [
        Record(
            config, outcome_of(100 if config["rate"] == best[int(config["length"])] else 900), 1, ""
        )
        for config in retuned.STUDY.tuning
    ]
    trials = retuned.STUDY.tuned(records)
    assert len(trials) == 180
    assert all(trial["rate"] == best[int(trial["length"])] for trial in trials)


def test_where_no_rate_solves_the_task_the_lowest_error_decides() -> None:
    records = [
        Record(config, outcome_of(None, error=float(config["rate"])), 1, "")
        for config in retuned.STUDY.tuning
    ]
    assert {trial["rate"] for trial in retuned.STUDY.tuned(records)} == {0.001}


def test_the_rule_decides_each_task_and_length_by_itself() -> None:
    took = {("gru", 5): 100, ("lstm", 5): 100, ("gru", 10): 200, ("lstm", 10): 100}
    records = [
        Record(config, outcome_of(took.get((str(config["cell"]), int(config["length"])))), 1, "")
        for config in retuned.STUDY.trials
    ]
    verdicts = retuned.STUDY.rule(records)
    assert len(verdicts) == 9
    assert [verdicts[f"recall {length}"]["sooner"] for length in (5, 10, 100)] == [
        "tie",
        "lstm",
        "tie",
    ]
