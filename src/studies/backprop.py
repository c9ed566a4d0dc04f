"""What the backward pass written by hand gains: training steps of gated.fast beside torch.nn.

The two take turns; recorded are medians and quartiles of the times, and of the ratio turn by turn.
"""

from __future__ import annotations

from typing import Any

import torch

from studies.harness import steps
from studies.harness.measurement import Measurement
from studies.harness.steps import SIZES, Size, layer_and_input, peak
from studies.harness.timing import quartiles

NAMES = ("narrow", "medium", "single", "wide")
REPEATS = 41


def measure(kind: str, size: Size, repeats: int = REPEATS) -> dict[str, float]:
    """Return times in milliseconds, how many times as fast ours is, and peaks in megabytes."""
    taken = steps.times(kind, size, repeats)
    gains = [peer / ours for peer, ours in zip(taken["torch"], taken["gated"], strict=True)]
    lists = {"gated_ms": taken["gated"], "torch_ms": taken["torch"], "gain": gains}
    found: dict[str, float] = {}
    for name, values in lists.items():
        found |= zip((name, f"{name}_low", f"{name}_high"), quartiles(values), strict=True)
    found |= {f"{module}_peak_mb": peak(module, kind, size) / 1e6 for module in taken}
    return {name: round(value, 4) for name, value in found.items()}


def is_fused(kind: str) -> bool:
    """Say whether torch.nn's layer runs all steps in one kernel of oneDNN."""
    layer, x = layer_and_input("torch", kind, SIZES[0])
    return "aten::mkldnn_rnn_layer" in steps.operations(lambda: steps.training_step(layer, x))


def measured() -> dict[str, Any]:
    """Measure both kinds at every size and return what is recorded."""
    found: dict[str, Any] = {
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "torch_gru_fused": is_fused("GRU"),
        "torch_lstm_fused": is_fused("LSTM"),
    }
    labels = ("batch", "steps", "input_size", "hidden_size")
    for name, size in zip(NAMES, SIZES, strict=True):
        found[name] = {
            **dict(zip(labels, size, strict=True)),
            **{kind.lower(): measure(kind, size) for kind in ("GRU", "LSTM")},
        }
    return found


STUDY = Measurement(
    name="backprop",
    question="What does a backward pass by hand save, in time and in memory?",
    measure=measured,
)
