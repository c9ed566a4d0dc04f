"""Record how long one training step of torch.nn.GRU and torch.nn.LSTM takes on this machine.

    python -m benchmarks.speed

writes docs/evidence/speed.json, which the chapters quote. The LSTM is timed twice: as PyTorch
runs it by default, and with oneDNN (``torch.backends.mkldnn``) off, because PyTorch hands only
the LSTM to oneDNN's fused kernel. All three take turns within one run, so that whatever else the
machine does falls on each of them alike; the medians are recorded.
"""

from __future__ import annotations

import json
import os
import platform
import warnings
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = Path(__file__).parents[1] / "docs" / "evidence" / "speed.json"
SIZES = {
    "small": {"batch": 8, "steps": 32, "input_size": 32, "hidden_size": 32},
    "medium": {"batch": 16, "steps": 64, "input_size": 64, "hidden_size": 128},
    "large": {"batch": 32, "steps": 128, "input_size": 128, "hidden_size": 256},
}
REPEATS = 41


def training_step(layer: nn.GRU | nn.LSTM, x: Tensor) -> None:
    """Run one forward and one backward pass, as training does."""
    layer.zero_grad()
    layer(x)[0].sum().backward()


def without_onednn(layer: nn.LSTM, x: Tensor) -> None:
    """Run one training step with oneDNN's kernels switched off."""
    with torch.backends.mkldnn.flags(enabled=False):
        training_step(layer, x)


def milliseconds(step: Callable[[], None]) -> float:
    """Return the time that ``step`` takes."""
    start = perf_counter()
    step()
    return 1000 * (perf_counter() - start)


def operations(step: Callable[[], None]) -> dict[str, int]:
    """Return the operations that one ``step`` runs, with how often it runs each."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        step()
    return {event.key: event.count for event in profiler.key_averages()}


def measure(batch: int, steps: int, input_size: int, hidden_size: int) -> dict[str, float]:
    """Return median times, their ratios to the GRU's, and the operations of each step."""
    torch.manual_seed(0)
    x = torch.randn(steps, batch, input_size)
    gru, lstm = nn.GRU(input_size, hidden_size), nn.LSTM(input_size, hidden_size)
    turns: dict[str, Callable[[], None]] = {
        "gru": lambda: training_step(gru, x),
        "lstm": lambda: training_step(lstm, x),
        "lstm_unfused": lambda: without_onednn(lstm, x),
    }
    counted = {name: operations(step) for name, step in turns.items()}
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(REPEATS):
        for name, step in turns.items():
            times[name].append(milliseconds(step))
    medians = {name: median(values) for name, values in times.items()}
    return {
        **{f"{name}_ms": round(value, 4) for name, value in medians.items()},
        "lstm_to_gru": round(medians["lstm"] / medians["gru"], 4),
        "lstm_unfused_to_gru": round(medians["lstm_unfused"] / medians["gru"], 4),
        **{f"{name}_operations": sum(found.values()) for name, found in counted.items()},
        **{f"{name}_fused": "aten::mkldnn_rnn_layer" in found for name, found in counted.items()},
    }


def cpu_model() -> str:
    """Return the processor's name, as the system gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    """Measure every size and write the record."""
    # The switch for oneDNN sets its TF32 mode too, and a CPU build warns that it has none.
    warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
    record = {
        "command": "python -m benchmarks.speed",
        "machine": {
            "cpu": cpu_model(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "capability": torch.backends.cpu.get_cpu_capability(),
        },
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        **{name: {**size, **measure(**size)} for name, size in SIZES.items()},
    }
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    print(f"wrote {RECORD}")


if __name__ == "__main__":
    main()
