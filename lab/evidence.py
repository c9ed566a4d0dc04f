"""Writes what the explorer of recorded trials shows: medians, intervals, each seed of the studies.

Usage: python lab/evidence.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from matplotlib.ticker import LogLocator, MaxNLocator

from gated import evidence
from gated.statistics import ahead, difference, middle
from gated.tasks import TASKS
from studies.harness.study import trial_id

Trial = dict[str, Any]
Config = dict[str, Any]
#: Task, what is compared, place on the scale, cell.
Arm = tuple[str, str, str | int, str]

CELLS = ("gru", "lstm", "rnn", "mingru")


@dataclass(frozen=True)
class Axis:
    """Between which values something lies, and which of them have a line."""

    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False


@dataclass(frozen=True)
class Measure:
    """What a trial came to."""

    #: What the CSV calls it.
    column: str
    title: str
    unit: str
    #: Of an outcome; None where it never came to that.
    value: Callable[[dict[str, Any]], float | None]
    #: What the cell that is ahead did.
    verb: str
    lower_is_better: bool
    log: bool = False
    #: What those count as that have no value.
    limit: float | None = None
    #: Where values lie, if not between the least and the largest.
    low: float | None = None
    ticks: Sequence[float] = ()
    #: What differences are taken of.
    compared: Callable[[float], float] = float


@dataclass(frozen=True)
class Curve:
    """What is recorded along each trial."""

    title: str
    unit: str
    value: Callable[[dict[str, Any]], list[float | None]]
    xs: Callable[[int], list[int]]
    log: bool = False
    #: Its scale by task, if not between the least and the largest.
    axis: Callable[[str], Axis] | None = None


@dataclass(frozen=True)
class Explored:
    """How a study is shown; names in braces are filled in."""

    title: str
    #: The name of the setting that says what was learned, and what it is to be called.
    task: str
    task_title: str
    measures: Sequence[Measure]
    curve: Curve
    #: How a sentence about a task begins.
    head: str
    #: What is said of the learning rates.
    rates: str
    #: Of an outcome whether it is what was wanted, if anything was, and what that is.
    solved: Callable[[dict[str, Any]], bool] = lambda _: True
    wanted: str = ""
    #: Whether the trials that chose a rate are counted by that.
    is_tuned: bool = False
    #: The setting along the scale, if any; how one value is called; what one or several are in a
    #: sentence.
    place: str = ""
    place_title: str = ""
    at: str = "{}"
    over: tuple[str, str] = ("", "")
    #: What may be compared: which configurations belong to it.
    compared_title: str = ""
    compared: Callable[[], dict[str, Callable[[Config], bool]]] = lambda: {"": lambda _: True}
    tasks: Callable[[str], str] = str


def _budgets() -> dict[str, Callable[[Config], bool]]:
    """Return what the study length compares; an LSTM has one width in both budgets."""

    def of(budget: str, start: str) -> Callable[[Config], bool]:
        def is_in(config: Config) -> bool:
            own = "width" if config["cell"] == "lstm" else budget
            return bool(config["budget"] == own and config["start"] == start)

        return is_in

    return {
        "equal width": of("width", "default"),
        "equal parameters": of("parameters", "default"),
        "equal width and bias 1": of("width", "bias 1"),
        "equal width and chrono": of("width", "chrono"),
    }


def _is_solved(outcome: dict[str, Any]) -> bool:
    return outcome["solved_at"] is not None


def _looks(study: str) -> Callable[[int], list[int]]:
    every = evidence.settings(study)["look_every"]
    return lambda count: [every * (look + 1) for look in range(count)]


def _left(when: str) -> Measure:
    return Measure(
        f"gradient_{when}",
        f"What is left of a gradient, {when} training, as a power of ten",
        "",
        lambda outcome: outcome[when]["whole"][-1],
        f"let more of the gradient back {when} training",
        lower_is_better=False,
    )


def _lasting(when: str) -> Measure:
    return Measure(
        f"half_life_{when}",
        f"Half-life of what the gates keep, {when} training",
        "steps",
        lambda outcome: outcome[when]["half_life"],
        f"kept longer {when} training",
        lower_is_better=False,
        log=True,
        compared=math.log2,
    )


LIMIT = evidence.settings("length")["limit"]
SPANS = evidence.settings("gradients")["spans"]

STUDIES = {
    "length": Explored(
        title="Short or long: three tasks over 5 to 200 steps",
        task="task",
        task_title="Task",
        measures=[
            Measure(
                "solved_at",
                "Updates to solve the task",
                "updates",
                lambda outcome: outcome["solved_at"],
                "learned sooner",
                lower_is_better=True,
                log=True,
                limit=LIMIT,
                low=40,
                ticks=(50, 200, LIMIT),
            )
        ],
        curve=Curve(
            "error",
            "updates",
            lambda outcome: outcome["errors"],
            _looks("length"),
            log=True,
            axis=lambda task: Axis(0.001, 1, (1, TASKS[task].solved, 0.001), log=True),
        ),
        head="In {task} at {compared}",
        rates="Learning rates, and how many of the trials that chose them solved the task",
        solved=_is_solved,
        wanted="solved the task",
        is_tuned=True,
        place="length",
        place_title="by length",
        at="{} steps",
        over=("over {} steps", "over {} steps"),
        compared_title="Budget and initialization",
        compared=_budgets,
    ),
    "gradients": Explored(
        title="Gradients: what comes back over 50 steps",
        task="task",
        task_title="Task",
        measures=[_left("after"), _left("before"), _lasting("after"), _lasting("before")],
        curve=Curve(
            "gradient after training, as a power of ten, by how far it came back",
            "steps",
            lambda outcome: outcome["after"]["whole"],
            lambda _: SPANS,
        ),
        head="In {task}",
        rates="All have one learning rate",
        solved=_is_solved,
        wanted="solved the task",
        place="start",
        place_title="by initialization of the gates",
        at="initialization {}",
        over=("with the initialization {}", "with the initializations {}"),
    ),
    "counting": Explored(
        title="Counting: how far trained networks go",
        task="language",
        task_title="Strings",
        measures=[
            Measure(
                "longest",
                "Largest n up to which all strings were accepted",
                "",
                lambda outcome: outcome["longest"],
                "counted further",
                lower_is_better=False,
                log=True,
            )
        ],
        curve=Curve(
            "accepted strings of those trained on",
            "updates",
            lambda outcome: outcome["right"],
            _looks("counting"),
        ),
        head="On strings {task}",
        rates="Learning rates, chosen by the strings of the training alone",
        solved=lambda outcome: outcome["solved"],
        wanted="accepted all strings of its training",
        tasks=lambda language: "".join(f"{letter}ⁿ" for letter in language.replace("n", "")),
    ),
    "music": Explored(
        title="Music: the rows of a published table, run again",
        task="data",
        task_title="Pieces",
        measures=[
            Measure(
                "test",
                "Test loss in nats for each step",
                "nats",
                lambda outcome: outcome["test"],
                "had the lower loss",
                lower_is_better=True,
            )
        ],
        curve=Curve(
            "validation loss",
            "epochs",
            lambda outcome: outcome["curve"],
            lambda count: [*range(1, count + 1)],
        ),
        head="On {task}",
        rates="Learning rates, each the best of three on one seed",
    ),
}


def explored(name: str) -> dict[str, Any]:
    """Return the arms of a study with their seeds, and in each place who is ahead of whom."""
    shown = STUDIES[name]
    trials = [one for one in evidence.trials(name) if one["config"]["cell"] in CELLS]
    arms: dict[Arm, list[Trial]] = defaultdict(list)
    for trial in trials:
        config = trial["config"]
        for compared, is_in in shown.compared().items():
            if is_in(config):
                place = config[shown.place] if shown.place else ""
                arms[config[shown.task], compared, place, config["cell"]].append(trial)
    names = [*dict.fromkeys(arm[0] for arm in arms)]
    settings = list(trials[0]["config"])
    longest = max(len(shown.curve.value(trial["outcome"])) for trial in trials)
    return {
        "study": name,
        "studies": {name: study.title for name, study in STUDIES.items()},
        "taskTitle": shown.task_title,
        "tasks": {task: shown.tasks(task) for task in names},
        "comparedTitle": shown.compared_title,
        "compared": [*shown.compared()],
        "places": [*dict.fromkeys(arm[2] for arm in arms)],
        "placeTitle": shown.place_title,
        "at": shown.at if shown.place else "",
        "over": shown.over,
        "head": shown.head,
        "rates": shown.rates,
        "wanted": shown.wanted,
        "measures": [_measure(each, shown, trials, names) for each in shown.measures],
        "curve": {
            "title": shown.curve.title,
            "unit": shown.curve.unit,
            "xs": shown.curve.xs(longest),
            "axes": {task: _curve_axis(shown, trials, task) for task in names},
        },
        "settings": settings,
        "arms": [_arm(arm, several, shown, settings, name) for arm, several in arms.items()],
        "leads": [lead for each in shown.measures for lead in _leads(each, arms)],
    }


def _measure(
    measure: Measure, shown: Explored, trials: list[Trial], tasks: list[str]
) -> dict[str, Any]:
    def axis(task: str) -> dict[str, Any]:
        own = [one for one in trials if one["config"][shown.task] == task]
        found = _axis([value for one in own for value in [_value(measure, one)]], measure.log)
        low = found.low if measure.low is None else measure.low
        high = found.high if measure.limit is None else measure.limit
        return vars(Axis(low, high, measure.ticks or found.ticks, measure.log))

    return {
        "column": measure.column,
        "title": measure.title,
        "unit": measure.unit,
        "verb": measure.verb,
        "limit": measure.limit,
        "axes": {task: axis(task) for task in tasks},
    }


def _value(measure: Measure, trial: Trial) -> float:
    """Return what a trial counts as."""
    value = measure.value(trial["outcome"])
    if value is None:
        assert measure.limit is not None
        return measure.limit
    return value


def _axis(values: list[float], log: bool) -> Axis:
    """Return a scale on which these values have room, with three lines or a few more."""
    low, high = min(values), max(values)
    if log:
        low, high = low / 1.1, high * 1.1
        found = LogLocator(subs=(1,) if high / low > 100 else (1, 2, 5)).tick_values(low, high)
    else:
        low, high = low - (high - low) / 20, high + (high - low) / 20
        found = MaxNLocator(4).tick_values(low, high)
    ticks = [float(f"{tick:.6g}") for tick in found]
    return Axis(low, high, [tick for tick in ticks if low <= tick <= high], log)


def _curve_axis(shown: Explored, trials: list[Trial], task: str) -> dict[str, Any]:
    curve = shown.curve
    if curve.axis:
        return vars(curve.axis(task))
    own = [one for one in trials if one["config"][shown.task] == task]
    values = [value for one in own for value in curve.value(one["outcome"]) if value is not None]
    return vars(_axis(values, curve.log))


def _arm(
    arm: Arm, trials: list[Trial], shown: Explored, settings: list[str], study: str
) -> dict[str, Any]:
    """Return the seeds of an arm, by the first measure, and the median of each measure."""
    task, compared, place, cell = arm
    first = shown.measures[0]
    values = [[_value(measure, one) for one in trials] for measure in shown.measures]
    places = sorted(range(len(trials)), key=lambda place: _value(first, trials[place]))
    return {
        "task": task,
        "compared": compared,
        "place": place,
        "cell": cell,
        "middles": [middle(several) for several in values],
        "chosen": _chosen(shown, study, trials[0]["config"]),
        "seeds": [_seed(trials[place], shown, settings) for place in places],
    }


def _seed(trial: Trial, shown: Explored, settings: list[str]) -> dict[str, Any]:
    config, outcome = trial["config"], trial["outcome"]
    return {
        "trial": trial_id(config),
        "solved": shown.solved(outcome),
        "settings": [config[setting] for setting in settings],
        "values": [measure.value(outcome) for measure in shown.measures],
        "curve": [_short(value) for value in shown.curve.value(outcome)],
    }


def _short(value: float | None) -> float | None:
    """Return a value as a curve needs it: to three digits that count."""
    return None if value is None else float(f"{value:.3g}")


def _leads(measure: Measure, arms: dict[Arm, list[Trial]]) -> list[list[str | int]]:
    """Return which of two cells is better by a measure in the mean, or that it is a tie.

    Each is the measure, task, what is compared, place, one cell, the other, and who is ahead.
    """
    found: list[list[str | int]] = []
    for one, other in combinations(arms, 2):
        if one[:-1] == other[:-1]:
            values = [
                [measure.compared(_value(measure, trial)) for trial in arms[arm]]
                for arm in (one, other)
            ]
            apart = difference(values[0], values[1])
            better = ahead(apart, one[-1], other[-1], lower_is_better=measure.lower_is_better)
            found.append([measure.column, *one, other[-1], better])
    return found


def _chosen(shown: Explored, study: str, config: Config) -> tuple[int, int] | None:
    """Return how many of the trials that chose an arm's rate were good, and how many they were."""
    if not shown.is_tuned:
        return None
    group = {name: config[name] for name in (shown.task, "cell", "budget")}
    several = [
        shown.solved(one["outcome"])
        for one in _all(study)
        if "tuning" in one["config"] and group.items() <= one["config"].items()
    ]
    return sum(several), len(several)


@cache  # it takes time to read
def _all(study: str) -> list[Trial]:
    """Return the trials of a study, those that chose a rate included."""
    found: list[Trial] = evidence.read(study)["trials"]
    return found


if __name__ == "__main__":
    for name in STUDIES:
        text = json.dumps(explored(name), separators=(",", ":"), allow_nan=False)
        Path(sys.argv[1], f"{name}.js").write_text(
            f"lab.data['evidence/{name}']={text}\n", encoding="utf-8"
        )
