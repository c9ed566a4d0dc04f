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
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import nn

from gated.characters import CHARACTERS, WEIGHTS, CharacterModel, encode, load, scene
from gated.initialization import chrono_, forget_bias_
from gated.parameters import BIASES, BLOCKS
from gated.probes import record_gates
from studies import dates as study
from studies.harness.provenance import ROOT

#: How far back the chrono initialization is told that data reach: as in the chapter on gates.
LONGEST = 100
#: The units of a layer as people build it, and of one so wide that it shows what may be drawn.
UNITS, MANY = 64, 4096
#: The snippet whose first cell is a latch in two rows.
SCAN = ROOT / "snippets" / "return" / "scan.py"
#: Where a unit may tell that a character is: patterns, as in the chapter on reading the gates.
LABELS = {
    "first letter of a word": r"(?<![\w'])\w",
    "inside a word": r"(?<=[\w'])[\w']",
    "speaker's name": r"(?:\A|(?<=\n\n)).+(?=:\n)",
    "capital letter": r"[A-Z]",
    "vowel": r"[aeiouAEIOU]",
    "inside quotes": r"(?<!\w)'[A-Z](?:[^']|(?<=\w)'(?=\w))+'",
}
#: What of a unit may tell it, and how many untrained models are asked the same.
READ = {"gru": "hzr", "lstm": "hcfio"}
UNTRAINED = 3

Floats = NDArray[np.float64]


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


def scan() -> dict[str, Any]:
    """Return the steps of the latch that the chapter on scans takes apart, by its own snippet."""
    cell, _, _ = SCAN.read_text("utf-8").partition("\n# %% a scan")
    latch: dict[str, Any] = {}
    exec(cell, latch)
    rows = {name: latch[name].tolist() for name in ("keep", "write")}
    return {"events": latch["events"], **rows}


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
    return {
        "cell": cell,
        "units": units,
        "finds": _finds(cell),
        "untrained": UNTRAINED * len(READ[cell]) * units,
        "characters": CHARACTERS,
        "weights": weights,
    }


def _halves(arrays: Mapping[str, Any]) -> str:
    """Return weights in their order as float16, little-endian, in base64."""
    weights = b"".join(array.astype("<f2").tobytes() for array in arrays.values())
    return base64.b64encode(weights).decode()


def _finds(cell: str) -> list[dict[str, Any]]:
    """Return for each label the unit that tells it best, and the best score of untrained ones.

    The first half of the scene picks the unit, and the second half scores it.
    """
    text = scene()
    names, half = ["line position", *LABELS], len(text) // 2
    place = [len(text[: k + 1].rpartition("\n")[2]) for k in range(len(text))]
    marks = np.zeros((len(LABELS), len(text)))
    for row, pattern in enumerate(LABELS.values()):
        for match in re.finditer(pattern, text):
            marks[row, match.start() : match.end()] = 1

    def halves(model: CharacterModel) -> list[Floats]:
        gates = record_gates(model.double().layer, encode(text).double())
        values = torch.cat([getattr(gates, name)[0, :, 0] for name in READ[cell]], 1).numpy()
        parts = (slice(half), slice(half, None))
        return [_scores(values[part], place[part], marks[:, part]) for part in parts]

    first, second = halves(load(cell))
    torch.manual_seed(0)
    fresh = [halves(CharacterModel(cell=cell)) for _ in range(UNTRAINED)]
    floors = np.max([np.sign(a) * b for a, b in fresh], axis=(0, 2))
    picked = np.abs(first).argmax(1)
    found = []
    for row, (name, at, floor) in enumerate(zip(names, picked.tolist(), floors, strict=True)):
        score = np.sign(first[row, at]) * second[row, at]
        measure = "rank correlation"
        if row:  # as an area: one half knows nothing
            score, floor, measure = (1 + score) / 2, (1 + floor) / 2, "area under the curve"
        seen, unit = divmod(at, second.shape[1] // len(READ[cell]))
        scored = {"score": round(float(score), 2), "floor": round(float(floor), 2)}
        read = {"label": name, "seen": READ[cell][seen], "unit": unit}
        found.append({**read, "measure": measure, **scored})
    return found


def _scores(values: Floats, place: list[int], marks: Floats) -> Floats:
    """Return how well each of several values tells each label, from -1 to 1; 0 knows nothing.

    The first is the correlation of ranks with the place in the line. Each other is 2 A - 1, where A
    is the area under the curve: how often the value is higher at the label than elsewhere.
    """
    ranks = rankdata(values, axis=0)
    along = np.corrcoef(rankdata(place), ranks, rowvar=False)[:1, 1:]
    count = marks.sum(1, keepdims=True)
    areas = (marks @ ranks / count - (count + 1) / 2) / (marks.shape[1] - count)
    return np.concatenate([along, 2 * areas - 1])


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
    "scan": scan,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        text = json.dumps(make(), separators=(",", ":"))
        Path(sys.argv[1], f"{name}.js").write_text(f"lab.data[{name!r}]={text}\n", "utf-8")
