"""Short or long, once for all: GRU and LSTM from 10 to 1,000 steps, each tuned at each length.

Three tasks of memory at five lengths. At every length, and for each cell by itself, the learning
rate, the start of the gate that keeps and the clipping of gradients are chosen by successive
halving among the same draws; see ``harness.halving``. Then 20 fresh seeds are trained until the
task is solved, or for 4,000 updates. At 10, 100 and 1,000 steps a GRU with as many parameters as
the LSTM runs too.

The endpoint: how the cells' times to solve a task drift apart as sequences get longer, at equal
width. A regression of the censored times (log-normal, accelerated failure time) has a term for each
length, one for the cell, and one for the cell times log10(length): the drift. A training that did
not solve the task says only that it takes longer than the limit. Above zero the GRU falls behind:
with ten times the length, its updates over the LSTM's are multiplied by two to that power. The 95%
interval rests on errors that may differ from group to group (the sandwich).

The rule: in a task the LSTM gains with length if the interval lies above zero, the GRU if it lies
below; neither does if it lies within log2(5/4) of zero, so that ten times the length changes the
ratio by less than 5/4; else the task is open. "The GRU for short sequences, the LSTM for long ones"
holds if the LSTM gains in two of the three tasks, is reversed if the GRU does, and does not hold
where not even the open tasks could make two; else it is open. A length at which a cell never solved
the task in its tuning, not even among twice the draws, gives no verdict, and is left out of the
regression; and so is one at which no seed of either cell solves it.

Beside it, for each task, length and budget: the ratio of the updates (GRU to LSTM, geometric means)
with its 95% interval (Welch), and a verdict: "equal" if the ratio lies between 4/5 and 5/4 by two
one-sided tests, else the cell that is sooner by the log-rank test, by Holm's p below 0.05 over all
of them, else "open".

What would change our mind: an interval that leaves zero out on the other side in two tasks; a
wider search that makes a cell sooner at an end by more than 5/4; another width, two layers or real
data (each a study of its own, with this protocol) on which the sign of the drift is the opposite.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from operator import itemgetter
from typing import Any

import numpy as np
from scipy.stats import CensoredData, logrank, norm
from statsmodels.base.model import GenericLikelihoodModel
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW, ttost_ind

from gated.tasks import TASKS
from studies.harness.halving import HalvedStudy, Halving, Rung
from studies.harness.networks import width_in
from studies.harness.study import Config, Outcome, Records, Verdicts, grid
from studies.harness.training import Recipe, solve

LIMIT = 4000
RECIPE = Recipe(limit=LIMIT, look_every=10)
LENGTHS = (10, 30, 100, 300, 1000)
CELLS = ("gru", "lstm")
#: The lengths at which a GRU of as many parameters runs beside the LSTM.
EQUAL_PARAMETERS_AT = (10, 100, 1000)
WIDTH = 32
SEEDS = tuple(range(20))
#: Of the looks at a training, one in so many is noted.
NOTED_EVERY = 10
RUNGS = (Rung(1000, (1000,)), Rung(2000, (1001,)), Rung(4000, (1002, 1003)))
SEARCH: dict[str, Any] = {
    "low": 3e-4,
    "high": 0.3,
    "others": {
        "start": ("default", "bias 1", "bias 3", "chrono"),
        "clip": (0.25, 1.0, "none"),
    },
    "draws": 24,
    "more": 8,
    "extensions": 2,
}
#: As much sooner or later counts as equal.
MARGIN = 5 / 4
LEVEL = 0.05


def _run(config: Config, device: str) -> Outcome:
    clip = math.inf if config["clip"] == "none" else config["clip"]
    recipe = replace(RECIPE, limit=config["limit"], clip=clip)
    task = TASKS[config["task"]]
    outcome = solve(config, device, width_in(config["budget"], task.input_size, WIDTH), recipe)
    for name in ("loss", "errors"):
        outcome[name] = [round(one, 4) for one in outcome[name][::NOTED_EVERY]]
    return outcome


def _score(config: Config, outcome: Outcome) -> tuple[float, ...]:
    return replace(RECIPE, limit=config["limit"]).score(outcome)


def _solved(outcome: Outcome) -> bool:
    return outcome["solved_at"] is not None


def _groups() -> list[Config]:
    arms = [("gru", "width"), ("lstm", "width"), ("gru", "parameters")]
    return [
        config | {"cell": cell, "budget": budget}
        for config in grid(length=LENGTHS, task=TASKS)
        for cell, budget in arms
        if budget == "width" or config["length"] in EQUAL_PARAMETERS_AT
    ]


#: The arms that are compared, by budget.
_SIDES = {"width": ("gru width", "lstm width"), "parameters": ("gru parameters", "lstm width")}


def _rule(records: Records) -> Verdicts:
    """Return the endpoints and the verdict; the module says how."""
    times: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    solvable = set()
    for record in records:
        config = record.config
        at = config["task"], config["length"], f"{config['cell']} {config['budget']}"
        if "tuning" in config:
            solvable |= {at} if _solved(record.outcome) else set()
        else:
            times[at].append(RECIPE.updates(record.outcome))
    pairs = {
        (task, length, budget): [times[task, length, side] for side in sides]
        for task in TASKS
        for budget, sides in _SIDES.items()
        for length in LENGTHS
        if all((task, length, side) in solvable for side in sides)
    }
    drifts = {task: _drift(task, pairs) for task in TASKS}
    gains = [one["gains"] for one in drifts.values()]
    return {
        "the saying": _saying(gains),
        "drift": drifts,
        "by length": _by_length(pairs),
        "no verdict": [
            f"{task} {length} {side}"
            for task, length, side in times
            if (task, length, side) not in solvable
        ],
    }


def _saying(gains: Sequence[str]) -> str:
    if gains.count("lstm") >= 2:
        return "holds"
    if gains.count("gru") >= 2:
        return "reversed"
    return "does not hold" if gains.count("lstm") + gains.count("open") < 2 else "open"


class _CensoredTimes(GenericLikelihoodModel):  # type: ignore[misc]
    """Logarithms of times with normal errors; those at the limit are known to be longer only."""

    def nloglikeobs(self, params: Any) -> Any:
        """Return minus the log-likelihood of each."""
        *effects, log_sigma = params
        off = (self.endog - self.exog @ effects) / np.exp(log_sigma)
        known = self.endog < math.log2(LIMIT)
        return -np.where(known, norm.logpdf(off) - log_sigma, norm.logsf(off))


def _drift(task: str, pairs: Mapping[Any, list[list[int]]]) -> dict[str, Any]:
    """Return by how much the GRU falls behind with ten times the length, in doublings."""
    sides = {length: pairs.get((task, length, "width"), []) for length in LENGTHS}
    lengths = [at for at, both in sides.items() if any(min(side) < LIMIT for side in both)]
    if len(lengths) < 2:
        return {"gains": "open", "lengths": lengths}
    rows = [
        (math.log2(took), lengths.index(at), cell == "gru", math.log10(at))
        for at in lengths
        for cell, side in zip(CELLS, sides[at], strict=True)
        for took in side
    ]
    times, places, is_gru, tens = map(np.array, zip(*rows, strict=True))
    causes = np.column_stack([np.eye(len(lengths))[places], is_gru, is_gru * tens])
    start = [*np.linalg.lstsq(causes, times, rcond=None)[0], math.log(times.std())]
    fit = _CensoredTimes(times, causes, extra_params_names=["log sigma"]).fit(
        start, method="bfgs", maxiter=1000, disp=False
    )
    drift, error = fit.params[-2], math.sqrt(fit.covjhj[-2, -2])
    low, high = norm.interval(1 - LEVEL, drift, error)
    margin = math.log2(MARGIN)
    if low > 0 or high < 0:
        gains = "lstm" if low > 0 else "gru"
    else:
        gains = "neither" if -margin < low and high < margin else "open"
    found = {"drift": drift, "low": low, "high": high}
    return {"gains": gains, "lengths": lengths} | {n: round(float(x), 3) for n, x in found.items()}


def _by_length(pairs: Mapping[Any, list[list[int]]]) -> dict[str, Any]:
    """Return at each length how the cells compare, in geometric means of the updates."""
    tests = [logrank(*map(_censored, sides)).pvalue for sides in pairs.values()]
    corrected = multipletests(tests, LEVEL, "holm")[1] if tests else []
    found = {}
    for (at, sides), p in zip(pairs.items(), corrected, strict=True):
        gru, lstm = np.log2(sides)
        apart = CompareMeans(DescrStatsW(gru), DescrStatsW(lstm))
        low, high = apart.tconfint_diff(LEVEL, usevar="unequal")
        margin = math.log2(MARGIN)
        alike = ttost_ind(gru, lstm, -margin, margin, usevar="unequal")[0]
        sooner = "gru" if gru.mean() < lstm.mean() else "lstm"
        verdict = "equal" if alike < LEVEL else sooner if p < LEVEL else "open"
        ratio = {"ratio": gru.mean() - lstm.mean(), "low": low, "high": high}
        found[" ".join(map(str, at))] = {
            "sooner": verdict,
            **{name: round(float(2**value), 3) for name, value in ratio.items()},
            "p": float(f"{p:.2g}"),
            "equal, p": float(f"{alike:.2g}"),
            "solved": [sum(took < LIMIT for took in side) for side in sides],
        }
    return found


def _censored(side: Sequence[int]) -> CensoredData:
    """Return the updates of a side; a training that came to its limit took longer."""
    return CensoredData.right_censored(side, [took >= LIMIT for took in side])


STUDY = HalvedStudy(
    name="decisive",
    question="Does the LSTM gain on the GRU as sequences get longer, each tuned at each length?",
    groups=_groups(),
    halving=Halving(**SEARCH, rungs=RUNGS, score=_score, solved=_solved),
    group=itemgetter("task", "length", "cell", "budget"),
    trials=[one | {"seed": seed, "limit": LIMIT} for one in _groups() for seed in SEEDS],
    run=_run,
    rule=_rule,
    settings="recipe lengths equal_parameters_at width seeds search noted_every margin level",
    computed=lambda: {"search": SEARCH | {"rungs": [*map(asdict, RUNGS)]}},
    tolerance={"solved_at": math.inf, "diverged": 0},
    early=1,  # the second loss is noted after 100 updates, when other processors have drifted off
)
