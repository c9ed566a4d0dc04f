"""Counts equal those of the modules that PyTorch builds, and those that people met in Keras."""

from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gated.parameters import BIASES, BLOCKS, Count, count

OPTIONS: dict[str, Any] = {
    "input_size": st.integers(1, 9),
    "hidden_size": st.integers(1, 9),
    "num_layers": st.integers(1, 4),
    "bidirectional": st.booleans(),
    "bias": st.booleans(),
}


@given(cell=st.sampled_from([*BLOCKS]), options=st.fixed_dictionaries(OPTIONS))
@settings(max_examples=100)
def test_parts_are_those_of_torch(cell: str, options: dict[str, Any]) -> None:
    module = getattr(torch.nn, cell.upper())(**options)
    sizes = [(name, weight.numel()) for name, weight in module.named_parameters()]
    assert sizes
    counted = count(cell, **options)
    for part, start in [("input", "weight_ih"), ("recurrent", "weight_hh"), ("biases", "bias")]:
        assert getattr(counted, part) == sum(n for name, n in sizes if name.startswith(start))
    assert counted.total == sum(n for _, n in sizes)


def keras_shapes(cell: str, reset_after: bool, size: int, units: int) -> list[tuple[int, ...]]:
    """List kernel, recurrent kernel and bias as Keras's layers build them."""
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    bias = (2, 3 * units) if cell == "gru" and reset_after else (blocks * units,)
    return [(size, blocks * units), (units, blocks * units), bias]


@given(
    cell=st.sampled_from([*BLOCKS]),
    reset_after=st.booleans(),
    size=st.integers(1, 9),
    units=st.integers(1, 9),
)
def test_parts_are_those_of_keras(cell: str, reset_after: bool, size: int, units: int) -> None:
    counted = count(cell, size, units, convention="keras" if reset_after else "keras-reset-before")
    parts = [prod(shape) for shape in keras_shapes(cell, reset_after, size, units)]
    assert [counted.input, counted.recurrent, counted.biases] == parts


@given(
    convention_and_cell=st.sampled_from([(name, cell) for name in BIASES for cell in BIASES[name]]),
    options=st.fixed_dictionaries(OPTIONS),
    peepholes=st.booleans(),
    projected=st.booleans(),
)
@settings(max_examples=200)
def test_the_formula_gives_the_total(
    convention_and_cell: tuple[str, str],
    options: dict[str, Any],
    peepholes: bool,
    projected: bool,
) -> None:
    convention, cell = convention_and_cell
    options["hidden_size"] += 1
    more: dict[str, Any] = {}
    if cell == "lstm":
        more = {"peepholes": peepholes, "proj_size": options["hidden_size"] - 1 if projected else 0}
    counted = count(cell, **options, convention=convention, **more)
    symbols = {
        "d": options["input_size"],
        "h": options["hidden_size"],
        "p": more.get("proj_size"),
        "L": options["num_layers"],
        "D": 1 + options["bidirectional"],
    }
    assert eval(counted.formula, {}, symbols) == counted.total


@pytest.mark.parametrize(
    ("options", "formula"),
    [
        ({"cell": "gru"}, "3*(d*h + h*h + 2*h)"),
        ({"cell": "gru", "convention": "keras-reset-before"}, "3*(d*h + h*h + h)"),
        ({"cell": "lstm", "bias": False}, "4*(d*h + h*h)"),
        ({"cell": "lstm", "bidirectional": True}, "D*4*(d*h + h*h + 2*h)"),
        ({"cell": "rnn", "num_layers": 2}, "1*(d*h + h*h + 2*h) + (L-1)*1*(h*h + h*h + 2*h)"),
        ({"cell": "gru", "convention": "flax-linen"}, "3*(d*h + h*h) + 4*h"),
        (
            {"cell": "lstm", "proj_size": 2, "num_layers": 2},
            "4*(d*h + h*p + 2*h) + p*h + (L-1)*(4*(p*h + h*p + 2*h) + p*h)",
        ),
        (
            {"cell": "lstm", "peepholes": True, "bidirectional": True, "convention": "onnx"},
            "D*(4*(d*h + h*h + 2*h) + 3*h)",
        ),
    ],
)
def test_the_formula_is_as_short_as_what_was_asked(options: dict[str, Any], formula: str) -> None:
    assert count(input_size=3, hidden_size=5, **options).formula == formula


@pytest.mark.parametrize(
    ("options", "total"),
    [
        # The figures that three well-known threads ask about.
        ({"cell": "gru", "input_size": 25, "hidden_size": 5}, 480),
        ({"cell": "gru", "input_size": 16, "hidden_size": 32, "bidirectional": True}, 9600),
        ({"cell": "gru", "input_size": 256, "hidden_size": 100}, 107_400),
        # With one unit the GRU is no smaller than the LSTM, in Keras.
        ({"cell": "gru", "input_size": 1, "hidden_size": 1}, 12),
        ({"cell": "lstm", "input_size": 1, "hidden_size": 1}, 12),
    ],
)
def test_figures_that_people_met_in_keras(options: dict[str, Any], total: int) -> None:
    assert count(**options, convention="keras").total == total


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"cell": "ltsm"},
            ValueError,
            "Unknown cell: 'ltsm' is not one of 'rnn', 'gru', 'lstm'; did you mean 'lstm'?",
        ),
        (
            {"cell": "gru", "convention": "Keras"},
            ValueError,
            "Unknown convention: 'Keras' is not one of 'pytorch', 'keras', 'keras-reset-before', "
            "'flax-linen', 'flax-nnx', 'equinox', 'onnx', 'coreml', 'cudnn'; did you mean 'keras'?",
        ),
        (
            {"cell": "rnn", "convention": "equinox"},
            ValueError,
            "Unknown cell with convention='equinox': 'rnn' is not one of 'gru', 'lstm'",
        ),
        (
            {"cell": "gru", "peepholes": True},
            ValueError,
            "only an LSTM has peepholes or a projection, got cell='gru'",
        ),
        (
            {"cell": "lstm", "proj_size": 5},
            ValueError,
            "proj_size must be 0, for none, or below hidden_size = 5, got 5",
        ),
        ({"cell": "gru", "input_size": 0}, ValueError, "input_size must be at least 1, got 0"),
        ({"cell": "gru", "hidden_size": -2}, ValueError, "hidden_size must be at least 1, got -2"),
        ({"cell": "gru", "num_layers": 0}, ValueError, "num_layers must be at least 1, got 0"),
        (
            {"cell": "gru", "hidden_size": 2.0},
            TypeError,
            "hidden_size must be an int, got 2.0 (float)",
        ),
        (
            {"cell": "gru", "bidirectional": 2},
            TypeError,
            "bidirectional must be True or False, got 2 (int)",
        ),
    ],
)
def test_a_wrong_argument_is_named(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        count(**{"input_size": 3, "hidden_size": 5} | options)
    assert str(raised.value) == message


def test_a_count_cannot_be_changed() -> None:
    counted = count("gru", 3, 5)
    assert counted == Count(45, 75, 30, "3*(d*h + h*h + 2*h)")
    with pytest.raises(AttributeError):
        counted.input = 1  # type: ignore[misc]
