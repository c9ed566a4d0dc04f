"""Study 1 once more, each cell at its best: rate and start chosen at each length.

What study 1 chose over 20 steps, from PyTorch's start, may be wrong at other lengths, and the
question may be one of starts and not of cells: the LSTM solved recall in one of eight trials of the
tuning, and copying in none. So here GRU and LSTM, at equal width, get the best of four rates and of
three starts at a short and at a long length. All else is as in study 1.

The rule: for each task and length, the difference of restricted mean updates to solve it, GRU minus
LSTM, with a 95% interval from resampled seeds. Where it leaves zero out, that cell learns sooner.

*decisive* asks the same over wider draws and more lengths. Where it has a verdict, that one counts.
"""

from functools import partial
from operator import itemgetter

from gated.tasks import TASKS
from studies import length
from studies.harness.study import Study, grid
from studies.harness.training import solve
from studies.harness.verdicts import ruled
from studies.length import RATES, RECIPE, TUNING_SEEDS, WIDTH

LENGTHS = (5, 100)
CELLS = ("gru", "lstm")
STARTS = ("default", *length.STARTS)
SEEDS = tuple(range(10))


STUDY = Study(
    name="retuned",
    question="Which cell learns sooner where each has its best start and rate at each length?",
    tuning=grid(
        task=TASKS,
        cell=CELLS,
        length=LENGTHS,
        start=STARTS,
        rate=RATES,
        seed=TUNING_SEEDS,
        tuning=[1],
    ),
    group=itemgetter("task", "cell", "length"),
    score=RECIPE.score,
    chosen=("start", "rate"),
    trials=grid(seed=SEEDS, task=TASKS, length=LENGTHS, cell=CELLS),
    run=partial(solve, hidden_size=WIDTH, recipe=RECIPE),
    rule=partial(
        ruled, word="sooner", names="task length", value=RECIPE.updates, digits=1, lowest=True
    ),
    settings="cells lengths starts rates seeds tuning_seeds width recipe",
    tolerance=length.STUDY.tolerance,
)
