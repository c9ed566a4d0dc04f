"""Study 1: which cell learns sooner, by how far back it has to remember.

Three tasks at six lengths; GRU and LSTM at equal width and at equal parameters with ten seeds, a
plain RNN and minGRU at equal width with five; three ways to start the gates at two lengths. The
learning rate is chosen once for each task, cell and budget, at a middle length, on seeds of its
own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from gated.parameters import count
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.training import Recipe, quickest, train, updates_to_solve
from gated.tasks import TASKS

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
RESAMPLES = 10_000


def hidden_size(config: Config) -> int:
    """Return how many units a trial's layer has.

    At equal parameters a GRU has the width at which its count is nearest to that of an LSTM of
    WIDTH units. The output layer does not count.
    """
    if config["budget"] == "width":
        return WIDTH
    inputs = TASKS[str(config["task"])].input_size
    wanted = count("lstm", inputs, WIDTH).total
    return min(range(1, 2 * WIDTH), key=lambda n: abs(count("gru", inputs, n).total - wanted))


def trial(task: str, cell: str, budget: str, start: str, length: int, seed: int) -> Config:
    return {
        "task": task,
        "cell": cell,
        "budget": budget,
        "start": start,
        "length": length,
        "seed": seed,
    }


def _trials() -> list[Config]:
    main = [
        trial(task, cell, budget, "default", length, seed)
        for seed in range(10)
        for task in TASKS
        for length in LENGTHS
        for budget in ("width", "parameters")
        for cell in ("gru", "lstm")
        if (cell, budget) != ("lstm", "parameters")  # the LSTM's width is the same in both
    ]
    others = [
        trial(task, cell, "width", "default", length, seed)
        for seed in range(5)
        for task in TASKS
        for length in LENGTHS
        for cell in ("rnn", "mingru")
    ]
    starts = [
        trial(task, cell, "width", start, length, seed)
        for seed in range(10)
        for task in TASKS
        for length in STARTED_AT
        for start in STARTS
        for cell in ("gru", "lstm")
    ]
    return main + others + starts


def _tuning() -> list[Config]:
    groups = [("gru", "width"), ("lstm", "width"), ("gru", "parameters")]
    groups += [("rnn", "width"), ("mingru", "width")]
    return [
        trial(task, cell, budget, "default", TUNED_AT, seed) | {"rate": rate, "tuning": 1}
        for task in TASKS
        for cell, budget in groups
        for rate in RATES
        for seed in TUNING_SEEDS
    ]


def _group(config: Config) -> str:
    return f"{config['task']} {config['cell']} {config['budget']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    return quickest(records, _group, RECIPE)


def _run(config: Config, device: str) -> Outcome:
    return train(config, hidden_size(config), RECIPE, device)


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return the verdicts.

    For each task, each end (the two shortest and the two longest lengths) and each budget, the
    difference of restricted mean steps to solve, GRU minus LSTM, with a 95% interval from resampled
    seeds. "Better on short" (or long) holds for a cell in a budget if the interval excludes zero on
    its side in two of the three tasks; otherwise it is a tie.
    """
    taken: dict[tuple[str, str, str, int], list[int]] = defaultdict(list)
    for record in records:
        config = record.config
        if config["start"] == "default" and "tuning" not in config:
            cell = (str(config["task"]), str(config["cell"]), str(config["budget"]))
            taken[*cell, int(config["length"])].append(updates_to_solve(record.outcome, RECIPE))
    verdicts: dict[str, Any] = {}
    for budget in ("width", "parameters"):
        for end, lengths in (("short", SHORT), ("long", LONG)):
            differences = {
                task: _difference(
                    [taken[task, "gru", budget, length] for length in lengths],
                    [taken[task, "lstm", "width", length] for length in lengths],
                )
                for task in TASKS
            }
            gru = sum(one["high"] < 0 for one in differences.values())
            lstm = sum(one["low"] > 0 for one in differences.values())
            better = "gru" if gru >= 2 else "lstm" if lstm >= 2 else "tie"
            verdicts[f"{end}, equal {budget}"] = {"better": better, "tasks": differences}
    return verdicts


def _difference(gru: list[list[int]], lstm: list[list[int]]) -> dict[str, float]:
    """Return the mean over lengths of GRU minus LSTM, with its interval, seeds resampled."""
    draw = np.random.default_rng(0)

    def resampled(seeds: list[int]) -> np.ndarray[Any, np.dtype[np.float64]]:
        values = np.asarray(seeds, dtype=np.float64)
        chosen = draw.integers(len(values), size=(RESAMPLES, len(values)))
        means: np.ndarray[Any, np.dtype[np.float64]] = values[chosen].mean(axis=1)
        return means

    pairs = list(zip(gru, lstm, strict=True))
    spread = np.mean([resampled(one) - resampled(other) for one, other in pairs], axis=0)
    low, high = np.quantile(spread, [0.025, 0.975])
    middle = fmean(fmean(one) - fmean(other) for one, other in pairs)
    return {"difference": round(middle, 1), "low": round(low, 1), "high": round(high, 1)}


STUDY = Study(
    name="length",
    question="Does the GRU learn sooner on short sequences, and the LSTM on long ones?",
    tuning=_tuning(),
    choose=_choose,
    group=_group,
    trials=_trials(),
    run=_run,
    rule=_rule,
    # Runs on one and on two threads were equal in all digits. Another processor rounds otherwise.
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"solved_at": math.inf, "diverged": 0}),
)
