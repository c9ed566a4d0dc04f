"""The loop in which all studies train, and in it the training on one task, until it is solved."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

import torch
from torch import Generator, Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam
from torch.optim.lr_scheduler import LRScheduler

from gated.tasks import TASKS, Task
from studies.harness.networks import build
from studies.harness.study import Config, Outcome


@dataclass
class Course:
    """How a training went."""

    #: The mean loss between looks.
    losses: list[float] = field(default_factory=list)
    updates: int = 0
    #: Whether the loss left the numbers, which ends a training.
    diverged: bool = False


def drawn_from(seed: int) -> Generator:
    """Return what draws a trial's data, apart from the weights, which the seed itself starts."""
    return Generator().manual_seed(1_000_003 * (seed + 1))


def train(
    model: nn.Module,
    adam: Adam,
    loss: Callable[[], Tensor],
    updates: int,
    look_every: int,
    *,
    look: Callable[[], bool | None] = lambda: None,
    schedule: LRScheduler | None = None,
    clip: float = 1.0,
    digits: int = 5,
) -> Course:
    """Train a model in place, on the loss of one batch after the other, and return how it went.

    Args:
        model: What is trained.
        adam: Its optimizer.
        loss: Draws the next batch and returns the model's loss on it.
        updates: How many there are, unless the training ends before.
        look_every: After so many updates the mean of their losses is noted.
        look: Is called then; returning True ends the training.
        schedule: Of the learning rate, update by update.
        clip: The largest norm of the gradient of all weights together.
        digits: To which the losses are noted.
    """
    course = Course()
    since_look: list[float] = []
    for course.updates in range(1, updates + 1):
        found = loss()
        since_look.append(found.item())
        if not math.isfinite(since_look[-1]):
            course.diverged = True
            break
        adam.zero_grad()
        found.backward()
        clip_grad_norm_(model.parameters(), clip)
        adam.step()
        if schedule:
            schedule.step()
        if course.updates % look_every == 0:
            course.losses.append(round(fmean(since_look), digits))
            since_look = []
            if look():
                break
    return course


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


def solve(config: Config, device: str, hidden_size: int, recipe: Recipe) -> Outcome:
    """Train from the configuration's seed and return what came of it.

    Returns:
        ``solved_at``, the updates after which the task was solved, or None where the limit came
        first; ``error``, the last one taken; ``diverged``, whether the loss left the numbers;
        ``updates``; ``loss``, the mean loss between looks, and ``errors``, the error at each.
    """
    task = TASKS[config["task"]]
    model = build(config, task.input_size, hidden_size, task.output_size, task.asked, device)
    return fit(model, task, config, recipe, device)


def fit(model: nn.Module, task: Task, config: Config, recipe: Recipe, device: str) -> Outcome:
    """Train a model in place, on data drawn from the configuration's seed; see ``solve``."""
    length, data = config["length"], drawn_from(config["seed"])
    held_out = torch.Generator().manual_seed(7)
    x_new, wanted_new = (part.to(device) for part in task.batch(length, recipe.held_out, held_out))
    errors: list[float] = []

    def loss() -> Tensor:
        x, wanted = (part.to(device) for part in task.batch(length, recipe.batch, data))
        return task.loss(model(x), wanted)

    @torch.no_grad()
    def look() -> bool:
        errors.append(round(task.error(model(x_new), wanted_new).item(), 6))
        return is_solved()

    def is_solved() -> bool:
        last = errors[-recipe.in_a_row :]
        return len(last) == recipe.in_a_row and max(last) <= task.solved

    course = train(
        model,
        Adam(model.parameters(), lr=config["rate"]),
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
