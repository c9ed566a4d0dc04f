"""Study 1: which cell learns sooner, by how far back it has to remember.

The rule: for each task, each end (the two shortest and the two longest lengths) and each budget,
the difference of restricted mean steps to solve, GRU minus LSTM, with a 95% interval from resampled
seeds. "Better on short" (or long) holds for a cell in a budget if the interval excludes zero on its
side in two of the three tasks; otherwise it is a tie.

*decisive* asks the same with each cell tuned at each length. Where it has a verdict, that one
counts, and not this one, whose rates were chosen at one length from a few.
"""

import math
from operator import itemgetter

from gated.statistics import mean_difference
from gated.tasks import TASKS
from studies.harness.networks import width_in
from studies.harness.study import Config, Outcome, Records, Study, Verdicts, grid
from studies.harness.training import Recipe, solve
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
#: Seeds, lengths, starts, and cells in their budgets.
PARTS = (
    (10, LENGTHS, ("default",), ARMS[:3]),
    (5, LENGTHS, ("default",), ARMS[3:]),
    (10, STARTED_AT, STARTS, ARMS[:2]),
)


def _run(config: Config, device: str) -> Outcome:
    width = width_in(config["budget"], TASKS[config["task"]].input_size, WIDTH)
    return solve(config, device, width, RECIPE)


def _rule(records: Records) -> Verdicts:
    """Return, by end and budget, which cell is better and by how much; the module says how."""
    taken = gathered(records, "start task budget length", RECIPE.updates)
    verdicts: Verdicts = {}
    for budget in ("width", "parameters"):
        for end, lengths in (("short", SHORT), ("long", LONG)):
            differences = {
                task: mean_difference(
                    [taken[f"default {task} {budget} {length}"]["gru"] for length in lengths],
                    [taken[f"default {task} width {length}"]["lstm"] for length in lengths],
                    digits=1,
                )
                for task in TASKS
            }
            gru = sum(one["high"] < 0 for one in differences.values())
            lstm = sum(one["low"] > 0 for one in differences.values())
            better = "gru" if gru >= 2 else "lstm" if lstm >= 2 else "tie"
            verdicts[f"{end}, equal {budget}"] = {"better": better, "tasks": differences}
    return verdicts


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
    trials=[
        config | {"cell": cell, "budget": budget}
        for seeds, lengths, starts, arms in PARTS
        for config in grid(seed=range(seeds), task=TASKS, length=lengths, start=starts)
        for cell, budget in arms
    ],
    run=_run,
    rule=_rule,
    settings="lengths started_at starts rates tuned_at tuning_seeds width gru_widths recipe",
    computed=lambda: {
        "gru_widths": {
            name: width_in("parameters", task.input_size, WIDTH) for name, task in TASKS.items()
        }
    },
    # Runs on one and on two threads were equal in all digits. Another processor rounds otherwise.
    tolerance={"solved_at": math.inf, "diverged": 0},
)
