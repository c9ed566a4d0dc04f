"""Training of one small network on one task, until it is solved or the limit is up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gated.initialization import chrono_, forget_bias_
from gated.tasks import TASKS, Task
from studies.harness.networks import CELLS, Model
from studies.harness.study import Config, Outcome
from studies.harness.training import drawn_from, train


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

    def updates(self, outcome: Outcome) -> int:
        """Return the updates that the task took, restricted: the limit where it was not solved."""
        return self.limit if outcome["solved_at"] is None else int(outcome["solved_at"])

    def score(self, outcome: Outcome) -> tuple[float, float]:
        """Return what is least for the best settings: the updates, and of equals the error."""
        error = outcome["error"]
        return self.updates(outcome), math.inf if error is None else error


def build(config: Config, hidden_size: int, task: Task) -> Model:
    """Return the model of a trial: the cell, with its gate started as ``config`` says."""
    layer = CELLS[config["cell"]](task.input_size, hidden_size)
    match config["start"]:
        case "bias 1":
            forget_bias_(layer, 1.0)
        case "chrono":
            chrono_(layer, max(3, config["length"]))
    return Model(layer, hidden_size, task.output_size, task.asked)


def solve(config: Config, hidden_size: int, recipe: Recipe, device: str = "cpu") -> Outcome:
    """Train from the configuration's seed and return what came of it.

    Returns:
        ``solved_at``, the updates after which the task was solved, or None where the limit came
        first; ``error``, the last one taken; ``diverged``, whether the loss left the numbers;
        ``updates``; ``loss``, the mean loss between looks, and ``errors``, the error at each.
    """
    task = TASKS[config["task"]]
    torch.manual_seed(config["seed"])
    return fit(build(config, hidden_size, task).to(device), task, config, recipe, device)


def fit(
    model: nn.Module, task: Task, config: Config, recipe: Recipe, device: str = "cpu"
) -> Outcome:
    """Train a model in place, on data drawn from the configuration's seed; see ``solve``."""
    length, data = config["length"], drawn_from(config["seed"])
    held_out = torch.Generator().manual_seed(7)
    x_new, wanted_new = (part.to(device) for part in task.batch(length, recipe.held_out, held_out))
    errors: list[float] = []

    def loss() -> Tensor:
        x, wanted = (part.to(device) for part in task.batch(length, recipe.batch, data))
        return task.loss(model(x), wanted)

    def is_solved() -> bool:
        last = errors[-recipe.in_a_row :]
        return len(last) == recipe.in_a_row and max(last) <= task.solved

    @torch.no_grad()
    def look() -> bool:
        errors.append(round(task.error(model(x_new), wanted_new).item(), 6))
        return is_solved()

    course = train(
        model,
        torch.optim.Adam(model.parameters(), lr=config["rate"]),
        loss,
        updates=recipe.limit,
        look_every=recipe.look_every,
        look=look,
        clip=recipe.clip,
        digits=6,
    )
    first_of_them = course.updates - (recipe.in_a_row - 1) * recipe.look_every
    return {
        "solved_at": first_of_them if is_solved() else None,
        "error": errors[-1] if errors else None,
        "diverged": course.diverged,
        "updates": course.updates,
        "loss": course.losses,
        "errors": errors,
    }
