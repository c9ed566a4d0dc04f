"""The networks that studies compare, and the width at which two have as many parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gated.fast import GRU
from gated.minimal import MinGRU
from gated.parameters import count

#: Whichever is faster on a CPU: our GRU, which gives the values and gradients of PyTorch's, and
#: PyTorch's LSTM and plain RNN. At this width a step after the other is faster than minGRU's scan.
CELLS: dict[str, Any] = {
    "gru": GRU,
    "lstm": nn.LSTM,
    "rnn": nn.RNN,
    "mingru": partial(MinGRU, parallel=False),
}


class Model(nn.Module):
    """A recurrent layer, and a linear layer that reads its last ``asked`` steps, or all for 0."""

    def __init__(self, layer: nn.Module, width: int, outputs: int, asked: int = 0) -> None:
        super().__init__()
        self.layer, self.asked = layer, asked
        self.read = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return what is read: (asked, batch, outputs), of x (time, batch, inputs)."""
        output: Tensor = self.read(self.layer(x)[0][-self.asked :])
        return output


def gru_width(inputs: int, width: int) -> int:
    """Return the width at which a GRU has nearest to as many parameters as an LSTM of ``width``."""
    wanted = count("lstm", inputs, width).total
    return nearest_width(wanted, lambda width: GRU(inputs, width), range(1, 2 * width))


def nearest_width(wanted: int, built: Callable[[int], nn.Module], widths: Iterable[int]) -> int:
    """Return the width at which what is ``built`` has nearest to as many parameters as wanted."""

    def off(width: int) -> int:
        with torch.device("meta"):  # counted without memory, and without drawing any weights
            parameters = built(width).parameters()
        return abs(sum(weight.numel() for weight in parameters) - wanted)

    return min(widths, key=off)
