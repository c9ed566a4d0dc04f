"""Writes what widgets show of the recorded trials of a study: medians, intervals, and each seed.

Usage: python lab/evidence.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import json
import runpy
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import redirect_stdout
from itertools import combinations
from pathlib import Path
from typing import Any

from gated import evidence
from gated.statistics import ahead, difference, middle
from gated.tasks import TASKS
from studies.harness.study import trial_id
from studies.length import LONG, RECIPE

ROOT = Path(__file__).parents[1]
STUDY = "length"

#: What may be compared: a budget, and how the gates start.
COMPARED = {
    "equal width": ("width", "default"),
    "equal parameters": ("parameters", "default"),
    "equal width and bias 1": ("width", "bias 1"),
    "equal width and chrono": ("width", "chrono"),
}

#: Task, what is compared, length, cell.
Arm = tuple[str, str, int, str]
Trial = dict[str, Any]


def explored() -> dict[str, Any]:
    """Return the arms of the study with their seeds, and in each place who is ahead of whom."""
    settings = evidence.settings(STUDY)
    arms = _arms()
    taken = {arm: _taken(trials) for arm, trials in arms.items()}
    return {
        "study": STUDY,
        "limit": settings["limit"],
        "every": settings["look_every"],
        "lengths": settings["lengths"],
        "tasks": {name: task.solved for name, task in TASKS.items()},
        "compared": [*COMPARED],
        "arms": [_arm(arm, trials) for arm, trials in arms.items()],
        "leads": _leads(taken),
        "tuning": _tuning(),
    }


def counted() -> dict[str, Any]:
    """Return the units that the home page sets by hand, and the curves of a task the GRU wins."""
    with redirect_stdout(None):
        units = runpy.run_path(str(ROOT / "snippets" / "home" / "counting.py"))
    gru, lstm = (units[cell].double() for cell in ("gru", "lstm"))
    write, keep, _, _ = lstm.bias_ih.sigmoid().tolist()
    return {
        "keep": {"gru": round(gru.bias_ih[1].sigmoid().item(), 2), "lstm": round(keep, 2)},
        "write": write,
        "candidate": {
            "gru": gru.weight_ih[2].tanh().item(),
            "lstm": lstm.weight_ih[2].tanh().item(),
        },
        "race": raced(),
    }


def raced() -> dict[str, Any]:
    """Return both cells' trainings of recall from the default start.

    The rule: the study's verdict on long sequences at equal parameters has the GRU ahead in recall.
    Of its lengths it is the longest over which every GRU solved the task.
    """
    task, compared, end = "recall", "equal parameters", "long"
    verdict = evidence.read(STUDY)["verdicts"][f"{end}, {compared}"]["tasks"][task]
    arms = _arms()
    solved = [
        length for length in LONG if all(map(_is_solved, arms[task, compared, length, "gru"]))
    ]
    if ahead(verdict, "gru", "lstm", lower_is_better=True) != "gru" or not solved:
        sys.exit(f"docs/evidence/{STUDY}.json has no GRU ahead in {task}: Home shows that it is")
    length = max(solved)
    tuned = {(task, cell, budget): counts for task, cell, budget, *counts in _tuning()}
    cells = {}
    for cell in ("gru", "lstm"):
        trials = arms[task, compared, length, cell]
        started = arms[task, "equal width and chrono", length, cell]
        cells[cell] = _arm((task, compared, length, cell), trials) | {
            "tuned": tuned[task, cell, trials[0]["config"]["budget"]],
            "chrono": [sum(map(_is_solved, started)), len(started)],
        }
    return {
        "task": task,
        "length": length,
        "limit": RECIPE.limit,
        "every": RECIPE.look_every,
        "trivial": TASKS[task].trivial,
        "cells": cells,
    }


def _arms() -> dict[Arm, list[Trial]]:
    arms: dict[Arm, list[Trial]] = defaultdict(list)
    for trial in evidence.trials(STUDY):
        for compared in COMPARED:
            if _is_in(trial["config"], *COMPARED[compared]):
                config = trial["config"]
                arms[config["task"], compared, config["length"], config["cell"]].append(trial)
    return arms


def _is_solved(trial: Trial) -> bool:
    return trial["outcome"]["solved_at"] is not None


def _taken(trials: list[Trial]) -> list[int]:
    """Return the updates of trainings; those that did not solve the task count as the limit."""
    return [RECIPE.updates(trial["outcome"]) for trial in trials]


def _is_in(config: dict[str, Any], budget: str, start: str) -> bool:
    """Tell whether a trial belongs to a budget; an LSTM has the same width in both."""
    budgets = ("width", "parameters") if config["cell"] == "lstm" else (config["budget"],)
    return budget in budgets and config["start"] == start


def _arm(arm: Arm, trials: list[Trial]) -> dict[str, Any]:
    """Return the seeds of an arm, the quickest first, and the median of their updates."""
    task, compared, length, cell = arm
    taken = _taken(trials)
    places = sorted(range(len(trials)), key=lambda place: taken[place])
    median, low, high = middle(taken)
    return {
        "task": task,
        "compared": compared,
        "length": length,
        "cell": cell,
        "median": median,
        "low": low,
        "high": high,
        "seeds": [_seed(trials[place]) for place in places],
    }


def _seed(trial: Trial) -> dict[str, Any]:
    config, outcome = trial["config"], trial["outcome"]
    kept = {name: config[name] for name in ("budget", "start", "seed", "rate")}
    errors = [_short(error) for error in outcome["errors"]]
    return {"trial": trial_id(config), **kept, "solved_at": outcome["solved_at"], "errors": errors}


def _short(error: float | None) -> float | None:
    """Return an error as a curve needs it: to two digits that count."""
    return None if error is None else float(f"{error:.2g}")


def _leads(taken: dict[Arm, list[int]]) -> list[list[str | int]]:
    """Return which of two cells needs fewer updates in the mean, or that it is a tie.

    Each is task, what is compared, length, one cell, the other, and the one that is ahead.
    """
    found: list[list[str | int]] = []
    for one, other in combinations(taken, 2):
        if one[:-1] == other[:-1]:
            apart = difference(taken[one], taken[other])
            better = ahead(apart, one[-1], other[-1], lower_is_better=True)
            found.append([*one, other[-1], better])
    return found


def _tuning() -> list[list[str | int]]:
    """Return by task, cell and budget how many trials chose a rate, and how many solved it."""
    solved: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for trial in evidence.read(STUDY)["trials"]:
        config = trial["config"]
        if "tuning" in config:
            group = (config["task"], config["cell"], config["budget"])
            solved[group].append(_is_solved(trial))
    return [[*group, sum(several), len(several)] for group, several in solved.items()]


#: What makes each file, by its name.
FILES: dict[str, Callable[[], dict[str, Any]]] = {"counting": counted, STUDY: explored}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"), allow_nan=False)
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data['evidence/{name}']={text}\n", "utf-8")
