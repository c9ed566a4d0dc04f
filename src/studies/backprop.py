"""What the backward pass written by hand gains: training steps of gated.fast beside torch.nn.

The two take turns; recorded are medians and quartiles of the times, and of the ratio turn by turn.

    python -m studies.backprop gated GRU 16 64 32 32

prints the peak of one layer at one size in bytes (on Linux): what this process, made for it alone,
held at most during three training steps, less what it held before the first. A step at a tiny size
comes before, so that what torch sets up once does not count.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

import gated.fast
from studies.harness.measurement import Measurement
from studies.harness.timing import operations, quartiles, take_turns, training_step

#: Batch, time steps, input size, hidden size.
Size = tuple[int, int, int, int]
SIZES: dict[str, Size] = {
    "narrow": (16, 64, 32, 32),
    "medium": (32, 128, 64, 128),
    "single": (1, 512, 64, 128),
    "wide": (64, 256, 64, 256),
}
MODULES = {"gated": gated.fast, "plain": gated, "torch": nn}
REPEATS = 41


def layer_and_input(module: str, kind: str, size: Size) -> tuple[nn.Module, Tensor]:
    """Make a layer of one of the modules, and an input of random numbers."""
    batch, steps, input_size, hidden_size = size
    layer: nn.Module = getattr(MODULES[module], kind)(input_size, hidden_size)
    return layer, torch.randn(steps, batch, input_size)


def times(kind: str, size: Size, repeats: int, ours: str = "gated") -> dict[str, list[float]]:
    """Return the milliseconds of each training step, ours and torch.nn's in turn."""
    pairs = {module: layer_and_input(module, kind, size) for module in (ours, "torch")}
    turns = {module: partial(training_step, layer, x) for module, (layer, x) in pairs.items()}
    return take_turns(turns, 0, repeats, repeats)


def peak(module: str, kind: str, size: Size) -> float:
    """Return the median peak of five processes, in bytes."""
    command = [sys.executable, "-m", "studies.backprop", module, kind, *map(str, size)]
    runs = [subprocess.check_output(command, text=True) for _ in range(5)]
    return median(map(int, runs))


def _measure(module: str, kind: str, size: Size) -> int:
    training_step(*layer_and_input(module, kind, (1, 2, 1, 1)))
    layer, x = layer_and_input(module, kind, size)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is to count from here on
    before = _status("VmRSS")
    for _ in range(3):
        training_step(layer, x)
    return _status("VmHWM") - before


def _status(name: str) -> int:
    """Return an entry of this process's status, in bytes. (getrusage's may be the parent's.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def measure(kind: str, size: Size, repeats: int = REPEATS) -> dict[str, float]:
    """Return times in milliseconds, how many times as fast ours is, and peaks in megabytes."""
    taken = times(kind, size, repeats)
    gains = [peer / ours for peer, ours in zip(taken["torch"], taken["gated"], strict=True)]
    lists = {"gated_ms": taken["gated"], "torch_ms": taken["torch"], "gain": gains}
    found = {
        f"{name}{part}": value
        for name, values in lists.items()
        for part, value in quartiles(values).items()
    }
    found |= {f"{module}_peak_mb": peak(module, kind, size) / 1e6 for module in taken}
    return {name: round(value, 4) for name, value in found.items()}


def is_fused(kind: str) -> bool:
    """Say whether torch.nn's layer runs all steps in one kernel of oneDNN."""
    layer, x = layer_and_input("torch", kind, SIZES["narrow"])
    return "aten::mkldnn_rnn_layer" in operations(lambda: training_step(layer, x))


def measured() -> dict[str, Any]:
    """Measure both kinds at every size and return what is recorded."""
    labels = ("batch", "steps", "input_size", "hidden_size")
    return {
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "torch_gru_fused": is_fused("GRU"),
        "torch_lstm_fused": is_fused("LSTM"),
    } | {
        name: dict(zip(labels, size, strict=True))
        | {kind.lower(): measure(kind, size) for kind in ("GRU", "LSTM")}
        for name, size in SIZES.items()
    }


STUDY = Measurement(
    name="backprop",
    question="What does a backward pass by hand save, in time and in memory?",
    measure=measured,
)


if __name__ == "__main__":
    module, kind, *numbers = sys.argv[1:]
    batch, steps, input_size, hidden_size = map(int, numbers)
    print(_measure(module, kind, (batch, steps, input_size, hidden_size)))
