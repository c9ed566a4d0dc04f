"""Study 1 once more, with the learning rate chosen at each length.

Study 1 chooses the rate once for each task, cell and budget, over 20 steps. There, from PyTorch's
start, the LSTM solved recall with the smallest rate only, and copying with none. What was chosen so
may be wrong at other lengths, the short ones above all. So here GRU and LSTM, at equal width and
from PyTorch's start, get a rate of their own at each of three lengths, again on seeds of its own.
All else is as in study 1.

The rule: for each task and length, the difference of restricted mean updates to solve it, GRU minus
LSTM, with a 95% interval from resampled seeds. Where it leaves zero out, that cell learns sooner.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from gated.studies.length import RATES, RECIPE, TUNING_SEEDS, WIDTH, trial
from gated.studies.statistics import ahead, difference
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.tasks import TASKS
from gated.studies.training import quickest, train, updates_to_solve

LENGTHS = (5, 10, 100)
CELLS = ("gru", "lstm")
SEEDS = range(10)


def _run(config: Config, device: str) -> Outcome:
    return train(config, WIDTH, RECIPE, device)


def _group(config: Config) -> str:
    return f"{config['task']} {config['cell']} {config['length']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    return quickest(records, _group, RECIPE)


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return by task and length which cell learns sooner; the module says how."""
    taken: dict[str, list[int]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            taken[_group(record.config)].append(updates_to_solve(record.outcome, RECIPE))
    verdicts: dict[str, Any] = {}
    for task in TASKS:
        for length in LENGTHS:
            gru, lstm = (taken[f"{task} {cell} {length}"] for cell in CELLS)
            apart = difference(gru, lstm, digits=1)
            sooner = ahead(apart, *CELLS, lower_is_better=True)
            verdicts[f"{task} {length}"] = {"sooner": sooner} | apart
    return verdicts


STUDY = Study(
    name="retuned",
    question="Does the GRU still learn sooner where each length has a learning rate of its own?",
    tuning=[
        trial(task, cell, "width", "default", length, seed) | {"rate": rate, "tuning": 1}
        for task in TASKS
        for cell in CELLS
        for length in LENGTHS
        for rate in RATES
        for seed in TUNING_SEEDS
    ],
    choose=_choose,
    group=_group,
    trials=[
        trial(task, cell, "width", "default", length, seed)
        for seed in SEEDS
        for task in TASKS
        for length in LENGTHS
        for cell in CELLS
    ],
    run=_run,
    rule=_rule,
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"solved_at": math.inf, "diverged": 0}),
)
