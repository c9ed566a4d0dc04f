"""Record what the backward pass written by hand gains: training steps of gated beside torch.nn.

    python -m benchmarks.backprop

writes docs/evidence/backprop.json, which the chapter on backpropagation quotes. The two layers
take turns within one run, so that whatever else the machine does falls on both alike: recorded
are medians and quartiles of the times, and of the ratio turn by turn. The peak of memory is that
of `benchmarks.training`, each layer and size in processes of their own.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import torch

from livedocs.provenance import commit, processor

from .speed import operations
from .training import SIZES, Size, layer_and_input, peak, times, training_step

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "docs" / "evidence" / "backprop.json"
NAMES = ("narrow", "medium", "single", "wide")
REPEATS = 41


def measure(kind: str, size: Size, repeats: int = REPEATS) -> dict[str, float]:
    """Return times in milliseconds, how many times as fast ours is, and peaks in megabytes."""
    seconds = times(kind, size, repeats)
    gains = [peer / ours for peer, ours in zip(seconds["torch"], seconds["gated"], strict=True)]
    milliseconds = {name: [1000 * value for value in taken] for name, taken in seconds.items()}
    found: dict[str, float] = {}
    for name, values in (
        ("gated_ms", milliseconds["gated"]),
        ("torch_ms", milliseconds["torch"]),
        ("gain", gains),
    ):
        low, _, high = quantiles(values, n=4)
        found |= {name: median(values), f"{name}_low": low, f"{name}_high": high}
    for module in seconds:
        found[f"{module}_peak_mb"] = peak(module, kind, size) / 1e6
    return {name: round(value, 4) for name, value in found.items()}


def is_fused(kind: str) -> bool:
    """Say whether torch.nn's layer runs all steps in one kernel of oneDNN."""
    layer, x = layer_and_input("torch", kind, SIZES[0])
    return "aten::mkldnn_rnn_layer" in operations(lambda: training_step(layer, x))


def main() -> None:
    """Measure both kinds at every size and write the record."""
    record: dict[str, Any] = {
        "command": "python -m benchmarks.backprop",
        "commit": commit(ROOT),
        "machine": {
            "cpu": processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "capability": torch.backends.cpu.get_cpu_capability(),
        },
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "repeats": REPEATS,
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "torch_gru_fused": is_fused("GRU"),
        "torch_lstm_fused": is_fused("LSTM"),
    }
    for name, size in zip(NAMES, SIZES, strict=True):
        labels = ("batch", "steps", "input_size", "hidden_size")
        record[name] = {
            **dict(zip(labels, size, strict=True)),
            **{kind.lower(): measure(kind, size) for kind in ("GRU", "LSTM")},
        }
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    print(f"wrote {RECORD}")


if __name__ == "__main__":
    main()
