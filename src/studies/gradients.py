"""Study 6: what of a gradient comes through, by how the gates start, before and after training.

The networks of study 1 at equal width, on its tasks, from its starts. All have one learning rate,
so that a start alone is changed. Before and after, new sequences are read, and of each step's
Jacobian and of their products up to the end are taken:

- the norm (the largest singular value) of each term, and of the whole, on average;
- the norm of the product over the last SPANS steps, of the whole and of its keep term alone; the
  geometric mean over sequences, as a power of ten;
- the half-life of what a unit keeps of a sequence, from the geometric mean of its gate over the
  steps after the first; the median over units and sequences, and the share of them above ten
  steps. (A mean over sequences would hide a unit that holds one sign and lets the others go.)

The rule: for each task, start and cell, how training changes the median half-life, in doublings;
and for each task and start, through which cell more of the gradient reaches back over all steps
after training, as the difference of the powers of ten. Each with a 95% interval from resampled
seeds, and a tie where that holds zero.
"""

import math
from typing import Any

import torch
from torch import Generator, Tensor

from gated.probes import geometric_mean, half_life, products_to_end, record_gates, step_jacobians
from gated.tasks import TASKS
from studies.harness.networks import build
from studies.harness.study import Config, Outcome, Records, Study, Verdicts, grid
from studies.harness.training import Recipe, fit
from studies.harness.verdicts import compared, gathered

RECIPE = Recipe(limit=1000)
WIDTH = 32
LENGTH = 50
RATE = 0.01
CELLS = ("gru", "lstm")
STARTS = ("default", "bias 1", "chrono")
SEEDS = tuple(range(10))
SEQUENCES = 16
SPANS = (1, 2, 5, 10, 20, 50)
#: Rounding can take a gate for zero or one. So many steps are as good as none, or as for ever.
SHORTEST, LONGEST = 1e-3, 1e6
#: Likewise for a product that rounding takes for zero.
LOWEST = -45.0


def _run(config: Config, device: str) -> Outcome:
    """Train from the configuration's seed, and look at the gradient before and after.

    Returns:
        ``before`` and ``after``, see ``looked_at``; and what ``training.solve`` returns.
    """
    task = TASKS[config["task"]]
    model = build(config, task.input_size, WIDTH, task.output_size, task.asked, device)
    x = task.batch(LENGTH, SEQUENCES, Generator().manual_seed(9))[0].to(device)
    before = looked_at(model.layer, x)
    outcome = fit(model, task, config, RECIPE, device)
    return {"before": before, "after": looked_at(model.layer, x)} | outcome


@torch.no_grad()
def looked_at(layer: Any, x: Tensor) -> dict[str, Any]:
    """Return what the module names, of a layer of one level and x (time, batch, input_size).

    Returns:
        ``terms`` and ``whole_step``, norms; ``whole`` and ``keep``, powers of ten for each of
        ``SPANS``; ``half_life``, steps; ``over_ten``, a share.
    """
    steps = step_jacobians(layer, x)
    terms = {"keep": steps.keep, "candidate": steps.candidate} | steps.gates
    gates = record_gates(layer, x)
    kept = gates.z if hasattr(gates, "z") else gates.f
    lasting = half_life(geometric_mean(kept[0, 1:].double(), 0)).clamp(SHORTEST, LONGEST)
    return {
        "terms": {name: _rounded(_norm(term).mean()) for name, term in terms.items()},
        "whole_step": _rounded(_norm(steps.whole).mean()),
        "whole": _reaching(steps.whole),
        "keep": _reaching(steps.keep),
        "half_life": _rounded(lasting.median()),
        "over_ten": _rounded((lasting > 10).double().mean()),
    }


def _norm(jacobians: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.matrix_norm(jacobians, ord=2)
    return norm


def _reaching(jacobians: Tensor) -> list[float]:
    """Return the product's mean power of ten for each of SPANS, of (1, time, batch, S, S)."""
    products = products_to_end(jacobians[0, -max(SPANS) :].double())
    powers = _norm(products).log10().clamp(min=LOWEST).mean(1)
    return [round(powers[-span].item(), 4) for span in SPANS]


def _rounded(value: Tensor) -> float:
    return float(f"{value.item():.5g}")


def _rule(records: Records) -> Verdicts:
    """Return the verdicts by task, start and cell; the module says how."""
    verdicts: Verdicts = {}
    for at, cells in gathered(records, "task start", lambda outcome: outcome).items():
        for cell, seeds in cells.items():
            doublings = {
                word: [math.log2(seed[when]["half_life"]) for seed in seeds]
                for word, when in (("lengthens", "after"), ("shortens", "before"))
            }
            verdicts[f"{at} {cell}"] = compared(
                "half-life", doublings, pair=("lengthens", "shortens")
            )
        reaches = {
            cell: [seed["after"]["whole"][-1] for seed in seeds] for cell, seeds in cells.items()
        }
        verdicts[at] = compared("more reaches back", reaches)
    return verdicts


STUDY = Study(
    name="gradients",
    question="What of a gradient comes through, by how the gates start?",
    trials=grid(seed=SEEDS, task=TASKS, start=STARTS, cell=CELLS, length=[LENGTH], rate=[RATE]),
    run=_run,
    rule=_rule,
    settings="cells starts seeds width length rate sequences spans shortest longest lowest recipe",
    # Runs on one and on two threads, and with another instruction set, were equal in all digits.
    tolerance={"solved_at": math.inf, "diverged": 0},
)
