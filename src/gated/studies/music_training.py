"""Training of one small network to foretell the next step of piano rolls, and what it came to."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from gated.studies.rolls import KEYS, Rolls, batches, guess, nll, parts
from gated.studies.study import Config, Outcome
from gated.studies.training import CELLS

#: Chung et al. 2014, Table 1.
UNITS = {"gru": 46, "lstm": 36, "rnn": 100}
#: At most so many.
EPOCHS = {"JSB Chorales": 60, "Nottingham": 30, "MuseData": 20, "Piano-midi": 30}
#: The training ends after so many epochs that brought nothing better.
PATIENCE = 5
BATCH = 16
#: Steps of a piece that are trained on at once.
PART = 100
CLIP = 1.0
#: Whole pieces are read so many steps at a time, those that have ended left out.
STRIDE = 256


class Model(nn.Module):
    """A recurrent layer, and a linear layer to the logits of the next step's keys."""

    def __init__(self, cell: str, start: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.layer: nn.Module = CELLS[cell](KEYS, UNITS[cell])
        self.read = nn.Linear(UNITS[cell], KEYS)
        with torch.no_grad():
            self.read.bias.copy_(start(self.read.bias))

    def forward(self, rolls: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Return logits for the steps after ``rolls``, (time, batch, KEYS), and the last state."""
        output, state = self.layer(rolls, state)
        return self.read(output), state


def loss(model: Model, batch: Sequence[Tensor]) -> Tensor:
    """Return the mean NLL over the asked steps of parts of several lengths, padded."""
    rolls = pad_sequence(list(batch))
    lengths = torch.tensor([len(part) for part in batch], device=rolls.device)
    asked = torch.arange(1, len(rolls), device=rolls.device)[:, None] < lengths
    return nll(model(rolls[:-1])[0], rolls[1:])[asked].mean()


@torch.no_grad()
def evaluate(model: Model, pieces: Sequence[Tensor]) -> tuple[float, float]:
    """Read whole pieces and return the mean NLL over all asked steps, and that over pieces."""
    longest_first = sorted(pieces, key=len, reverse=True)
    asked = torch.tensor([len(piece) - 1 for piece in longest_first])
    total = torch.zeros(len(pieces), dtype=torch.float64)
    state = None
    for start in range(0, int(asked[0]), STRIDE):
        alive = int((asked > start).sum())
        rolls = pad_sequence([p[start : start + STRIDE + 1] for p in longest_first[:alive]])
        logits, state = model(rolls[:-1], _first(state, alive))
        real = torch.arange(start, start + len(logits))[:, None] < asked[:alive]
        each = nll(logits, rolls[1:]).cpu() * real
        total[:alive] += each.sum(0, dtype=torch.float64)
    return float(total.sum() / asked.sum()), float((total / asked).mean())


def _first(state: Any, number: int) -> Any:
    """Return the state of the first ``number`` sequences."""
    if isinstance(state, tuple):
        return tuple(_first(part, number) for part in state)
    return None if state is None else state[:, :number].contiguous()


def train(config: Config, rolls: Rolls, device: str = "cpu") -> Outcome:
    """Train from the configuration's seed, and return what came of it.

    Returns:
        ``train``, ``valid``, ``test``, the mean NLL of each split with the weights of
        ``best_epoch``, 0 for those from the start; ``test_by_piece``, the test's mean over pieces;
        ``epochs`` trained; ``updates``; ``diverged``, whether the loss left the numbers; ``loss``,
        the mean of each epoch's batches; ``curve``, validation's NLL after each epoch.
    """
    torch.manual_seed(int(config["seed"]))
    model = Model(str(config["cell"]), guess("marginals", rolls.train)).to(device)
    drawn = torch.Generator().manual_seed(1_000_003 * (int(config["seed"]) + 1))
    adam = torch.optim.Adam(model.parameters(), lr=float(config["rate"]))
    cut, limit = parts(rolls.train, PART), EPOCHS[str(config["data"])]
    kept, best, best_epoch = copy.deepcopy(model), evaluate(model, rolls.valid)[0], 0
    losses: list[float] = []
    curve: list[float] = []
    updates, epoch, diverged = 0, 0, False
    while epoch < min(limit, best_epoch + PATIENCE) and not diverged:
        epoch += 1
        taken = [_update(model, adam, batch) for batch in batches(cut, BATCH, drawn)]
        updates += len(taken)
        valid = evaluate(model, rolls.valid)[0]
        diverged = not math.isfinite(sum(taken) + valid)
        if not diverged:
            losses.append(round(fmean(taken), 5))
            curve.append(round(valid, 5))
        if valid < best:
            kept, best, best_epoch = copy.deepcopy(model), valid, epoch
        else:
            adam.param_groups[0]["lr"] /= 2
    return _outcome(partial(evaluate, kept), rolls) | {
        "epochs": epoch,
        "best_epoch": best_epoch,
        "updates": updates,
        "diverged": diverged,
        "loss": losses,
        "curve": curve,
    }


def _update(model: Model, adam: torch.optim.Adam, batch: Sequence[Tensor]) -> float:
    """Take one step on a batch and return its loss before."""
    found = loss(model, batch)
    adam.zero_grad()
    found.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    adam.step()
    return found.item()


def guessed(kind: str, rolls: Rolls) -> Outcome:
    """Return what came of a guess, in the form of ``train``."""
    guessing = guess(kind, rolls.train)

    def means(pieces: Sequence[Tensor]) -> tuple[float, float]:
        each = [nll(guessing(piece[:-1]), piece[1:].double()) for piece in pieces]
        return float(torch.cat(each).mean()), fmean(float(one.mean()) for one in each)

    return _outcome(means, rolls) | {"epochs": 0, "best_epoch": 0, "updates": 0}


def _outcome(means: Callable[[Sequence[Tensor]], tuple[float, float]], rolls: Rolls) -> Outcome:
    test, by_piece = means(rolls.test)
    return {
        "train": round(means(rolls.train)[0], 5),
        "valid": round(means(rolls.valid)[0], 5),
        "test": round(test, 5),
        "test_by_piece": round(by_piece, 5),
        "diverged": False,
        "loss": [],
        "curve": [],
    }
