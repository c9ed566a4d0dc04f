"""The lookup of study 7 once more, trained until it is solved: is the GRU or the LSTM better at it?

In *tracking* no recurrent cell solved the lookup within 3,000 updates, so its differences are those
of trainings that had hardly begun. Here GRU and LSTM, of as many parameters as there, get up to
LIMIT updates at 2 and at 4 pairs. (To see what it would take, a few trainings of one seed were run:
by 8,000 updates both cells had solved 2 pairs, and neither 4.) For each cell and number of pairs
rate, start and clipping are chosen by successive halving among the same draws; see
``harness.search``. Chrono reaches back three steps or four. Then 10 fresh seeds.

The endpoint: the share of wrong answers at the last look of a training, which ends when the task is
solved.

The rule: for each number of pairs the difference of the means, GRU minus LSTM, with its 95%
interval (Welch). The verdict is "equal" if it lies within 5 percentage points by two one-sided
tests, else the better cell by Holm's p below 0.05 over both, else "open". There is none where no
trial of either tuning solved the task. Beside it, how many seeds solve it.

What would change our mind about "neither keeps a table better": a cell that is better at both
numbers of pairs, or at one where the other is equal. Left out, for the study is to take less than a
core-hour: 8 pairs, equal width, attention, which solved this task in *tracking*.
"""

import math
from dataclasses import asdict, replace
from operator import itemgetter

from gated.tasks.state import STATE_TASKS
from studies.harness.equivalence import LEVEL, judged
from studies.harness.halving import HalvedStudy, Halving
from studies.harness.networks import build
from studies.harness.search import SEARCH, largest_norm, rungs
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.training import Recipe, fit
from studies.harness.verdicts import gathered
from studies.tracking import width_of

LIMIT = 20_000
RECIPE = Recipe(limit=LIMIT, look_every=20)
CELLS = ("gru", "lstm")
LENGTHS = (2, 4)
SEEDS = tuple(range(10))
#: Of the looks at a training, one in so many is noted.
NOTED_EVERY = 20
#: Differences of the share of wrong answers as small count as none.
MARGIN = 0.05

TASK = STATE_TASKS["lookup"]


def _run(config: Config, device: str) -> Outcome:
    recipe = replace(RECIPE, limit=config["limit"], clip=largest_norm(config))
    width = width_of(config["cell"], TASK.input_size)
    model = build(config, TASK.input_size, width, TASK.output_size, TASK.asked, device)
    outcome = fit(model, TASK, config, recipe, device)
    for name in ("loss", "errors"):
        outcome[name] = [round(one, 4) for one in outcome[name][::NOTED_EVERY]]
    return outcome


def _score(config: Config, outcome: Outcome) -> tuple[float, ...]:
    return replace(RECIPE, limit=config["limit"]).score(outcome)


def _solved(outcome: Outcome) -> bool:
    return outcome["solved_at"] is not None


def _rule(records: Records) -> Verdicts:
    """Return by number of pairs who looks up better; the module says how."""
    solvable = {
        str(one.config["length"])
        for one in records
        if "tuning" in one.config and _solved(one.outcome)
    }
    # A training that left the numbers before the first look answers nothing.
    wrong = gathered(records, "length", lambda one: 1.0 if one["error"] is None else one["error"])
    solved = gathered(records, "length", _solved)
    pairs = {at: sides for at, sides in wrong.items() if at in solvable}
    return {
        "looks up better": judged(pairs, dict.fromkeys(pairs, MARGIN), lower_is_better=True),
        "no verdict": [at for at in wrong if at not in solvable],
        "solved": {
            at: {cell: sum(each) for cell, each in cells.items()} for at, cells in solved.items()
        },
    }


_GROUPS = grid(task=["lookup"], length=LENGTHS, cell=CELLS)

STUDY = HalvedStudy(
    name="lookup",
    question="Which cell looks a value up better, trained until one of them solves the task?",
    groups=_GROUPS,
    halving=Halving(**SEARCH, rungs=rungs(LIMIT), score=_score, solved=_solved),
    group=itemgetter("length", "cell"),
    trials=[one | rest for one in _GROUPS for rest in grid(seed=SEEDS, limit=[LIMIT])],
    run=_run,
    rule=_rule,
    settings="recipe cells lengths widths seeds search noted_every margin level",
    computed=lambda: {
        "widths": {cell: width_of(cell, TASK.input_size) for cell in CELLS},
        "level": LEVEL,
        "search": SEARCH | {"rungs": [*map(asdict, rungs(LIMIT))]},
    },
    tolerance={"solved_at": math.inf, "diverged": 0},
    early=1,
)
