"""The study of the other cells: they run as those of decisive do, and what is said of each."""

import pytest

from gated.tasks import TASKS
from studies import decisive, others
from studies.harness.study import Config, Record

STUDY = others.STUDY


def test_the_rule_says_how_many_solved_a_task_and_gives_no_verdict() -> None:
    def solved_at(config: Config) -> int | None:
        if config["cell"] == "rnn":
            return None
        return 100 * (config["seed"] + 1) if config["seed"] < 5 else None

    records = [Record(one, {"solved_at": solved_at(one)}, 1.0, "a") for one in STUDY.trials]
    records += [
        Record(one | {"tuning": 1}, {"solved_at": 10 if one["cell"] == "mingru" else None}, 1, "a")
        for one in STUDY.groups
    ]
    found = STUDY.rule(records)
    assert set(found) == {
        f"{task} {length} {cell}"
        for task in TASKS
        for length in (10, 30, 100)
        for cell in ("rnn", "mingru")
    }
    assert found["adding 10 mingru"] == {
        "solved": 5,
        "seeds": 8,
        "updates": 450,
        "solved in tuning": True,
    }
    assert found["recall 30 rnn"] == {
        "solved": 0,
        "seeds": 8,
        "updates": decisive.LIMIT,
        "solved in tuning": False,
    }


@pytest.mark.parametrize("cell", others.CELLS)
def test_a_trial_runs_as_in_decisive_and_an_rnn_has_no_start(cell: str) -> None:
    config = {"task": "adding", "length": 10, "cell": cell, "budget": "width", "seed": 0}
    config |= {"limit": 100, "rate": 0.01, "start": "bias 3", "clip": 1.0}
    default = STUDY.run(config | {"start": "default"}, "cpu")
    assert default == decisive.STUDY.run(config | {"start": "default"}, "cpu")
    assert (STUDY.run(config, "cpu") == default) == (cell == "rnn")


def test_the_tuning_is_that_of_decisive_and_its_seeds_are_no_others() -> None:
    assert STUDY.halving is decisive.STUDY.halving
    assert STUDY.group(STUDY.groups[0]) == decisive.STUDY.group(STUDY.groups[0])
    assert len({STUDY.group(one) for one in STUDY.groups}) == len(STUDY.groups) == 18
    assert len(STUDY.trials) == 18 * 8
    first, second = STUDY.declared(), decisive.STUDY.declared()
    same = ("batch", "limit", "look_every", "search", "width")
    assert {name: first[name] for name in same} == {name: second[name] for name in same}
