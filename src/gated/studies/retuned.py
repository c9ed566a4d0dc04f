"""Study 1 once more, each cell at its best: rate and start chosen at each length.

Study 1 chooses the rate once for each task, cell and budget, over 20 steps, and compares the cells
from PyTorch's start. There the LSTM solved recall in one of eight trials of the tuning, and copying
in none. What was chosen so may be wrong at other lengths, the short ones above all, and the
question may be one of starts and not of cells. So here GRU and LSTM, at equal width, get the best
of four rates and of three starts at a short and at a long length, again on seeds of their own. All
else is as in study 1.

The rule: for each task and length, the difference of restricted mean updates to solve it, GRU minus
LSTM, with a 95% interval from resampled seeds. Where it leaves zero out, that cell learns sooner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from gated.statistics import ahead, difference
from gated.studies import length
from gated.studies.length import RATES, RECIPE, TUNING_SEEDS, WIDTH
from gated.studies.study import Config, Outcome, Record, Study
from gated.studies.training import quickest, train, updates_to_solve
from gated.tasks import TASKS

LENGTHS = (5, 100)
CELLS = ("gru", "lstm")
STARTS = ("default", *length.STARTS)
SEEDS = range(10)


def _trial(task: str, cell: str, steps: int, seed: int) -> Config:
    return {"task": task, "cell": cell, "length": steps, "seed": seed}


def _run(config: Config, device: str) -> Outcome:
    return train(config, WIDTH, RECIPE, device)


def _group(config: Config) -> str:
    return f"{config['task']} {config['cell']} {config['length']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    return quickest(records, _group, RECIPE, settings=("start", "rate"))


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return by task and length which cell learns sooner; the module says how."""
    taken: dict[str, list[int]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            taken[_group(record.config)].append(updates_to_solve(record.outcome, RECIPE))
    verdicts: dict[str, Any] = {}
    for task in TASKS:
        for steps in LENGTHS:
            gru, lstm = (taken[f"{task} {cell} {steps}"] for cell in CELLS)
            apart = difference(gru, lstm, digits=1)
            sooner = ahead(apart, *CELLS, lower_is_better=True)
            verdicts[f"{task} {steps}"] = {"sooner": sooner} | apart
    return verdicts


STUDY = Study(
    name="retuned",
    question="Which cell learns sooner where each has its best start and rate at each length?",
    tuning=[
        _trial(task, cell, steps, seed) | {"start": start, "rate": rate, "tuning": 1}
        for task in TASKS
        for cell in CELLS
        for steps in LENGTHS
        for start in STARTS
        for rate in RATES
        for seed in TUNING_SEEDS
    ],
    choose=_choose,
    group=_group,
    trials=[
        _trial(task, cell, steps, seed)
        for seed in SEEDS
        for task in TASKS
        for steps in LENGTHS
        for cell in CELLS
    ],
    run=_run,
    rule=_rule,
    tolerance=length.STUDY.tolerance,
)
