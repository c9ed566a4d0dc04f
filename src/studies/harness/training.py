"""The loop in which all studies train: Adam on the loss of one batch after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

from torch import Generator, Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam
from torch.optim.lr_scheduler import LRScheduler


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
    *,
    updates: int,
    look_every: int,
    look: Callable[[], bool | None] = lambda: None,
    schedule: LRScheduler | None = None,
    clip: float = 1.0,
    digits: int = 5,
) -> Course:
    """Train a model in place, and return how it went.

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
