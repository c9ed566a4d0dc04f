"""How the time of a training step grows with length: minGRU beside GRU and LSTM.

minGRU is timed with all steps at once and one after the other. All take turns; recorded are medians
and quartiles.
"""

from functools import partial
from typing import Any

import torch
from torch import nn

import gated.fast
from gated.minimal import MinGRU
from studies.harness.measurement import Measurement
from studies.harness.timing import quartiles, take_turns, training_step

#: Inputs, and as many units.
WIDTH = 64
BATCHES = (1, 16)
STEPS = (32, 128, 512, 2048)
REPEATS = 11


def measure(batch: int, steps: int, repeats: int = REPEATS) -> dict[str, float]:
    """Return the quartiles of each layer's training step in milliseconds, after one each."""
    torch.manual_seed(0)
    x = torch.randn(steps, batch, WIDTH)
    layers = {
        "torch_gru": nn.GRU(WIDTH, WIDTH),
        "torch_lstm": nn.LSTM(WIDTH, WIDTH),
        "gru": gated.fast.GRU(WIDTH, WIDTH),
        "mingru": MinGRU(WIDTH, WIDTH),
        "mingru_loop": MinGRU(WIDTH, WIDTH, parallel=False),
    }
    turns = {name: partial(training_step, layer, x) for name, layer in layers.items()}
    return {
        f"{name}{part}_ms": round(value, 4)
        for name, taken in take_turns(turns, 0, repeats, repeats).items()
        for part, value in quartiles(taken).items()
    }


def measured() -> dict[str, Any]:
    """Measure every batch and length and return what is recorded."""
    return {
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "width": WIDTH,
        "batches": BATCHES,
        "steps": STEPS,
    } | {
        f"batch_{batch}": {f"steps_{steps}": measure(batch, steps) for steps in STEPS}
        for batch in BATCHES
    }


STUDY = Measurement(
    name="scan",
    question="How does the time of a training step grow with length, for a scan and for a loop?",
    measure=measured,
)
