"""The numbers of the widgets, computed by node as a browser would, beside gated's and torch's."""

import json
import math
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from gated.initialization import forget_bias_
from gated.parameters import BIASES, BLOCKS, count
from livedocs.making import program

ROOT = Path(__file__).parents[2]
WIDGETS = ROOT / "lab" / "widgets"

#: Applies a function of a widget's module to each of several lists of arguments.
ASK = """
import { readFileSync } from "node:fs"
const [file, name, several] = JSON.parse(readFileSync(0, "utf-8"))
const functions = await import(file)
console.log(JSON.stringify(several.map((given) => functions[name](...given))))
"""


def ask(widget: str, function: str, several: list[list[Any]]) -> list[Any]:
    """Return what a function of a widget gives for each list of arguments."""
    question = json.dumps([(WIDGETS / f"{widget}.ts").as_uri(), function, several])
    done = subprocess.run(
        [program("node"), "--input-type=module", "--eval", ASK],
        input=question,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(several)
    return answers


@pytest.fixture(scope="module")
def known(linked_site: Path) -> Callable[[str], Any]:
    """Return what the published site holds for a widget."""

    def read(name: str) -> Any:
        text = (linked_site / "assets" / "lab" / "data" / f"{name}.js").read_text("utf-8")
        start, _, data = text.partition("=")
        assert start == f"lab.data['{name}']"
        return json.loads(data)

    return read


def settings(number: int) -> list[dict[str, Any]]:
    """Return random settings of the calculator, of every cell in every convention."""
    draw = random.Random(0)
    found: list[dict[str, Any]] = []
    while len(found) < number:
        hidden = draw.choice([1, 5, 64, draw.randint(2, 4096)])
        cell = draw.choice(list(BLOCKS))
        setting = {
            "cell": cell,
            "convention": draw.choice(list(BIASES)),
            "input": draw.choice([1, 3, draw.randint(1, 4096)]),
            "hidden": hidden,
            "layers": draw.randint(1, 16),
            "bidirectional": draw.random() < 0.5,
            "bias": draw.random() < 0.8,
            "peepholes": draw.random() < 0.5,
            "projection": draw.choice([0, draw.randrange(hidden)]),
        }
        found.append(setting)
    return found


def counted(setting: dict[str, Any]) -> Any:
    """Return gated's count; the calculator hides what another cell than the LSTM has not."""
    is_lstm = setting["cell"] == "lstm"
    return count(
        setting["cell"],
        setting["input"],
        setting["hidden"],
        setting["layers"],
        setting["bidirectional"],
        setting["bias"],
        setting["convention"],
        peepholes=is_lstm and setting["peepholes"],
        proj_size=setting["projection"] if is_lstm else 0,
    )


def test_the_calculator_counts_as_gated_does_in_all_conventions(
    known: Callable[[str], Any],
) -> None:
    data = known("parameters")
    several = settings(500)
    faults = ask("parameter-calculator", "fault", [[one, data] for one in several])
    answers = ask("parameter-calculator", "parts", [[one, data] for one in several])
    seen = set()
    for setting, fault, parts in zip(several, faults, answers, strict=True):
        try:
            expected = counted(setting)
        except ValueError:
            assert fault, setting
            continue
        assert not fault, setting
        wanted = {
            "Input": expected.input,
            "Recurrent": expected.recurrent,
            "Biases": expected.biases,
            "Peepholes": expected.peepholes,
            "Projection": expected.projection,
        }
        shown = {part["name"]: part["count"] for part in parts}
        assert shown == {name: number for name, number in wanted.items() if number}, setting
        letters = {
            "d": setting["input"],
            "H": setting["hidden"],
            "L": setting["layers"],
            "D": 2 if setting["bidirectional"] else 1,
            "p": setting["projection"],
        }
        for part in parts:
            assert eval(part["formula"], {}, letters) == part["count"], (setting, part)
        seen.add((setting["cell"], setting["convention"]))
    assert len(seen) == sum(map(len, BIASES.values())), "every cell of every convention"


def test_the_calculator_says_what_no_layer_is_like(known: Callable[[str], Any]) -> None:
    like = settings(1)[0] | {"convention": "pytorch", "hidden": 5}
    several = [
        like | {"cell": "lstm", "projection": 5},
        like | {"cell": "gru", "projection": 5},
        like | {"cell": "rnn", "convention": "equinox"},
    ]
    data = known("parameters")
    answers = ask("parameter-calculator", "fault", [[one, data] for one in several])
    assert answers == [
        "A projection to 5 is not narrower than 5 units.",
        "",
        "equinox has no Plain RNN.",
    ]


def test_at_the_same_budget_another_cell_is_as_wide_as_it_can_be(
    known: Callable[[str], Any],
) -> None:
    data = known("parameters")
    asked = [(one, cell) for one in settings(60) for cell in BLOCKS if cell in ("gru", "lstm")]
    asked = [(one, cell) for one, cell in asked if one["cell"] in BIASES[one["convention"]]]
    several = [[one, cell, data] for one, cell in asked]
    for (one, cell), units in zip(
        asked, ask("parameter-calculator", "affordable", several), strict=True
    ):
        budget = counted(one).total

        def cost(hidden: int, one: dict[str, Any] = one, cell: str = cell) -> int:
            other = {"cell": cell, "hidden": hidden, "peepholes": False, "projection": 0}
            return int(counted(one | other).total)

        assert cost(units + 1) > budget
        assert units == 0 or cost(units) <= budget


@torch.no_grad()
def left_of_a_state(bias: float, steps: int) -> float:
    """Return what a GRU of torch's with this gate bias leaves of a state of one."""
    layer = nn.GRU(1, 1, dtype=torch.float64)
    for weights in layer.parameters():
        weights.zero_()
    forget_bias_(layer, bias)
    states, _ = layer(weights.new_zeros(steps, 1), weights.new_ones(1, 1))
    return float(states[-1, 0])


def test_half_lives_are_those_of_a_layer() -> None:
    biases = [-4.0, -1.3, 0.0, 1.0, 2.0, 3.9, 5.0, 10.0]
    kept = ask("half-life", "kept", [[bias] for bias in biases])
    lives = ask("half-life", "halfLife", [[bias] for bias in biases])
    for bias, share, life in zip(biases, kept, lives, strict=True):
        assert share == pytest.approx(left_of_a_state(bias, 1), rel=1e-12)
        assert share**life == pytest.approx(0.5, rel=1e-9)
    steps = [1, 2, 30, 400]
    several = [[bias, step] for bias in biases for step in steps]
    for (bias, step), share in zip(several, ask("half-life", "left", several), strict=True):
        assert share == pytest.approx(left_of_a_state(float(bias), int(step)), rel=1e-9)


# Keras hands NumPy an array in a way that NumPy has deprecated.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_layers_start_as_the_widget_says(
    known: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch_, keras_, chrono = known("half-life")["starts"]
    bound = 2 / math.sqrt(64)  # each of two biases is drawn within one over the root
    assert -bound <= torch_["lowest"] <= torch_["median"] <= torch_["highest"] <= bound
    assert torch_["median"] == 0

    monkeypatch.setenv("KERAS_BACKEND", "torch")  # read as Keras is imported
    import keras

    layer = keras.layers.LSTM(8)
    layer.build((None, None, 1))
    *_, bias = layer.get_weights()
    forget = bias[8:16]
    assert {keras_["lowest"], keras_["median"], keras_["highest"]} == {*forget.tolist()}

    longest = 100
    assert chrono["name"] == f"Chrono, up to {longest} steps"
    assert (chrono["lowest"], chrono["highest"]) == (0, round(math.log(longest - 1), 1))
    assert chrono["median"] == round(math.log(longest / 2), 1)
