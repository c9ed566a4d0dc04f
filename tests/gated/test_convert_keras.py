"""Weights moved to Keras and back give the same results, in the real Keras on torch."""

import os
from itertools import chain
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported
import keras

import gated
from gated import convert
from gated.parameters import count

# Keras hands NumPy an array in a way that NumPy has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 1e-5}
#: Layers, directions, biases.
FORMS = [(1, False, True), (1, True, True), (2, False, True), (2, True, False), (3, True, True)]

every_form = pytest.mark.parametrize(("num_layers", "bidirectional", "bias"), FORMS)
every_kind = pytest.mark.parametrize("kind", ["RNN", "GRU", "GRU, reset before", "LSTM"])


def make(kind: str, num_layers: int, bidirectional: bool, bias: bool) -> Any:
    torch.manual_seed(0)
    name, _, before = kind.partition(",")
    options: dict[str, Any] = {"reset_after": False} if before else {}
    return getattr(gated, name)(
        3, 5, num_layers, bidirectional=bidirectional, bias=bias, batch_first=True, **options
    )


def in_keras(kind: str, num_layers: int, bidirectional: bool, bias: bool) -> list[Any]:
    """Build the layers, one above the other."""
    name, _, before = kind.partition(",")
    options = {"reset_after": not before} if name == "GRU" else {}
    layers = []
    for number in range(num_layers):
        layer = getattr(keras.layers, "SimpleRNN" if name == "RNN" else name)(
            5, return_sequences=True, return_state=True, use_bias=bias, **options
        )
        layers.append(keras.layers.Bidirectional(layer) if bidirectional else layer)
        layers[-1].build((None, None, 3 if number == 0 else 5 * (1 + bidirectional)))
    return layers


def run(layers: list[Any], x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Return the output, and the states as Keras lists them, layer by layer."""
    states = []
    for layer in layers:
        x, *last = layer(x)
        states += last
    return x.detach(), [state.detach() for state in states]


@every_kind
@every_form
def test_keras_gives_what_the_layer_gives(
    kind: str, num_layers: int, bidirectional: bool, bias: bool
) -> None:
    ours = make(kind, num_layers, bidirectional, bias)
    theirs = in_keras(kind, num_layers, bidirectional, bias)
    for layer, weights in zip(theirs, convert.to_keras(ours), strict=True):
        layer.set_weights(weights)
    x = torch.randn(4, 6, 3)
    output, states = run(theirs, x)
    expected, last = ours(x)
    torch.testing.assert_close(output, expected.detach(), **TOLERANCE)
    finals = list(zip(*last, strict=True)) if isinstance(last, tuple) else [(h,) for h in last]
    in_a_row = [part.detach() for final in finals for part in final]
    torch.testing.assert_close(states, in_a_row, **TOLERANCE)


@every_kind
@every_form
def test_a_layer_gives_what_keras_gives(
    kind: str, num_layers: int, bidirectional: bool, bias: bool
) -> None:
    theirs = in_keras(kind, num_layers, bidirectional, bias)
    name, _, before = kind.partition(",")
    for layer in theirs:  # biases start at zero, which would hide a wrong order
        layer.set_weights([torch.randn(w.shape).numpy() / 2 for w in layer.get_weights()])
    weights = [layer.get_weights() for layer in theirs]
    ours = convert.from_keras(weights, name.lower(), reset_after=not before)
    x = torch.randn(4, 6, 3)
    output, _ = ours(x.transpose(0, 1))
    torch.testing.assert_close(output.detach().transpose(0, 1), run(theirs, x)[0], **TOLERANCE)


@every_kind
def test_what_went_to_keras_comes_back(kind: str) -> None:
    layer = make(kind, 2, True, True)
    name, _, before = kind.partition(",")
    weights = convert.to_keras(layer)
    back = convert.from_keras(weights, name.lower(), reset_after=not before)
    x = torch.randn(6, 4, 3)
    torch.testing.assert_close(back(x)[0], layer(x.transpose(0, 1))[0].transpose(0, 1))
    once, twice = (chain.from_iterable(each) for each in (weights, convert.to_keras(back)))
    for one, other in zip(once, twice, strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_keras_layer_needs_no_list_around_its_weights() -> None:
    (layer,) = in_keras("LSTM", 1, False, True)
    alone, listed = (
        convert.from_keras(weights, "lstm")
        for weights in (layer.get_weights(), [layer.get_weights()])
    )
    torch.testing.assert_close(alone.state_dict(), listed.state_dict(), rtol=0, atol=0)


def test_the_layers_of_torch_go_to_keras_too() -> None:
    layer = nn.GRU(3, 5, batch_first=True)
    (theirs,) = in_keras("GRU", 1, False, True)
    theirs.set_weights(convert.to_keras(layer)[0])
    x = torch.randn(4, 6, 3)
    torch.testing.assert_close(run([theirs], x)[0], layer(x)[0].detach(), **TOLERANCE)


@pytest.mark.parametrize("bias", [True, False])
@every_kind
def test_a_keras_cell_takes_the_step_of_ours(kind: str, bias: bool) -> None:
    torch.manual_seed(0)
    name, _, before = kind.partition(",")
    options: dict[str, Any] = {"reset_after": False} if before else {}
    cell = getattr(gated, f"{name}Cell")(3, 5, bias=bias, **options)
    theirs = getattr(keras.layers, "SimpleRNNCell" if name == "RNN" else f"{name}Cell")(
        5, use_bias=bias, **options
    )
    theirs.build((None, 3))
    theirs.set_weights(convert.to_keras(cell)[0])
    x, h = torch.randn(4, 3), torch.randn(4, 5)
    state = [h, -h] if name == "LSTM" else [h]
    expected = cell(x, (h, -h) if name == "LSTM" else h)
    found = [part.detach() for part in theirs(x, state)[1]]
    parts = expected if name == "LSTM" else (expected,)
    torch.testing.assert_close(found, [part.detach() for part in parts], **TOLERANCE)
    layer = convert.from_keras(theirs.get_weights(), name.lower(), reset_after=not before)
    back = convert.to_cell(layer)(x, (h, -h) if name == "LSTM" else h)
    torch.testing.assert_close(back, expected)


def test_a_simple_rnn_with_relu_is_ours_when_we_are_told() -> None:
    theirs = keras.layers.SimpleRNN(5, activation="relu", return_sequences=True)
    theirs.build((None, None, 3))
    ours = convert.from_keras(theirs.get_weights(), "rnn", nonlinearity="relu")
    x = torch.randn(4, 6, 3)
    output = ours(x.transpose(0, 1))[0].transpose(0, 1)
    torch.testing.assert_close(theirs(x).detach(), output.detach(), **TOLERANCE)


def test_a_layer_in_bfloat16_goes_to_keras_and_back() -> None:
    torch.manual_seed(0)
    layer = gated.LSTM(3, 5, dtype=torch.bfloat16)
    theirs = keras.layers.LSTM(5, dtype="bfloat16", recurrent_initializer="zeros")
    theirs.build((None, None, 3))
    theirs.set_weights(convert.to_keras(layer)[0])
    back = convert.from_keras(theirs.get_weights(), "lstm")
    weight = back.get_parameter("weight_hh_l0")
    assert torch.equal(weight.to(torch.bfloat16), layer.get_parameter("weight_hh_l0"))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("units", [3, 5])
@pytest.mark.parametrize(
    "layers", [(False,), (True,), (False, False), (True, True), (False, False, False)]
)
@every_kind
def test_a_model_s_arrays_in_a_row_are_read_or_asked_about(
    kind: str, layers: tuple[bool, ...], units: int, bias: bool
) -> None:
    name, _, before = kind.partition(",")
    torch.manual_seed(0)
    options: dict[str, Any] = {"reset_after": False} if before else {}
    both = layers[0]
    layer = getattr(gated, name)(3, units, len(layers), bidirectional=both, bias=bias, **options)
    row = list(chain.from_iterable(convert.to_keras(layer)))

    def read(**more: Any) -> Any:
        return convert.from_keras(row, name.lower(), reset_after=not before, **more)

    x = torch.randn(6, 4, 3)
    ambiguous = units == 3 and layers in ((True,), (False, False))
    if ambiguous:
        with pytest.raises(ValueError, match="pass bidirectional=True or bidirectional=False"):
            read()
    for twin in [read(bidirectional=both)] + ([] if ambiguous else [read()]):
        torch.testing.assert_close(twin(x)[0], layer(x)[0])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
@every_kind
def test_the_count_is_keras_s(kind: str, bidirectional: bool, bias: bool) -> None:
    layers = in_keras(kind, 2, bidirectional, bias)
    name, _, before = kind.partition(",")
    counted = count(
        name.lower(), 3, 5, 2, bidirectional, bias, "keras-reset-before" if before else "keras"
    )
    assert counted.total == sum(layer.count_params() for layer in layers)
