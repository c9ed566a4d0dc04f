"""Whether the drift of *decisive* is one of 32 units: on one task, other widths and two layers.

One task of *decisive*, adding, over 10, 30 and 100 steps, GRU and LSTM at equal width, in three
sizes: 16 units, 128 units, and two layers of 32. Adding is the task that both cells solved with
every seed up to 100 steps in study 1, so the limit hides least. All else is as in *decisive*: the
same search for each cell at each length, the same limit, the same endpoint; but 10 seeds. In two
layers the start is that of both, and the clipping is of their gradient as a whole.

The rule: for each size, *decisive*'s own on the records of that size. Its drift, in doublings of
the updates of the GRU over those of the LSTM for ten times the length, says that the LSTM gains,
the GRU, neither, or that it is open; Holm's correction by length is within a size. Over the sizes:
"the same" if all say the same and none is open, "opposite" if the LSTM gains in one and the GRU in
another, else "open".

What would change our mind about *decisive*: a drift on the other side of zero in one of the sizes,
where its own on adding leaves zero out. That a size is open says only that ten seeds were too few.
Left out, for the study is to take three core-hours: 300 and 1,000 steps, the other two tasks, equal
parameters, more than two layers.
"""

from dataclasses import replace
from operator import itemgetter
from typing import Any

from torch import Tensor, nn

from gated.tasks import TASKS
from studies import decisive
from studies.decisive import CELLS, LIMIT, NOTED_EVERY, RECIPE
from studies.harness.halving import HalvedStudy
from studies.harness.networks import Model, build
from studies.harness.search import largest_norm
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.training import fit

TASK = "adding"
LENGTHS = (10, 30, 100)
#: Units of a layer, and layers.
SIZES = {"16 units": (16, 1), "128 units": (128, 1), "two layers": (32, 2)}
SEEDS = tuple(range(10))
#: What is added to a trial's seed for the weights of its second layer.
SECOND = 10_000


class Stack(nn.Module):
    """Two layers, the second of which reads the states of the first."""

    def __init__(self, lower: nn.Module, upper: nn.Module) -> None:
        super().__init__()
        self.lower, self.upper = lower, upper

    def forward(self, x: Tensor) -> tuple[Tensor, Any]:
        """Return the states of the second layer, (time, batch, width), and what it returns too."""
        states, _ = self.lower(x)
        found: tuple[Tensor, Any] = self.upper(states)
        return found


def network(config: Config, device: str = "cpu") -> Model:
    """Return the network of a trial, each of its layers started as it says."""
    task, (width, layers) = TASKS[config["task"]], SIZES[config["size"]]
    reads = task.output_size, task.asked, device
    model = build(config, task.input_size, width, *reads)
    if layers == 2:
        second = build(config | {"seed": config["seed"] + SECOND}, width, width, *reads)
        model.layer = Stack(model.layer, second.layer)
    return model


def _run(config: Config, device: str) -> Outcome:
    recipe = replace(RECIPE, limit=config["limit"], clip=largest_norm(config))
    outcome = fit(network(config, device), TASKS[config["task"]], config, recipe, device)
    for name in ("loss", "errors"):
        outcome[name] = [round(one, 4) for one in outcome[name][::NOTED_EVERY]]
    return outcome


def _rule(records: Records) -> Verdicts:
    """Return what *decisive* makes of each size, and whether they agree; the module says how."""
    found = {}
    for size in SIZES:
        of_size = decisive.STUDY.rule([one for one in records if one.config["size"] == size])
        found[size] = {
            "drift": of_size["drift"][TASK],
            "by length": of_size["by length"],
            "no verdict": of_size["no verdict"],
        }
    gains = {one["drift"]["gains"] for one in found.values()}
    if {"gru", "lstm"} <= gains:
        sizes = "opposite"
    else:
        sizes = "the same" if len(gains) == 1 and gains != {"open"} else "open"
    return {"the sizes": sizes, "by size": found}


_GROUPS = [
    config | {"budget": "width"}
    for config in grid(size=SIZES, length=LENGTHS, task=[TASK], cell=CELLS)
]

STUDY = HalvedStudy(
    name="sizes",
    question="Do GRU and LSTM drift apart in the same way at other widths, and in two layers?",
    groups=_GROUPS,
    halving=decisive.STUDY.halving,
    group=itemgetter("size", "length", "cell"),
    trials=[one | {"seed": seed, "limit": LIMIT} for one in _GROUPS for seed in SEEDS],
    run=_run,
    rule=_rule,
    settings="recipe task lengths sizes seeds search noted_every margin level",
    computed=lambda: {
        name: decisive.STUDY.declared()[name] for name in ("search", "margin", "level")
    },
    tolerance=decisive.STUDY.tolerance,
    early=decisive.STUDY.early,
)
