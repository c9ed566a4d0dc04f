"""One training step of a recurrent layer: how long it takes, and how much memory at its peak.

    python -m studies.harness.steps gated GRU 16 64 32 32

prints the peak of one layer at one size in bytes (on Linux): what this process, made for it alone,
held at most during three training steps, less what it held before the first. A step at a tiny size
comes before, so that what torch sets up once does not count.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.profiler import ProfilerActivity, profile

import gated.fast
from studies.harness.timing import Step, take_turns

#: Batch, time steps, input size, hidden size.
Size = tuple[int, int, int, int]
SIZES: tuple[Size, ...] = (
    (16, 64, 32, 32),
    (32, 128, 64, 128),
    (1, 512, 64, 128),
    (64, 256, 64, 256),
)
MODULES = {"gated": gated.fast, "plain": gated, "torch": nn}


def layer_and_input(module: str, kind: str, size: Size) -> tuple[nn.Module, Tensor]:
    """Make a layer of one of the modules, and an input of random numbers."""
    batch, steps, input_size, hidden_size = size
    layer: nn.Module = getattr(MODULES[module], kind)(input_size, hidden_size)
    return layer, torch.randn(steps, batch, input_size)


def training_step(layer: nn.Module, x: Tensor) -> None:
    """Run one forward and one backward pass, as training does."""
    layer.zero_grad()
    layer(x)[0].sum().backward()


def inference(layer: nn.Module, x: Tensor | PackedSequence) -> None:
    """Run one forward pass without keeping anything for a backward pass."""
    with torch.no_grad():
        layer(x)


def operations(step: Step) -> dict[str, int]:
    """Return the operations that one ``step`` runs, with how often it runs each."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    return {event.key: event.count for event in profiler.key_averages()}


def times(kind: str, size: Size, repeats: int, ours: str = "gated") -> dict[str, list[float]]:
    """Return the milliseconds of each training step, ours and torch.nn's in turn."""
    pairs = {module: layer_and_input(module, kind, size) for module in (ours, "torch")}
    turns = {module: partial(training_step, layer, x) for module, (layer, x) in pairs.items()}
    return take_turns(turns, 0, repeats, repeats)


def peak(module: str, kind: str, size: Size) -> float:
    """Return the median peak of five processes, in bytes."""
    command = [sys.executable, "-m", "studies.harness.steps", module, kind, *map(str, size)]
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
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    module, kind, *numbers = sys.argv[1:]
    batch, steps, input_size, hidden_size = map(int, numbers)
    print(_measure(module, kind, (batch, steps, input_size, hidden_size)))
