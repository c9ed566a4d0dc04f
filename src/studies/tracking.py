"""Study 7: where minGRU and attention part from GRU and LSTM.

Parity asks for a state that every input may turn over; associative recall, at three numbers of
pairs, for a table. The cells, and one causal Transformer block, have about as many parameters as an
LSTM of WIDTH units; the output layer does not count. (minGRU has no recurrent matrix. On parity's
two inputs it gets the most units that are allowed, and has a fifth of the LSTM's parameters.)
Trained as in study 1.

The rule: for each task and cell, how many seeds solve it, and the difference of the mean updates to
solve it to those of the GRU, unsolved trials at their limit, with a 95% interval. A cell is sooner
or later than the GRU where the interval leaves zero out. Parity is also tested, after training, on
sequences twice and four times as long.
"""

import math
from collections import defaultdict
from operator import itemgetter

import torch

from gated.statistics import ahead, difference
from gated.tasks.state import BITS, STATE_TASKS, Attention
from studies.harness.networks import CELLS, Model, build, nearest_width
from studies.harness.study import Config, Outcome, Records, Study, Verdicts, grid
from studies.harness.training import Recipe, fit
from studies.harness.verdicts import gathered

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


def width_of(cell: str, input_size: int) -> int:
    """Return the width at which a cell has nearest to as many parameters as an LSTM of WIDTH."""
    # The heads share the width evenly.
    widths = range(4, WIDEST + 1, Attention.HEADS if cell == "attention" else 1)
    return nearest_width(lambda cell, width: CELLS[cell](input_size, width), cell, WIDTH, widths)


def _run(config: Config, device: str) -> Outcome:
    task = STATE_TASKS[config["task"]]
    width = width_of(config["cell"], task.input_size)
    model = build(config, task.input_size, width, task.output_size, task.asked, device)
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


def _rule(records: Records) -> Verdicts:
    """Return, by task and size and cell, the seeds that solve it and the difference to the GRU."""
    verdicts: Verdicts = defaultdict(dict)
    for at, cells in gathered(records, "task length", RECIPE.updates).items():
        for cell, updates in cells.items():
            found = difference(updates, cells["gru"], digits=1)
            verdicts[at][cell] = found | {
                "seeds": len(updates),
                "solved": sum(one < RECIPE.limit for one in updates),
                "sooner": ahead(found, cell, "gru", lower_is_better=True),
            }
    return dict(verdicts)


STUDY = Study(
    name="tracking",
    question="Which cells can track a state, and which can look a value up?",
    tuning=[
        {"task": task, "length": length} | rest
        for task, length in TUNED_AT.items()
        for rest in grid(cell=SEEDS, rate=RATES, seed=TUNING_SEEDS, tuning=[1])
    ],
    group=itemgetter("task", "cell"),
    score=RECIPE.score,
    trials=[
        {"task": task, "length": length, "cell": cell, "seed": seed}
        for seed in range(max(SEEDS.values()))
        for task, lengths in LENGTHS.items()
        for length in lengths
        for cell, seeds in SEEDS.items()
        if seed < seeds
    ],
    run=_run,
    rule=_rule,
    settings="width widest widths seeds lengths tuned_at rates tuning_seeds longer tested recipe",
    computed=lambda: {
        "widths": {
            name: {cell: width_of(cell, task.input_size) for cell in SEEDS}
            for name, task in STATE_TASKS.items()
        }
    },
    tolerance={"solved_at": math.inf, "diverged": 0},
)
