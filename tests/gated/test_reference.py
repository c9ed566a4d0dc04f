"""The loops in NumPy give what torch.nn and gated give, and say what is wrong with their input."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from torch import Tensor

import gated
from gated import reference

KINDS = ("RNN", "GRU", "LSTM")
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def stacked(kind: str, layer: Any, x: Tensor, states: list[Tensor], **options: Any) -> list[Any]:
    """Run all layers and directions of a torch module by the loops: output and last states."""
    run = getattr(reference, kind.lower())
    below, finals = x.numpy(), []
    rows = iter(zip(*(state.numpy() for state in states), strict=True))
    for number in range(layer.num_layers):
        outputs = []
        for end in ["", "_reverse"][: 1 + layer.bidirectional]:
            found = [getattr(layer, f"{name}_l{number}{end}", None) for name in WEIGHTS]
            weights = [None if weight is None else weight.detach().numpy() for weight in found]
            order = -1 if end else 1
            hx: Any = next(rows, None)
            if kind != "LSTM" and hx is not None:
                (hx,) = hx
            output, last = run(below[::order], hx, *weights, **options)
            outputs.append(output[::order])
            finals.append(last if kind == "LSTM" else (last,))
        below = np.concatenate(outputs, axis=-1)
    return [below, *(np.stack(parts) for parts in zip(*finals, strict=True))]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "kind": draw(st.sampled_from(KINDS)),
        "sizes": (draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 2))),
        "bias": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "time": draw(st.integers(1, 6)),
        "batch": draw(st.integers(0, 3)),
        "with_state": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**32)),
    }


@given(cases(), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_torch_and_gated_give_what_the_loops_give(
    case: dict[str, Any], relu: bool, reset_after: bool
) -> None:
    kind = case["kind"]
    torch.manual_seed(case["seed"])
    options: dict[str, Any] = {name: case[name] for name in ("bias", "bidirectional")}
    ours: dict[str, Any] = {}
    if kind == "RNN":
        options["nonlinearity"] = ours["nonlinearity"] = "relu" if relu else "tanh"
    if kind == "GRU":
        ours["reset_after"] = reset_after
    layer = getattr(gated, kind)(*case["sizes"], **{**options, **ours}, dtype=torch.float64)
    layers = [layer]
    if reset_after or kind != "GRU":
        layers.append(getattr(torch.nn, kind)(*case["sizes"], **options, dtype=torch.float64))
        layers[1].load_state_dict(layer.state_dict())
    inputs, hidden, num_layers = case["sizes"]
    x = 3 * torch.randn(case["time"], case["batch"], inputs, dtype=torch.float64)
    rows = num_layers * (1 + case["bidirectional"])
    states = []
    if case["with_state"]:
        shape = (2 if kind == "LSTM" else 1, rows, case["batch"], hidden)
        states = list(torch.randn(shape, dtype=torch.float64))
    expected = stacked(kind, layer, x, states, **ours)
    hx: Any = None
    if states:
        hx = tuple(states) if kind == "LSTM" else states[0]
    for other in layers:
        output, last = other(x, hx)
        got = [output, *(last if kind == "LSTM" else (last,))]
        for mine, theirs in zip(got, expected, strict=True):
            assert_allclose(mine.detach().numpy(), theirs, rtol=1e-12, atol=1e-12)


def test_one_step_of_one_unit_can_be_followed_by_hand() -> None:
    def sigmoid(a: float) -> float:
        return float(1 / (1 + np.exp(-a)))

    x, h, b = 2.0, 0.5, np.arange(6) / 10
    w_ih, w_hh = [[1.0], [-1.0], [0.5]], [[0.3], [0.2], [-0.4]]
    r = sigmoid(1.0 * x + 0.0 + 0.3 * h + 0.3)
    z = sigmoid(-1.0 * x + 0.1 + 0.2 * h + 0.4)
    after = np.tanh(0.5 * x + 0.2 + r * (-0.4 * h + 0.5))
    before = np.tanh(0.5 * x + 0.2 + -0.4 * (r * h) + 0.5)
    for reset_after, n in ((True, after), (False, before)):
        output, h_n = reference.gru([[[x]]], [[h]], w_ih, w_hh, b[:3], b[3:], reset_after)
        assert_allclose(output, [[[(1 - z) * n + z * h]]], rtol=1e-15)
        assert_array_equal(output[-1], h_n)


@pytest.mark.parametrize("kind", KINDS)
def test_no_step_leaves_the_state_and_no_argument_is_changed(kind: str) -> None:
    run, blocks = getattr(reference, kind.lower()), BLOCKS[kind]
    h = np.ones((2, 3))
    hx: Any = (h, h) if kind == "LSTM" else h
    weights = np.ones((blocks * 3, 4)), np.ones((blocks * 3, 3))
    output, last = run(np.empty((0, 2, 4)), hx, *weights)
    assert output.shape == (0, 2, 3)
    assert_array_equal(last, hx)
    run(np.ones((5, 2, 4)), hx, *weights)
    assert_array_equal(h, np.ones((2, 3)))


@pytest.mark.parametrize("kind", KINDS)
def test_integers_and_float32_are_run_in_float64_and_large_ones_do_not_overflow(kind: str) -> None:
    run, blocks = getattr(reference, kind.lower()), BLOCKS[kind]
    weights = [[10**6]] * blocks, np.ones((blocks, 1), np.float32)
    output, _ = run([[[-1]], [[1]]], None, *weights)
    assert output.dtype == np.float64
    assert np.isfinite(output).all()


def filled(kind: str, **changes: Any) -> Callable[[], object]:
    """A call with a batch of 2, 3 features and 4 units, with some arguments replaced."""
    rows = BLOCKS[kind] * 4
    arguments: dict[str, Any] = {
        "input": np.zeros((5, 2, 3)),
        "hx": None,
        "weight_ih": np.zeros((rows, 3)),
        "weight_hh": np.zeros((rows, 4)),
        "bias_ih": np.zeros(rows),
        "bias_hh": np.zeros(rows),
    }
    return lambda: getattr(reference, kind.lower())(**arguments | changes)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            filled("GRU", input=np.zeros((5, 3))),
            ValueError,
            "input must be 3D, (time, batch, input_size), got shape (5, 3)",
        ),
        (
            filled("GRU", input=np.zeros((5, 2, 3), complex)),
            TypeError,
            "input must hold real numbers, got complex128",
        ),
        (
            filled("RNN", input=[[["a"]]]),
            TypeError,
            "input must hold real numbers, got <U1",
        ),
        (
            filled("RNN", weight_ih=None),
            TypeError,
            "weight_ih must hold real numbers, got object",
        ),
        (
            filled("GRU", weight_hh=np.zeros((16, 4))),
            ValueError,
            "weight_hh must have shape (3 * hidden_size, hidden_size), got (16, 4)",
        ),
        (
            filled("LSTM", weight_hh=np.zeros(16)),
            ValueError,
            "weight_hh must have shape (4 * hidden_size, hidden_size), got (16,)",
        ),
        (
            filled("RNN", weight_hh=np.zeros((0, 0))),
            ValueError,
            "weight_hh must have shape (1 * hidden_size, hidden_size), got (0, 0)",
        ),
        (
            filled("GRU", weight_ih=np.zeros((12, 5))),
            ValueError,
            "weight_ih must have shape (12, 3), got (12, 5)",
        ),
        (
            filled("GRU", bias_ih=np.zeros(4)),
            ValueError,
            "bias_ih must have shape (12,), got (4,)",
        ),
        (
            filled("LSTM", bias_hh=np.zeros((2, 16))),
            ValueError,
            "bias_hh must have shape (16,), got (2, 16)",
        ),
        (
            filled("GRU", hx=np.zeros((1, 2, 4))),
            ValueError,
            "hx must have shape (batch, hidden_size) = (2, 4), got (1, 2, 4)",
        ),
        (
            filled("LSTM", hx=(np.zeros((2, 4)), np.zeros((2, 5)))),
            ValueError,
            "hx[1] must have shape (batch, hidden_size) = (2, 4), got (2, 5)",
        ),
        (
            filled("LSTM", hx=np.zeros((2, 4))),
            TypeError,
            "hx must be a pair of arrays (h, c), got ndarray",
        ),
        (
            filled("RNN", nonlinearity="relus"),
            ValueError,
            "Unknown nonlinearity: 'relus' is not one of 'tanh', 'relu'; did you mean 'relu'?",
        ),
        (
            filled("GRU", reset_after=1),
            TypeError,
            "reset_after must be True or False, got 1 (int)",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
