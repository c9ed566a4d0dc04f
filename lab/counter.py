"""Writes what the counter on the home page knows: two units by hand, and a race of recorded trials.

Usage: python lab/counter.py FOLDER; the file is a script that fills in one name of `lab.data`.
"""

import json
import runpy
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from gated import evidence
from gated.statistics import ahead, middle
from gated.tasks import TASKS
from studies.length import LONG, RECIPE

ROOT = Path(__file__).parents[1]
STUDY, TASK = "length", "recall"
CELLS = ("gru", "lstm")

Trial = dict[str, Any]


def counted() -> dict[str, Any]:
    """Return the units that the home page sets by hand, and the curves of a task they race in."""
    with redirect_stdout(None):
        units = runpy.run_path(str(ROOT / "snippets" / "home" / "counting.py"))
    gru, lstm = (units[cell].double() for cell in CELLS)
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
    """Return both cells' trainings of recall with the default initialization.

    The rule: the study's verdict on long sequences at equal parameters has the GRU ahead in recall.
    Of its lengths it is the longest over which every GRU solved the task.
    """
    verdict = evidence.read(STUDY)["verdicts"]["long, equal parameters"]["tasks"][TASK]
    solved = [length for length in LONG if all(map(_is_solved, _trials("gru", length)))]
    if ahead(verdict, *CELLS, lower_is_better=True) != "gru" or not solved:
        sys.exit(f"docs/evidence/{STUDY}.json has no GRU ahead in {TASK}: Home shows that it is")
    return {
        "task": TASK,
        "length": max(solved),
        "limit": RECIPE.limit,
        "every": RECIPE.look_every,
        "trivial": TASKS[TASK].trivial,
        "cells": {cell: _side(cell, max(solved)) for cell in CELLS},
    }


def _side(cell: str, length: int) -> dict[str, Any]:
    """Return the seeds of a cell, the quickest first, how its rate was chosen, and its chrono."""
    trials = sorted(_trials(cell, length), key=_updates)
    config = trials[0]["config"]
    asked = {"task": TASK, "cell": cell, "budget": config["budget"]}.items()
    tuning = [
        one
        for one in evidence.read(STUDY)["trials"]
        if "tuning" in one["config"] and asked <= one["config"].items()
    ]
    return {
        "median": middle([*map(_updates, trials)])[0],
        "seeds": [
            {
                "rate": one["config"]["rate"],
                "solved_at": one["outcome"]["solved_at"],
                "errors": [_short(error) for error in one["outcome"]["errors"]],
            }
            for one in trials
        ],
        "tuned": _tally(tuning),
        "chrono": _tally(_trials(cell, length, "width", "chrono")),
    }


def _trials(
    cell: str, length: int, budget: str = "parameters", start: str = "default"
) -> list[Trial]:
    """Return trials of the task; an LSTM has the same width in both budgets."""
    own = "width" if cell == "lstm" else budget
    asked = {"task": TASK, "cell": cell, "length": length, "budget": own, "start": start}.items()
    return [one for one in evidence.trials(STUDY) if asked <= one["config"].items()]


def _updates(trial: Trial) -> int:
    return RECIPE.updates(trial["outcome"])


def _is_solved(trial: Trial) -> bool:
    return trial["outcome"]["solved_at"] is not None


def _tally(trials: Iterable[Trial]) -> tuple[int, int]:
    solved = [*map(_is_solved, trials)]
    return sum(solved), len(solved)


def _short(error: float | None) -> float | None:
    """Return an error as a curve needs it: to two digits that count."""
    return None if error is None else float(f"{error:.2g}")


if __name__ == "__main__":
    text = json.dumps(counted(), separators=(",", ":"), allow_nan=False)
    Path(sys.argv[1], "counter.js").write_text(f"lab.data['home/counter']={text}\n", "utf-8")
