"""Writes what the widgets know, such as what gated counts with. No number is typed.

Usage: python lab/data.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import base64
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from gated.characters import CHARACTERS, WEIGHTS, encode, load, scene
from gated.initialization import chrono_, forget_bias_
from gated.parameters import BIASES, BLOCKS
from studies import dates as study
from studies.harness.provenance import ROOT

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
    """Return a model, its weights in PyTorch's order."""
    with np.load(WEIGHTS[cell]) as arrays:
        weights, units = _halves(arrays), arrays["predict.weight"].shape[1]
    clock = _clock(cell)
    return {
        "cell": cell,
        "units": units,
        "clock": clock,
        "characters": CHARACTERS,
        "weights": weights,
    }


def _halves(arrays: Mapping[str, Any]) -> str:
    """Return weights in their order as float16, little-endian, in base64."""
    weights = b"".join(array.astype("<f2").tobytes() for array in arrays.values())
    return base64.b64encode(weights).decode()


def _clock(cell: str) -> int:
    """Return the unit whose state best follows how many characters a line has had, by ranks."""
    text = scene()
    with torch.no_grad():
        states = load(cell).layer(encode(text))[0][:, 0].double()
    place = torch.tensor([len(text[: k + 1].rpartition("\n")[2]) for k in range(len(text))])
    ranks = torch.cat([place[None], states.T]).argsort(1).argsort(1).double()
    return int(torch.corrcoef(ranks)[0, 1:].abs().argmax())


#: Days that no model learned from, each with the place of its form in `studies.dates.FORMS`.
EXAMPLES = [
    {date(1826, 7, 4): 0},
    {date(1789, 7, 17): 1},
    {date(2024, 1, 7): 5, date(1999, 10, 5): 4},
    {date(1989, 7, 9): 4, date(1999, 6, 7): 4, date(2024, 5, 6): 4},
]


def dates() -> dict[str, Any]:
    """Return the models that write dates, examples for them, and how often they are right."""
    record = json.loads(study.STUDY.file(ROOT).read_text("utf-8"))
    examples = [
        study.line([*example], [study.FORMS[form] for form in example.values()])
        for example in EXAMPLES
    ]
    return {
        "characters": study.CHARACTERS,
        "signs": study.SIGNS,
        "digits": study.DIGITS,
        "examples": [{"text": text, "digits": digits} for text, digits in examples],
        "years": [min(study.LEARNED).year, max(study.LEARNED).year],
        "models": {name: _reader(name) for name in study.ATTENTION},
        "trained": study.TRAINED_ON,
        "tested": record["attention"]["tested"],
        "right": {
            name: {dates: shares["lines"] for dates, shares in record[name]["right"].items()}
            for name in study.ATTENTION
        },
    }


def _reader(name: str) -> dict[str, Any]:
    """Return a model that writes dates, as lab/dates.ts takes it."""
    with np.load(study.WEIGHTS[name]) as arrays:
        return {
            "units": arrays["predict.weight"].shape[1],
            "hasAttention": study.ATTENTION[name] is not None,
            "weights": _halves(arrays),
        }


#: What makes each file, by its name.
FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "characters": characters,
    "dates": dates,
    "half-life": half_life,
    "parameters": parameters,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"))
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data[{name!r}]={text}\n", "utf-8")
