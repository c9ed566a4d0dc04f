"""Writes what the widgets know: what gated counts with, and how layers start. No number is typed.

Usage: python lab/data.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gated.initialization import chrono_, forget_bias_
from gated.parameters import BIASES, BLOCKS

#: How far back the chrono initialization is told that data reach: as in the chapter on gates.
LONGEST = 100
#: The units of a layer as people build it, and of one so wide that it shows what may be drawn.
UNITS, MANY = 64, 4096


def half_life() -> dict[str, Any]:
    """Return the biases, in sum, with which forget gates start: over the units of a layer."""
    torch.manual_seed(0)
    one = inspect.signature(forget_bias_).parameters["value"].default
    return {
        "starts": [
            _start("PyTorch", nn.LSTM(1, UNITS)),
            _start("Keras, LSTM", forget_bias_(nn.LSTM(1, UNITS), one)),
            _start(f"Chrono, up to {LONGEST} steps", chrono_(nn.LSTM(1, MANY), LONGEST)),
        ]
    }


def _start(name: str, layer: nn.LSTM) -> dict[str, Any]:
    """Return between which biases the forget gates of a layer start, to the slider's step."""
    biases = tuple(bias for name, bias in layer.named_parameters() if name.startswith("bias"))
    _, forget, _, _ = torch.stack(biases).sum(0).chunk(4)
    lowest, median, highest = (
        round(number.item(), 1) + 0.0 for number in (forget.min(), forget.median(), forget.max())
    )
    return {"name": name, "lowest": lowest, "median": median, "highest": highest}


def parameters() -> dict[str, Any]:
    """Return the blocks and biases that `gated.parameters` counts with."""
    return {"blocks": BLOCKS, "biases": BIASES}


#: What makes each file, by its name.
FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "half-life": half_life,
    "parameters": parameters,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"))
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data[{name!r}]={text}\n", "utf-8")
