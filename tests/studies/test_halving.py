"""Tuning by successive halving: who goes on, what is drawn again, and where the range grows."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.harness.halving import HalvedStudy, Halving, Rung
from studies.harness.study import Config, Outcome, Record, Records, key

RUNGS = (Rung(10, (1,)), Rung(20, (2,)), Rung(40, (3, 4)))
GROUPS = [{"cell": "gru"}, {"cell": "lstm"}]
Took = Callable[[Config], int | None]


def halving(**changes: Any) -> Halving:
    settings: dict[str, Any] = {
        "low": 1e-3,
        "high": 1e-1,
        "others": {"start": ("default", "chrono")},
        "draws": 12,
        "rungs": RUNGS,
        "more": 4,
        "extensions": 2,
        "score": lambda config, outcome: (outcome["took"] or config["limit"],),
        "solved": lambda outcome: outcome["took"] is not None,
    }
    return Halving(**(settings | changes))


def study(**changes: Any) -> HalvedStudy:
    return HalvedStudy(
        name="toy",
        question="?",
        groups=GROUPS,
        halving=halving(**changes),
        group=lambda config: config["cell"],
        trials=[group | {"seed": 0} for group in GROUPS],
        run=lambda config, device: {},
        rule=lambda records: {},
        settings="",
        tolerance={},
    )


def tuned(toy: HalvedStudy, took: Took) -> tuple[Records, list[int]]:
    """Run all that a study knows of until nothing is left; return the records, and each batch."""
    records: list[Record] = []
    batches = []
    while left := [one for one in toy.left(records) if "tuning" in one]:
        records += [Record(one, {"took": took(one)}, 1.0, "a") for one in left]
        batches.append(len(left))
    return records, batches


def within(config: Config) -> int | None:
    """Take the fewer updates the nearer a rate is to 0.01."""
    updates = 1 + round(9 * abs(math.log10(config["rate"] / 0.01)))
    return updates if updates < config["limit"] else None


def test_the_best_third_goes_on_and_the_best_of_all_is_chosen_for_each_group() -> None:
    toy = study()
    records, batches = tuned(toy, within)
    assert batches == [2 * 12, 2 * 4, 2 * 2 * 2]
    first = [one.config for one in records if one.config["tuning"] == 1]
    nearest = min(abs(math.log10(one["rate"] / 0.01)) for one in first)
    for group in GROUPS:
        chosen = toy.choose(records)[group["cell"]]
        assert chosen.keys() == {"rate", "start"}
        assert abs(math.log10(chosen["rate"] / 0.01)) == pytest.approx(nearest)
    assert toy.tuned(records) == [
        trial | toy.choose(records)[trial["cell"]] for trial in toy.trials
    ]


def test_both_groups_draw_the_same_settings() -> None:
    known = study().searched([])
    of = {
        group["cell"]: [{**one, "cell": ""} for one in known if one["cell"] == group["cell"]]
        for group in GROUPS
    }
    assert of["gru"] == of["lstm"]
    assert len({one["rate"] for one in of["gru"]}) == 12
    assert all(1e-3 <= one["rate"] <= 1e-1 for one in of["gru"])
    assert {one["start"] for one in of["gru"]} == {"default", "chrono"}


def test_where_nothing_solves_the_task_as_many_are_drawn_again_for_that_group_alone() -> None:
    toy = study()

    def took(config: Config) -> int | None:
        return within(config) if config["cell"] == "gru" else None

    records, batches = tuned(toy, took)
    assert batches == [24, 8, 8, 12, 4, 4]
    rates = [one.config["rate"] for one in records if one.config["tuning"] == 1]
    assert len(set(rates)) == 24, "the second lot is not the first one again"


@pytest.mark.parametrize(("best", "beyond"), [(1e-9, (3.1e-5, 1e-3)), (1e9, (1e-1, 3.2))])
def test_where_an_end_wins_the_range_grows_beyond_it_and_no_more_than_twice(
    best: float, beyond: tuple[float, float]
) -> None:
    toy = study(score=lambda config, outcome: (abs(math.log(config["rate"] / best)),))
    records, batches = tuned(toy, lambda config: 1)
    assert batches == [24, 8, 8, *(8, 4, 4) * 2]
    more = [one.config["rate"] for one in records[40:]]
    assert all(beyond[0] <= rate <= beyond[1] for rate in more)
    chosen = toy.choose(records)["gru"]["rate"]
    assert chosen == min(
        (one.config["rate"] for one in records), key=lambda r: abs(math.log(r / best))
    )


@given(st.randoms(use_true_random=False), st.integers(0, 60))
def test_what_is_known_depends_on_what_has_ended_and_not_on_the_order(
    draw: Any, count: int
) -> None:
    toy = study()
    records, _ = tuned(toy, within)
    some = list(records)[:count]
    draw.shuffle(some)
    known = toy.searched(some)
    assert known == toy.searched(list(records)[:count])
    assert len({*map(key, known)}) == len(known)
    # What was known stays: nothing that has run is given up.
    assert {key(one.config) for one in some} <= {*map(key, known)}


def test_a_group_has_no_settings_before_its_search_is_at_its_end() -> None:
    toy = study()
    records, _ = tuned(toy, within)
    last = [one for one in records if one.config["cell"] == "lstm"][-1]
    some = [one for one in records if one is not last]
    assert [*toy.choose(some)] == ["gru"]
    assert [trial["cell"] for trial in toy.tuned(some)] == ["gru"]


def test_of_settings_that_never_solve_the_task_the_second_number_decides() -> None:
    def score(config: Config, outcome: Outcome) -> tuple[float, ...]:
        return config["limit"], config["rate"]

    toy = study(score=score)
    records, _ = tuned(toy, lambda config: None)
    rates = [one.config["rate"] for one in records]
    assert toy.choose(records)["gru"]["rate"] == min(rates)
