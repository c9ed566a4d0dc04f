"""gated.GRU's training step beside torch.nn.GRU's."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn

import gated

from .measure import Row

#: Batch, time steps, input size, hidden size.
SIZES = ((16, 64, 32, 32), (32, 128, 64, 128), (64, 256, 64, 256))
REPEATS = 15


def rows() -> Iterator[Row]:
    """Measure each size, the two layers in turn."""
    for batch, steps, input_size, hidden_size in SIZES:
        torch.manual_seed(0)
        x = torch.randn(steps, batch, input_size)
        ours, peer = gated.GRU(input_size, hidden_size), nn.GRU(input_size, hidden_size)
        times: dict[nn.Module, list[float]] = {ours: [], peer: []}
        for _ in range(REPEATS + 1):
            for layer, taken in times.items():
                taken.append(_training_step(layer, x))
        # The first turn warms up.
        a, b = (median(taken[1:]) for taken in times.values())
        yield Row(
            f"gated.GRU / torch.nn.GRU at {batch}, {steps}, {input_size}, {hidden_size}",
            f"{1000 * a:.1f} ms",
            f"{1000 * b:.1f} ms",
            a / b,
            "x",
            1.3,
            compared="torch.nn.GRU at this batch, steps, input size, hidden size",
        )


def _training_step(layer: nn.Module, x: Tensor) -> float:
    start = perf_counter()
    layer.zero_grad()
    layer(x)[0].sum().backward()
    return perf_counter() - start
