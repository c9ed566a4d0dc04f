"""Writes what the widgets know, such as what gated counts with. No number is typed.

Usage: python lab/data.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import base64
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from gated.characters import CHARACTERS, WEIGHTS, encode, load, scene
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


def characters() -> dict[str, Any]:
    """Return a text, and the trained models of characters, as lab/characters.ts takes them."""
    return {"text": scene(), "models": {cell: _packed(cell) for cell in WEIGHTS}}


def _packed(cell: str) -> dict[str, Any]:
    """Return a model: its weights in PyTorch's order as float16, little-endian, in base64."""
    with np.load(WEIGHTS[cell]) as arrays:
        weights = b"".join(arrays[name].astype("<f2").tobytes() for name in arrays.files)
        units = arrays["predict.weight"].shape[1]
    text = base64.b64encode(weights).decode()
    clock = _clock(cell)
    return {
        "cell": cell,
        "units": units,
        "clock": clock,
        "characters": CHARACTERS,
        "weights": text,
    }


def _clock(cell: str) -> int:
    """Return the unit whose state best follows how many characters a line has had, by ranks."""
    text = scene()
    with torch.no_grad():
        states = load(cell).layer(encode(text))[0][:, 0].double()
    place = torch.tensor([len(text[: k + 1].rpartition("\n")[2]) for k in range(len(text))])
    ranks = torch.cat([place[None], states.T]).argsort(1).argsort(1).double()
    return int(torch.corrcoef(ranks)[0, 1:].abs().argmax())


#: What makes each file, by its name.
FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "characters": characters,
    "half-life": half_life,
    "parameters": parameters,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"))
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data[{name!r}]={text}\n", "utf-8")
