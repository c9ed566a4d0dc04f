"""Writes what the widgets know, such as what gated counts with. No number is typed.

Usage: python lab/data.py FOLDER; each file is a script that fills in one name of `lab.data`.
"""

import base64
import inspect
import json
import re
import sys
import tomllib
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
    """Return the blocks and biases that `gated.parameters` counts with, and whose they are."""
    return {"blocks": BLOCKS, "biases": BIASES, "names": {key: NAMES[key] for key in BIASES}}


#: What the conventions of `gated.parameters` are called.
NAMES = {
    "pytorch": "PyTorch",
    "keras": "Keras",
    "keras-reset-before": "Keras, reset_after=False",
    "flax-linen": "Flax linen",
    "flax-nnx": "Flax nnx",
    "equinox": "Equinox",
    "onnx": "ONNX",
    "coreml": "Core ML",
    "cudnn": "cuDNN",
}
#: Where the build keeps what it has found each framework to do, and the snippet that found it.
FOUND = Path(__file__).parents[1] / "tests" / "expected.toml"
FINDER = "rosetta/conventions.py"
#: The variables of that snippet begin with these names; an option changes what it changes.
FRAMEWORKS = {
    "pytorch": ("PyTorch", "pytorch_gru"),
    "keras": ("Keras", "keras_gru"),
    "keras-before": ("Keras, reset_after=False", "keras_gru_option"),
    "linen": ("Flax linen", "linen_gru"),
    "nnx": ("Flax nnx", "nnx_gru"),
    "equinox": ("Equinox", "equinox_gru"),
    "onnx": ("ONNX", "onnx_gru"),
    "onnx-after": ("ONNX, linear_before_reset=1", "onnx_gru_option"),
}
#: What papers print: formulas, so no order, and they leave the biases out.
PAPERS = {
    "cho-1": {"name": "Cho et al. 2014, version 1", "reset": "after", "z": "keeps"},
    "cho-3": {"name": "Cho et al. 2014, version 3", "reset": "before", "z": "keeps"},
    "chung": {"name": "Chung et al. 2014", "reset": "before", "z": "writes"},
}
SEEDS, INPUTS, NEURONS = 32, 8, 2


def conventions() -> dict[str, Any]:
    """Return what each framework and paper calls a GRU, and weights and inputs to try it with."""
    found = {name: one["value"] for name, one in tomllib.loads(FOUND.read_text())[FINDER].items()}
    known = {key: _convention(name, start, found) for key, (name, start) in FRAMEWORKS.items()}
    papers = {key: {**paper, "order": "", "biases": None} for key, paper in PAPERS.items()}
    return {"conventions": known | papers, "drawn": [_drawn(seed) for seed in range(SEEDS)]}


def _convention(name: str, start: str, found: dict[str, str]) -> dict[str, Any]:
    def fact(kind: str) -> str:
        return found.get(f"{start}_{kind}") or found[f"{start.removesuffix('_option')}_{kind}"]

    usual, _, odd = fact("biases").partition(" ")  # such as "1 (2 for n)"
    biases = dict.fromkeys("rzn", int(usual))
    biases |= {gate: int(number) for number, gate in re.findall(r"(\d) for (\w)", odd)}
    order = fact("order").replace(" ", "")
    return {
        "name": name,
        "order": order if sorted(order) == sorted("rzn") else "",
        "reset": fact("reset"),
        "z": fact("z"),
        "biases": biases,
    }


def _drawn(seed: int) -> dict[str, Any]:
    """Return weights for each row: of the input and both units, and two biases; and inputs."""
    torch.manual_seed(seed)
    rows = 3 * NEURONS
    shapes = [(rows, 1), (rows, NEURONS), (rows,), (rows,)]
    parts = [torch.randn(shape).reshape(rows, -1) for shape in shapes]
    return {"rows": _tenths(torch.cat(parts, dim=1)), "inputs": _tenths(torch.randn(INPUTS))}


def _tenths(numbers: torch.Tensor) -> Any:
    return (numbers.double().round(decimals=1) + 0.0).tolist()


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
    "conventions": conventions,
    "half-life": half_life,
    "parameters": parameters,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"))
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data[{name!r}]={text}\n", "utf-8")
