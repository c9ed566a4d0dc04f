"""How the time of a training step grows with length: minGRU beside GRU and LSTM.

minGRU is timed with all steps at once and one after the other. All take turns; recorded are medians
and quartiles.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn

import gated.fast
from gated.minimal import MinGRU
from studies.harness.measurement import Measurement
from studies.harness.steps import training_step
from studies.harness.timing import quartiles, take_turns

#: Inputs, and as many units.
WIDTH = 64
BATCHES = (1, 16)
STEPS = (32, 128, 512, 2048)
REPEATS = 11


def layers() -> dict[str, nn.Module]:
    """Make one layer of each kind."""
    return {
        "torch_gru": nn.GRU(WIDTH, WIDTH),
        "torch_lstm": nn.LSTM(WIDTH, WIDTH),
        "gru": gated.fast.GRU(WIDTH, WIDTH),
        "mingru": MinGRU(WIDTH, WIDTH),
        "mingru_loop": MinGRU(WIDTH, WIDTH, parallel=False),
    }


def measure(batch: int, steps: int, repeats: int = REPEATS) -> dict[str, float]:
    """Return the quartiles of each layer's training step in milliseconds, after one each."""
    torch.manual_seed(0)
    x = torch.randn(steps, batch, WIDTH)
    turns = {name: partial(training_step, layer, x) for name, layer in layers().items()}
    found: dict[str, float] = {}
    for name, taken in take_turns(turns, 0, repeats, repeats).items():
        names = (f"{name}_ms", f"{name}_low_ms", f"{name}_high_ms")
        found |= zip(names, quartiles(taken), strict=True)
    return {name: round(value, 4) for name, value in found.items()}


def measured() -> dict[str, Any]:
    """Measure every batch and length and return what is recorded."""
    found: dict[str, Any] = {
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "width": WIDTH,
        "batches": BATCHES,
        "steps": STEPS,
    }
    for batch in BATCHES:
        found[f"batch_{batch}"] = {f"steps_{steps}": measure(batch, steps) for steps in STEPS}
    return found


STUDY = Measurement(
    name="scan",
    question="How does the time of a training step grow with length, for a scan and for a loop?",
    measure=measured,
)
