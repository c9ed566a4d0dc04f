"""Study 1: which cell learns sooner, by how far back it has to remember.

The rule: for each task, each end (the two shortest and the two longest lengths) and each budget,
the difference of restricted mean steps to solve, GRU minus LSTM, with a 95% interval from resampled
seeds. "Better on short" (or long) holds for a cell in a budget if the interval excludes zero on its
side in two of the three tasks; otherwise it is a tie.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any

from gated.statistics import mean_difference
from gated.tasks import TASKS
from studies.harness.networks import gru_width
from studies.harness.solving import Recipe, solve
from studies.harness.study import Config, Outcome, Record, Study, Tolerance, constants, grid
from studies.harness.verdicts import gathered

#: Whoever has not solved a task by then is censored there, so that the study ends in a few hours.
RECIPE = Recipe(limit=2000)
LENGTHS = (5, 10, 20, 50, 100, 200)
#: The ends that the verdict is about.
SHORT, LONG = LENGTHS[:2], LENGTHS[-2:]
STARTED_AT = (20, 100)
STARTS = ("bias 1", "chrono")
RATES = (0.001, 0.003, 0.01, 0.03)
TUNED_AT = 20
TUNING_SEEDS = (100, 101)
WIDTH = 32
#: Cell and budget. An LSTM has the same width in both.
ARMS = (
    ("gru", "width"),
    ("lstm", "width"),
    ("gru", "parameters"),
    ("rnn", "width"),
    ("mingru", "width"),
)


def hidden_size(config: Config) -> int:
    """Return how many units a trial's layer has; the output layer does not count."""
    if config["budget"] == "width":
        return WIDTH
    return gru_width(TASKS[config["task"]].input_size, WIDTH)


def _trials() -> list[Config]:
    parts = (  # seeds, lengths, starts, and cells in their budgets
        (10, LENGTHS, ("default",), ARMS[:3]),
        (5, LENGTHS, ("default",), ARMS[3:]),
        (10, STARTED_AT, STARTS, ARMS[:2]),
    )
    return [
        config | {"cell": cell, "budget": budget}
        for seeds, lengths, starts, arms in parts
        for config in grid(seed=range(seeds), task=TASKS, length=lengths, start=starts)
        for cell, budget in arms
    ]


def _run(config: Config, device: str) -> Outcome:
    return solve(config, hidden_size(config), RECIPE, device)


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return, by end and budget, which cell is better and by how much; the module says how."""
    arm = itemgetter("start", "task", "cell", "budget", "length")
    taken = gathered(records, arm, RECIPE.updates)
    verdicts: dict[str, Any] = {}
    for budget in ("width", "parameters"):
        for end, lengths in (("short", SHORT), ("long", LONG)):
            differences = {
                task: mean_difference(
                    [taken["default", task, "gru", budget, length] for length in lengths],
                    [taken["default", task, "lstm", "width", length] for length in lengths],
                    digits=1,
                )
                for task in TASKS
            }
            gru = sum(one["high"] < 0 for one in differences.values())
            lstm = sum(one["low"] > 0 for one in differences.values())
            better = "gru" if gru >= 2 else "lstm" if lstm >= 2 else "tie"
            verdicts[f"{end}, equal {budget}"] = {"better": better, "tasks": differences}
    return verdicts


def _settings() -> dict[str, Any]:
    widths = {task: hidden_size({"task": task, "budget": "parameters"}) for task in TASKS}
    declared = constants(__name__, "lengths started_at starts rates tuned_at tuning_seeds width")
    return declared | {"gru_widths": widths} | asdict(RECIPE)


STUDY = Study(
    name="length",
    question="Does the GRU learn sooner on short sequences, and the LSTM on long ones?",
    tuning=[
        {"task": task, "cell": cell, "budget": budget, "start": "default"} | rest
        for task in TASKS
        for cell, budget in ARMS
        for rest in grid(length=[TUNED_AT], rate=RATES, seed=TUNING_SEEDS, tuning=[1])
    ],
    group=itemgetter("task", "cell", "budget"),
    score=RECIPE.score,
    trials=_trials(),
    run=_run,
    rule=_rule,
    settings=_settings,
    # Runs on one and on two threads were equal in all digits. Another processor rounds otherwise.
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"solved_at": math.inf, "diverged": 0}),
)
