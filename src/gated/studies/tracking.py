"""Study 7: where minGRU and attention part from GRU and LSTM.

Parity asks for a state that every input may turn over; associative recall, at three numbers of
pairs, for a table. GRU (ours), LSTM and plain RNN (PyTorch's), minGRU (ours, a step after the
other) and one causal Transformer block (PyTorch's), all of about as many parameters as an LSTM of
32 units; the output layer does not count. (minGRU has no recurrent matrix. On parity's two inputs
it gets the most units that are allowed, five times the LSTM's, and has a fifth of its parameters.)
GRU and LSTM have ten seeds, the others five. The learning rate is chosen once for each task and
cell, at the middle number of pairs, on seeds of its own. Trained as in study 1.

The rule: for each task and cell, how many seeds solve it, and the difference of the mean updates to
solve it to those of the GRU, unsolved trials at their limit, with a 95% interval. A cell is sooner
or later than the GRU where the interval leaves zero out. Parity is also tested, after training, on
sequences twice and four times as long.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from gated.parameters import count
from gated.statistics import ahead, difference
from gated.studies.study import Config, Outcome, Record, Study, Tolerance
from gated.studies.training import (
    CELLS,
    Model,
    Recipe,
    fit,
    nearest_width,
    quickest,
    updates_to_solve,
)
from gated.tasks.state import BITS, STATE_TASKS, Attention

RECIPE = Recipe()
WIDTH = 32  # of the LSTM
WIDEST = 5 * WIDTH
SEEDS = {"gru": 10, "lstm": 10, "rnn": 5, "mingru": 5, "attention": 5}
#: Bits of parity, pairs of the lookup.
LENGTHS = {"parity": (BITS,), "lookup": (2, 4, 8)}
TUNED_AT = {"parity": BITS, "lookup": 4}
RATES = (0.001, 0.003, 0.01)
TUNING_SEEDS = (100, 101)
LONGER = (2 * BITS, 4 * BITS)
TESTED = 500


def layer(cell: str, input_size: int, width: int) -> nn.Module:
    """Return a layer of this cell."""
    built: nn.Module = (Attention if cell == "attention" else CELLS[cell])(input_size, width)
    return built


def width_of(cell: str, input_size: int) -> int:
    """Return the width at which a cell has nearest to as many parameters as an LSTM of WIDTH."""
    wanted = count("lstm", input_size, WIDTH).total
    # The heads share the width evenly.
    widths = range(4, WIDEST + 1, Attention.HEADS if cell == "attention" else 1)
    return nearest_width(wanted, lambda width: layer(cell, input_size, width), widths)


def _run(config: Config, device: str) -> Outcome:
    task, cell = STATE_TASKS[str(config["task"])], str(config["cell"])
    width = width_of(cell, task.input_size)
    torch.manual_seed(int(config["seed"]))
    model = Model(layer(cell, task.input_size, width), width, task).to(device)
    outcome = fit(model, task, config, RECIPE, device)
    if config["task"] == "parity":
        outcome |= {f"error at {bits}": _error(model, bits, device) for bits in LONGER}
    return outcome


@torch.no_grad()
def _error(model: Model, bits: int, device: str) -> float:
    """Return the share of wrong answers after the last of so many bits."""
    parity = STATE_TASKS["parity"]
    x, odd = parity.batch(bits, TESTED, torch.Generator().manual_seed(8))
    model.asked = 1
    return round(parity.error(model(x.to(device)), odd[-1:].to(device)).item(), 6)


def _trial(task: str, cell: str, length: int, seed: int) -> Config:
    return {"task": task, "cell": cell, "length": length, "seed": seed}


def _group(config: Config) -> str:
    return f"{config['task']} {config['cell']}"


def _choose(records: Sequence[Record]) -> Mapping[str, Config]:
    return quickest(records, _group, RECIPE)


def _rule(records: Sequence[Record]) -> dict[str, Any]:
    """Return, by task and size and cell, the seeds that solve it and the difference to the GRU."""
    taken: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        if "tuning" not in record.config:
            name = f"{record.config['task']} {record.config['length']}"
            taken[name, str(record.config["cell"])].append(updates_to_solve(record.outcome, RECIPE))
    verdicts: dict[str, Any] = defaultdict(dict)
    for (name, cell), updates in taken.items():
        found = difference(updates, taken[name, "gru"], digits=1)
        verdicts[name][cell] = found | {
            "seeds": len(updates),
            "solved": sum(one < RECIPE.limit for one in updates),
            "sooner": "tie" if cell == "gru" else ahead(found, cell, "gru", lower_is_better=True),
        }
    return dict(verdicts)


STUDY = Study(
    name="tracking",
    question="Which cells can track a state, and which can look a value up?",
    tuning=[
        _trial(task, cell, length, seed) | {"rate": rate, "tuning": 1}
        for task, length in TUNED_AT.items()
        for cell in SEEDS
        for rate in RATES
        for seed in TUNING_SEEDS
    ],
    choose=_choose,
    group=_group,
    trials=[
        _trial(task, cell, length, seed)
        for seed in range(max(SEEDS.values()))
        for task, lengths in LENGTHS.items()
        for length in lengths
        for cell, seeds in SEEDS.items()
        if seed < seeds
    ],
    run=_run,
    rule=_rule,
    tolerance=Tolerance(early_loss=0.02, early=2, outcome={"solved_at": math.inf, "diverged": 0}),
)
