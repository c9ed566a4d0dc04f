"""Synthetic tasks of memory, at any length: what is read, what is wanted, when it is solved.

Each draws its data from the generator that it is given, so that equal seeds give equal data.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy, mse_loss, one_hot

SIGNS = 4  # to be recalled
NOISE = 4
SYMBOLS = 4  # to be copied
COPIED = 3


def symbol_loss(output: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits, (steps, sequences, symbols), at what is wanted."""
    return cross_entropy(output.flatten(0, 1), wanted.flatten())


def share_wrong(output: Tensor, wanted: Tensor) -> Tensor:
    """Return the share of the symbols, (steps, sequences), that are not the likeliest ones."""
    return (output.argmax(-1) != wanted).float().mean()


@dataclass(frozen=True)
class Task:
    """A task over ``length`` steps.

    Attributes:
        input_size: Numbers at each step.
        output_size: Numbers wanted at each step that is asked.
        asked: How many of the last steps are asked.
        batch: (length, sequences, generator) to input (time, batch, input_size) and what is wanted.
        trivial: The error of a model that remembers nothing.
        solved: The error at and below which the task counts as solved.
        loss: (output of the asked steps, wanted) to the mean loss.
        error: (output of the asked steps, wanted) to the measure of the task; lower is better.
    """

    input_size: int
    output_size: int
    asked: int
    batch: Callable[[int, int, Generator], tuple[Tensor, Tensor]]
    trivial: float
    solved: float = 0.01
    loss: Callable[[Tensor, Tensor], Tensor] = symbol_loss
    error: Callable[[Tensor, Tensor], Tensor] = share_wrong


def _recall(length: int, sequences: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Name, after the last step, the sign that stood at the first; noise stands between."""
    signs = torch.randint(SIGNS, SIGNS + NOISE, (length, sequences), generator=generator)
    signs[0] = torch.randint(SIGNS, (sequences,), generator=generator)
    return one_hot(signs, SIGNS + NOISE).float(), signs[:1]


def _adding(length: int, sequences: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Add the two marked numbers, one in each half (Hochreiter and Schmidhuber 1997, changed)."""
    numbers = torch.rand(length, sequences, generator=generator)
    marks = torch.zeros(length, sequences)
    half = length // 2
    first = torch.randint(half, (sequences,), generator=generator)
    second = torch.randint(half, length, (sequences,), generator=generator)
    every = torch.arange(sequences)
    marks[first, every] = marks[second, every] = 1.0
    return torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(0).view(1, sequences, 1)


def _copying(length: int, sequences: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Repeat three symbols after ``length`` blanks, once a cue comes."""
    symbols = torch.randint(SYMBOLS, (COPIED, sequences), generator=generator)
    blank, cue = SYMBOLS, SYMBOLS + 1
    read = torch.full((2 * COPIED + length, sequences), blank)
    read[:COPIED] = symbols
    read[COPIED + length - 1] = cue
    return one_hot(read, SYMBOLS + 2).float(), symbols


TASKS = {
    "recall": Task(
        input_size=SIGNS + NOISE,
        output_size=SIGNS,
        asked=1,
        batch=_recall,
        trivial=1 - 1 / SIGNS,
    ),
    "adding": Task(
        input_size=2,
        output_size=1,
        asked=1,
        batch=_adding,
        trivial=1 / 6,
        loss=mse_loss,
        error=mse_loss,
    ),
    "copying": Task(
        input_size=SYMBOLS + 2,
        output_size=SYMBOLS,
        asked=COPIED,
        batch=_copying,
        trivial=1 - 1 / SYMBOLS,
    ),
}
