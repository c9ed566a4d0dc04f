"""Writes what the explorer of recorded trials shows: medians, intervals, and each seed of a study.

Usage: python lab/evidence.py FOLDER; the file is a script that fills in one name of `lab.data`.
"""

import json
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

from gated import evidence
from gated.statistics import ahead, difference, middle
from gated.tasks import TASKS
from studies.harness.study import trial_id

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
    limit = settings["limit"]
    arms: dict[Arm, list[Trial]] = defaultdict(list)
    for trial in evidence.trials(STUDY):
        for compared in COMPARED:
            if _is_in(trial["config"], *COMPARED[compared]):
                config = trial["config"]
                arms[config["task"], compared, config["length"], config["cell"]].append(trial)
    taken = {
        arm: [trial["outcome"]["solved_at"] or limit for trial in trials]
        for arm, trials in arms.items()
    }
    return {
        "study": STUDY,
        "limit": limit,
        "every": settings["look_every"],
        "lengths": settings["lengths"],
        "tasks": {name: task.solved for name, task in TASKS.items()},
        "compared": [*COMPARED],
        "arms": [_arm(arm, trials, taken[arm]) for arm, trials in arms.items()],
        "leads": _leads(taken),
        "tuning": _tuning(),
    }


def _is_in(config: dict[str, Any], budget: str, start: str) -> bool:
    """Tell whether a trial belongs to a budget; an LSTM has the same width in both."""
    budgets = ("width", "parameters") if config["cell"] == "lstm" else (config["budget"],)
    return budget in budgets and config["start"] == start


def _arm(arm: Arm, trials: list[Trial], taken: list[int]) -> dict[str, Any]:
    """Return the seeds of an arm, the quickest first, and the median of their updates."""
    task, compared, length, cell = arm
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
            solved[group].append(trial["outcome"]["solved_at"] is not None)
    return [[*group, sum(several), len(several)] for group, several in solved.items()]


if __name__ == "__main__":
    text = json.dumps(explored(), separators=(",", ":"), allow_nan=False)
    Path(sys.argv[1], f"{STUDY}.js").write_text(
        f"lab.data['evidence/{STUDY}']={text}\n", encoding="utf-8"
    )
