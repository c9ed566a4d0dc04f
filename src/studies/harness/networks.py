"""The networks that studies compare, and the width at which two have as many parameters."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gated.fast import GRU
from gated.initialization import chrono_, forget_bias_
from gated.minimal import MinGRU
from gated.tasks.state import Attention
from studies.harness.study import Config

#: Whichever is faster on a CPU: our GRU, which gives the values and gradients of PyTorch's, and
#: PyTorch's LSTM and plain RNN. At this width a step after the other is faster than minGRU's scan.
CELLS: dict[str, Any] = {
    "gru": GRU,
    "lstm": nn.LSTM,
    "rnn": nn.RNN,
    "mingru": partial(MinGRU, parallel=False),
    "attention": Attention,
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


def build(
    config: Config, inputs: int, width: int, outputs: int, asked: int = 0, device: str = "cpu"
) -> Model:
    """Return the model of a trial, drawn from its seed: the cell, its gate started as it says."""
    torch.manual_seed(config["seed"])
    layer = CELLS[config["cell"]](inputs, width)
    match config.get("start"):
        case "bias 1" | "bias 3" as start:
            forget_bias_(layer, float(start.removeprefix("bias ")))
        case "chrono":
            chrono_(layer, max(3, config["length"]))
    return Model(layer, width, outputs, asked).to(device)


def width_in(budget: str, inputs: int, width: int) -> int:
    """Return a cell's units beside an LSTM of ``width``: as many, or a GRU's of its parameters."""
    if budget == "width":
        return width
    widths = range(1, 2 * width)
    return nearest_width(lambda cell, width: CELLS[cell](inputs, width), "gru", width, widths)


def nearest_width(
    built: Callable[[str, int], nn.Module], cell: str, width: int, widths: Iterable[int]
) -> int:
    """Return which of ``widths`` brings a cell nearest to the parameters of an LSTM of ``width``.

    Counted is all that ``built`` makes, of a cell and its width.
    """

    def size(cell: str, width: int) -> int:
        with torch.device("meta"):  # counted without memory, and without drawing any weights
            return sum(weight.numel() for weight in built(cell, width).parameters())

    wanted = size("lstm", width)
    return min(widths, key=lambda width: abs(size(cell, width) - wanted))
