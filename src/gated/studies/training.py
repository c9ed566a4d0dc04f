"""Training of one small network on one task, until it is solved or the limit is up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

import torch
from torch import Tensor, nn

from gated.fast import GRU
from gated.initialization import chrono_, forget_bias_
from gated.minimal import MinGRU
from gated.studies.study import Config, Outcome, Record
from gated.tasks import TASKS, Task

#: Whichever is faster on a CPU: our GRU, which gives the values and gradients of PyTorch's, and
#: PyTorch's LSTM and plain RNN. At this width a step after the other is faster than minGRU's scan.
CELLS: dict[str, Any] = {
    "gru": GRU,
    "lstm": nn.LSTM,
    "rnn": nn.RNN,
    "mingru": partial(MinGRU, parallel=False),
}


@dataclass(frozen=True)
class Recipe:
    """How every trial of a study is trained, whatever the cell."""

    batch: int = 32
    limit: int = 3000
    #: Largest norm of the gradient of all weights together.
    clip: float = 1.0
    #: The error on new data is taken after every so many updates, over so many sequences.
    look_every: int = 50
    held_out: int = 256
    #: So many looks in a row below the task's bar end the training: it is solved.
    in_a_row: int = 2


class Model(nn.Module):
    """A recurrent layer and a linear layer that reads the steps that are asked."""

    def __init__(self, layer: nn.Module, hidden_size: int, task: Task) -> None:
        super().__init__()
        self.layer, self.asked = layer, task.asked
        self.read = nn.Linear(hidden_size, task.output_size)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the asked steps: (asked, batch, output_size)."""
        output: Tensor = self.read(self.layer(x)[0][-self.asked :])
        return output


def nearest_width(wanted: int, built: Callable[[int], nn.Module], widths: Iterable[int]) -> int:
    """Return the width at which what is ``built`` has nearest to as many parameters as wanted."""

    def off(width: int) -> int:
        with torch.device("meta"):  # counted without memory, and without drawing any weights
            parameters = built(width).parameters()
        return abs(sum(weight.numel() for weight in parameters) - wanted)

    return min(widths, key=off)


def build(config: Config, hidden_size: int, task: Task) -> Model:
    """Return the model of a trial: the cell, with its gate started as ``config`` says."""
    layer = CELLS[str(config["cell"])](task.input_size, hidden_size)
    match config["start"]:
        case "bias 1":
            forget_bias_(layer, 1.0)
        case "chrono":
            chrono_(layer, max(3, int(config["length"])))
    return Model(layer, hidden_size, task)


def train(config: Config, hidden_size: int, recipe: Recipe, device: str = "cpu") -> Outcome:
    """Train from the configuration's seed and return what came of it.

    Returns:
        ``solved_at``, the updates after which the task was solved, or None where the limit came
        first; ``error``, the last one taken; ``diverged``, whether the loss left the numbers;
        ``updates``; ``loss``, the mean loss between looks, and ``errors``, the error at each.
    """
    task = TASKS[str(config["task"])]
    torch.manual_seed(int(config["seed"]))
    return fit(build(config, hidden_size, task).to(device), task, config, recipe, device)


def fit(
    model: nn.Module, task: Task, config: Config, recipe: Recipe, device: str = "cpu"
) -> Outcome:
    """Train a model in place, on data drawn from the configuration's seed; see ``train``."""
    length = int(config["length"])
    data = torch.Generator().manual_seed(1_000_003 * (int(config["seed"]) + 1))
    held_out = torch.Generator().manual_seed(7)
    x_new, wanted_new = (part.to(device) for part in task.batch(length, recipe.held_out, held_out))
    adam = torch.optim.Adam(model.parameters(), lr=float(config["rate"]))
    losses: list[float] = []
    errors: list[float] = []
    since_look: list[float] = []
    good, update = 0, 0
    for update in range(1, recipe.limit + 1):
        x, wanted = (part.to(device) for part in task.batch(length, recipe.batch, data))
        loss = task.loss(model(x), wanted)
        since_look.append(loss.item())
        if not math.isfinite(since_look[-1]):
            break
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        adam.step()
        if update % recipe.look_every == 0:
            with torch.no_grad():
                errors.append(round(task.error(model(x_new), wanted_new).item(), 6))
            losses.append(round(sum(since_look) / len(since_look), 6))
            since_look = []
            good = good + 1 if errors[-1] <= task.solved else 0
            if good == recipe.in_a_row:
                break
    diverged = bool(since_look) and not math.isfinite(since_look[-1])
    solved = good == recipe.in_a_row
    return {
        "solved_at": update - (recipe.in_a_row - 1) * recipe.look_every if solved else None,
        "error": errors[-1] if errors else None,
        "diverged": diverged,
        "updates": update,
        "loss": losses,
        "errors": errors,
    }


def updates_to_solve(outcome: Outcome, recipe: Recipe) -> int:
    """Return the updates that the task took, restricted: the limit where it was not solved."""
    return recipe.limit if outcome["solved_at"] is None else int(outcome["solved_at"])


def quickest(
    records: Sequence[Record],
    group: Callable[[Config], str],
    recipe: Recipe,
    settings: Sequence[str] = ("rate",),
) -> dict[str, Config]:
    """Choose, for each group, the settings with the fewest mean updates.

    Of equals, those with the lower mean error.
    """
    scores: dict[str, dict[Any, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        error = record.outcome["error"]
        score = updates_to_solve(record.outcome, recipe), math.inf if error is None else error
        chosen = tuple(record.config[name] for name in settings)
        scores[group(record.config)][chosen].append(score)

    def mean(score: tuple[Any, list[tuple[int, float]]]) -> tuple[float, float]:
        return fmean(taken for taken, _ in score[1]), fmean(error for _, error in score[1])

    return {
        of: dict(zip(settings, min(found.items(), key=mean)[0], strict=True))
        for of, found in scores.items()
    }
