"""The small models whose gates can be read: their training, which writes the weights in gated.

A GRU, and an LSTM of about as many parameters, learn to name the next character of tinyshakespeare,
in the first nine tenths of it; the rest is for validation. The text is cut into rows that are read
side by side. The state goes on from one update to the next, and the gradient does not. Weights are
kept as float16, so that they are small, and what is recorded is measured with them so. Each cell is
recorded by itself, with how it was trained.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from gated.characters import CHARACTERS, HIDDEN_SIZES, WEIGHTS, CharacterModel, State
from gated.options import check_sizes
from studies.data import files, plays
from studies.harness.measurement import Measurement
from studies.harness.training import train

SEED: Final = 0
RECIPE: Final[Mapping[str, Any]] = {
    "optimizer": "Adam",
    "learning_rate": 0.004,
    "schedule": "cosine to zero",
    "clip": 1.0,
    "batch": 32,
    "steps": 64,
    "epochs": 24,
}


def trained(
    text: str,
    model: CharacterModel,
    recipe: Mapping[str, Any] = RECIPE,
    look: Callable[[], None] = lambda: None,
) -> CharacterModel:
    """Train a model on a text, in place, and look at it after every epoch.

    Raises:
        TypeError: what is no text.
        ValueError: a character that the model does not know, or a text too short for the batch.
    """
    rows = _rows(text, recipe["batch"])
    an_epoch = math.ceil((len(rows) - 1) / recipe["steps"])
    updates = recipe["epochs"] * an_epoch
    adam = torch.optim.Adam(model.parameters(), lr=recipe["learning_rate"])
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, updates)
    epochs = (_losses(model, rows, recipe["steps"]) for _ in range(recipe["epochs"]))
    loss = partial(next, chain.from_iterable(epochs))
    train(model, adam, loss, updates, an_epoch, look=look, schedule=falling, clip=recipe["clip"])
    return model


def bits_per_character(model: CharacterModel, text: str, rows: int = 64) -> float:
    """Return how many bits the model needs for a character of a text, on average.

    The text is cut into rows that are read side by side, each from a state of zero; what is left
    over at the end is not read.

    Raises:
        TypeError: what is no text.
        ValueError: a character that the model does not know, or a text too short for the rows.
    """
    check_sizes(rows=rows)
    read = _rows(text, rows)
    with torch.no_grad():
        total = sum(loss.item() for loss in _losses(model, read, 256, "sum"))
    return total / read[1:].numel() / math.log(2)


def measured(
    cell: str, text: str, weights: Path, recipe: Mapping[str, Any] = RECIPE
) -> dict[str, Any]:
    """Train the model of a cell on a text, write its weights, and return what is recorded."""
    cut = len(text) * 9 // 10
    learned, kept_back = text[:cut], text[cut:]
    torch.manual_seed(SEED)
    model = CharacterModel(cell=cell)

    def look() -> None:
        print(f"{bits_per_character(model, kept_back):.4f} bits", flush=True)

    trained(learned, model, recipe, look)
    rounded = {name: weight.half() for name, weight in model.state_dict().items()}
    model.load_state_dict(rounded)
    arrays: dict[str, Any] = {name: weight.numpy() for name, weight in rounded.items()}
    np.savez_compressed(weights, **arrays)
    return {
        "data": {"file": plays.FILE, **asdict(files.FILES[plays.FILE])},
        "training_characters": len(learned),
        "validation_characters": len(kept_back),
        "units": model.layer.hidden_size,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "weights_kb": round(weights.stat().st_size / 1000, 1),
        "weights_dtype": "float16",
        "recipe": dict(recipe),
        "seed": SEED,
        "training_bits": round(bits_per_character(model, learned), 4),
        "validation_bits": round(bits_per_character(model, kept_back), 4),
    }


def _rows(text: str, rows: int) -> Tensor:
    """Cut a text into rows of equal length: (time, rows)."""
    length = len(text) // rows
    if length < 2:
        raise ValueError(
            f"text must have at least {2 * rows} characters for {rows} rows, got {len(text)}"
        )
    return plays.places(text)[: rows * length].reshape(rows, length).T


def _losses(
    model: CharacterModel, rows: Tensor, steps: int, reduction: str = "mean"
) -> Iterator[Tensor]:
    """Yield the loss of some steps of the rows after the other, each from the state before it."""
    state: State | None = None
    for x, target in zip(rows[:-1].split(steps), rows[1:].split(steps), strict=True):
        logits, state = model(one_hot(x, len(CHARACTERS)).float(), state)
        if isinstance(state, Tensor):
            state = state.detach()
        else:
            h, c = state
            state = (h.detach(), c.detach())
        yield cross_entropy(logits.flatten(0, 1), target.flatten(), reduction=reduction)


STUDY = Measurement(
    name="characters",
    question="What do the small models of characters come to, whose gates can be read?",
    measure=lambda cell: measured(cell, plays.read(), WEIGHTS[cell]),
    threads=1,
    parts=tuple(HIDDEN_SIZES),
)
