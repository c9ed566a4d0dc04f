"""Record how the time of a training step grows with length: minGRU beside GRU and LSTM.

    python -m benchmarks.scan

writes docs/evidence/scan.json, which the chapter on the return draws and quotes. minGRU is timed
twice, with all steps at once and one after the other; beside it stand PyTorch's GRU and LSTM and
the GRU of this package. They take turns within one run, so that whatever else the machine does
falls on each of them alike; recorded are medians and quartiles.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

import torch
from torch import nn

import gated.fast
from gated.minimal import MinGRU
from livedocs.provenance import processor

from .training import training_step

RECORD = Path(__file__).parents[1] / "docs" / "evidence" / "scan.json"
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
    kinds = layers()
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(repeats + 1):
        for name, layer in kinds.items():
            start = perf_counter()
            training_step(layer, x)
            taken[name].append(1000 * (perf_counter() - start))
    found: dict[str, float] = {}
    for name, values in taken.items():
        low, middle, high = quantiles(values[1:], n=4)
        found |= {f"{name}_ms": middle, f"{name}_low_ms": low, f"{name}_high_ms": high}
    return {name: round(value, 4) for name, value in found.items()}


def main() -> None:
    """Measure every batch and length and write the record."""
    record: dict[str, Any] = {
        "command": "python -m benchmarks.scan",
        "machine": {
            "cpu": processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "capability": torch.backends.cpu.get_cpu_capability(),
        },
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "width": WIDTH,
        "batches": list(BATCHES),
        "steps": list(STEPS),
    }
    for batch in BATCHES:
        record[f"batch_{batch}"] = {f"steps_{steps}": measure(batch, steps) for steps in STEPS}
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    print(f"wrote {RECORD}")


if __name__ == "__main__":
    main()
