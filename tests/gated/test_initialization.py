"""Biases set for the gate that keeps are seen in what a running layer keeps, and nowhere else."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune, weight_norm

import gated
from gated.family import MGU, CoupledLSTM, PeepholeLSTM
from gated.initialization import chrono_, forget_bias_
from gated.minimal import MinGRU, MinLSTM

LAYERS: dict[str, Any] = {
    "torch.nn.GRU": nn.GRU,
    "torch.nn.LSTM": nn.LSTM,
    "GRU": gated.GRU,
    "LSTM": gated.LSTM,
    "MGU": MGU,
    "CoupledLSTM": CoupledLSTM,
    "PeepholeLSTM": PeepholeLSTM,
    "MinGRU": MinGRU,
    "MinLSTM": MinLSTM,
}
CELLS: dict[str, Any] = {
    "torch.nn.GRUCell": nn.GRUCell,
    "torch.nn.LSTMCell": nn.LSTMCell,
    "GRUCell": gated.GRUCell,
    "LSTMCell": gated.LSTMCell,
}

WITH_CELL = (nn.LSTM, gated.LSTM, CoupledLSTM, PeepholeLSTM)

every_layer = pytest.mark.parametrize("kind", LAYERS)
every_cell = pytest.mark.parametrize("kind", CELLS)
both = pytest.mark.parametrize("function", [forget_bias_, chrono_])


def silence(layer: nn.Module) -> None:
    """Set all weights to zero, so that only the biases speak."""
    for name, weight in layer.named_parameters():
        if name.startswith("weight"):
            nn.init.zeros_(weight)


def last_state(layer: Any, x: Tensor, start: float) -> Tensor:
    """Run a layer from a state of equal numbers; return what it keeps: c if there is one, or h."""
    rows = layer.num_layers * (1 + layer.bidirectional)
    h = torch.full((rows, x.shape[1], layer.hidden_size), start, dtype=x.dtype)
    last: Any = layer(x, (h, h) if isinstance(layer, WITH_CELL) else h)[1]
    found: Tensor = last[1] if isinstance(last, tuple) else last
    return found


def kept(layer: Any, steps: int) -> Tensor:
    """Return the share of the initial state that is still there after some steps, by unit."""
    x = torch.zeros(steps, 1, layer.input_size, dtype=layer.weight_ih_l0.dtype)
    return (last_state(layer, x, 1.0) - last_state(layer, x, 0.0))[:, 0].detach()


@given(
    kind=st.sampled_from(list(LAYERS)),
    value=st.floats(-5, 5),
    num_layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    hidden_size=st.integers(1, 4),
)
@settings(max_examples=100)
def test_a_layer_keeps_the_sigmoid_of_the_forget_bias_at_each_step(
    kind: str, value: float, num_layers: int, bidirectional: bool, hidden_size: int
) -> None:
    options = {"bidirectional": bidirectional, "dtype": torch.float64}
    layer = LAYERS[kind](2, hidden_size, num_layers, **options)
    assert forget_bias_(layer, value) is layer
    silence(layer)
    share = 1 / (1 + math.exp(-value))
    for steps in (1, 3):
        found = kept(layer, steps)
        assert found.shape == (num_layers * (1 + bidirectional), hidden_size)
        torch.testing.assert_close(found, torch.full_like(found, share**steps))


@every_layer
def test_half_of_the_state_is_left_after_the_half_life(kind: str) -> None:
    for value, half_life in ((0.0, 1.0), (1.0, 2.213), (5.0, 103.2)):
        layer = forget_bias_(LAYERS[kind](2, 3, dtype=torch.float64), value)
        silence(layer)
        assert math.log(0.5) / math.log(1 / (1 + math.exp(-value))) == pytest.approx(
            half_life, rel=1e-3
        )
        assert (kept(layer, math.floor(half_life)) >= 0.5 - 1e-12).all()
        assert (kept(layer, math.floor(half_life) + 1) < 0.5).all()


@every_layer
def test_chrono_spreads_the_memory_from_two_steps_to_the_longest(kind: str) -> None:
    torch.manual_seed(0)
    layer = chrono_(LAYERS[kind](2, 500, 2, bidirectional=True, dtype=torch.float64), 100)
    silence(layer)
    share = kept(layer, 1)
    steps = 1 / (1 - share)
    assert steps.min() >= 2
    assert steps.max() <= 100
    for row in steps:  # uniform: quarters of the units between quarters of the range
        found = torch.histc(row, 4, 2, 100) / 500
        torch.testing.assert_close(found, torch.full_like(found, 0.25), rtol=0, atol=0.08)
    assert len(steps.unique()) == steps.numel()
    torch.testing.assert_close(kept(layer, 7), share**7)


@pytest.mark.parametrize("kind", ["torch.nn.LSTM", "LSTM", "PeepholeLSTM"])
def test_chrono_writes_into_an_lstm_what_it_does_not_keep(kind: str) -> None:
    torch.manual_seed(0)
    layer = chrono_(LAYERS[kind](1, 5, dtype=torch.float64), 50)
    silence(layer)
    with torch.no_grad():
        layer.bias_ih_l0[10:15] = 100.0  # the candidate is tanh(100) = 1
    keeps = kept(layer, 1)
    writes = last_state(layer, torch.zeros(1, 1, 1, dtype=torch.float64), 0.0)[:, 0]
    torch.testing.assert_close(keeps + writes, torch.ones_like(keeps))


@every_layer
def test_the_shortest_of_two_steps_keeps_one_half(kind: str) -> None:
    layer = chrono_(LAYERS[kind](2, 3), 2)
    silence(layer)
    torch.testing.assert_close(kept(layer, 1), torch.full((1, 3), 0.5))


@every_cell
def test_cells_are_set_as_layers_are(kind: str) -> None:
    cell = forget_bias_(CELLS[kind](2, 3), 2.0)
    silence(cell)
    ones, zeros = torch.ones(1, 3), torch.zeros(1, 3)
    with_cell = "LSTM" in kind
    one, zero = (cell(torch.zeros(1, 2), (h, h) if with_cell else h) for h in (ones, zeros))
    found = one[1] - zero[1] if with_cell else one - zero
    torch.testing.assert_close(found, torch.full((1, 3), 2.0).sigmoid())
    torch.manual_seed(0)
    cell = chrono_(CELLS[kind](2, 3), 50)
    torch.manual_seed(0)
    layer = chrono_(LAYERS[kind.removesuffix("Cell")](2, 3), 50)
    assert torch.equal(cell.bias_ih, layer.bias_ih_l0)


#: The blocks of a bias that each function sets, and their signs.
BLOCKS: dict[str, tuple[dict[int, int], dict[int, int]]] = {
    "GRU": ({1: 1}, {1: 1}),
    "LSTM": ({1: 1}, {1: 1, 0: -1}),
    "MGU": ({0: -1}, {0: -1}),
    "CoupledLSTM": ({0: 1}, {0: 1}),
    "PeepholeLSTM": ({1: 1}, {1: 1, 0: -1}),
    "MinGRU": ({0: -1}, {0: -1}),
    "MinLSTM": ({1: 1, 0: -1}, {1: 1, 0: -1}),
}


@every_layer
@both
def test_the_sum_of_the_biases_is_set_and_nothing_else(kind: str, function: Any) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind](2, 3, 2, bidirectional=True)
    before = {name: weight.clone() for name, weight in layer.state_dict().items()}
    function(layer, 7)
    signs = BLOCKS[kind.removeprefix("torch.nn.")][function is chrono_]
    after = layer.state_dict()
    for name, weight in after.items():
        if name.startswith("weight"):
            assert torch.equal(weight, before[name])
            continue
        for block, (new, old) in enumerate(
            zip(weight.split(3), before[name].split(3), strict=True)
        ):
            assert (new == old).any() == (block not in signs)
        if name.startswith("bias_ih"):
            other = after.get(name.replace("ih", "hh"), torch.zeros_like(weight))
            sums = [sign * (weight + other).split(3)[block] for block, sign in signs.items()]
            assert all(torch.equal(one, sums[0]) for one in sums)
            low, high = (0, math.log(6)) if function is chrono_ else (7, 7)
            assert low <= sums[0].min() <= sums[0].max() <= high
    assert all(weight.requires_grad and weight.is_leaf for weight in layer.parameters())


def test_a_projected_lstm_and_a_subclass_are_lstms() -> None:
    class Reader(gated.LSTM):
        pass

    for layer in (nn.LSTM(2, 3, proj_size=1), gated.LSTM(2, 3, proj_size=1), Reader(2, 3)):
        forget_bias_(layer)
        total = layer.get_parameter("bias_ih_l0") + layer.get_parameter("bias_hh_l0")
        assert total[3:6].tolist() == [1, 1, 1]


#: Which biases are made one with which, so that every sum can still be set.
TIES = {
    "of one step": {"hh_l0": "ih_l0", "hh_l0_reverse": "ih_l0_reverse"},
    "of both directions": {"ih_l0_reverse": "ih_l0"},
    "all": {"hh_l0": "ih_l0", "ih_l0_reverse": "ih_l0", "hh_l0_reverse": "ih_l0"},
}


def sums_of_biases(kind: str, ties: dict[str, str], function: Any) -> list[Tensor]:
    """Tie biases, set them from zero, and return their sum in each direction."""
    layer = LAYERS[kind](2, 3, bidirectional=True)
    for one, other in ties.items():
        setattr(layer, f"bias_{one}", getattr(layer, f"bias_{other}"))
    for weight in layer.parameters():
        nn.init.zeros_(weight)
    torch.manual_seed(0)
    function(layer, 7)
    ends = ("l0", "l0_reverse")
    return [getattr(layer, f"bias_ih_{end}") + getattr(layer, f"bias_hh_{end}") for end in ends]


with_two_biases = pytest.mark.parametrize("kind", [kind for kind in LAYERS if "Min" not in kind])


@pytest.mark.parametrize("ties", TIES)
@with_two_biases
def test_biases_that_are_one_get_the_sum_that_was_asked_for(kind: str, ties: str) -> None:
    got = sums_of_biases(kind, TIES[ties], forget_bias_)
    torch.testing.assert_close(got, sums_of_biases(kind, {}, forget_bias_), rtol=0, atol=0)


@with_two_biases
def test_what_is_drawn_is_drawn_for_biases_that_are_one(kind: str) -> None:
    got = sums_of_biases(kind, TIES["of one step"], chrono_)
    torch.testing.assert_close(got, sums_of_biases(kind, {}, chrono_), rtol=0, atol=0)


#: What makes biases such as cannot be set.
BINDINGS: dict[str, Callable[[Any], object]] = {
    "pruned": lambda layer: prune.l1_unstructured(layer, "bias_hh_l0", 0.3),
    "norm": lambda layer: parametrizations.weight_norm(layer, "bias_ih_l0"),
    "norm by hook": lambda layer: weight_norm(layer, "bias_ih_l0"),
    "deleted": lambda layer: delattr(layer, "bias_ih_l0"),
    "crossed": lambda layer: setattr(layer, "bias_ih_l0", layer.bias_hh_l0_reverse),
}


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm`:FutureWarning")
@both
@pytest.mark.parametrize("binding", BINDINGS)
@with_two_biases
def test_biases_that_cannot_be_set_are_refused_and_left_alone(
    kind: str, binding: str, function: Any
) -> None:
    layer = LAYERS[kind](2, 3, bidirectional=True)
    BINDINGS[binding](layer)
    before = copy.deepcopy(layer.state_dict())
    with pytest.raises(ValueError, match=r"^layer (computes bias_|uses one tensor as bias_ih and)"):
        function(layer, 7)
    torch.testing.assert_close(layer.state_dict(), before, rtol=0, atol=0)


@both
@with_two_biases
def test_pruned_and_parametrized_weights_leave_the_biases_free(kind: str, function: Any) -> None:
    layer = LAYERS[kind](2, 3)
    prune.l1_unstructured(layer, "weight_hh_l0", 0.3)
    parametrizations.spectral_norm(layer, "weight_ih_l0")
    assert function(layer, 7) is layer


@both
def test_numbers_may_be_numpy_s(function: Any) -> None:
    found: list[Any] = [gated.LSTM(2, 3), gated.LSTM(2, 3)]
    for layer, number in zip(found, (7, np.int64(7)), strict=True):
        torch.manual_seed(0)
        function(layer, number)
    torch.testing.assert_close(found[1].bias_ih_l0[3:6], found[0].bias_ih_l0[3:6], rtol=0, atol=0)


@both
def test_a_layer_may_be_of_another_dtype_or_without_memory(function: Any) -> None:
    assert function(gated.GRU(2, 3, dtype=torch.bfloat16), 9).bias_ih_l0.dtype == torch.bfloat16
    assert function(nn.LSTM(2, 3, device="meta"), 9).bias_ih_l0.is_meta


KNOWN = "GRU, GRUCell, LSTM, LSTMCell, PeepholeLSTM, CoupledLSTM, MGU, MinGRU, MinLSTM"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: forget_bias_(nn.RNN(2, 3)),
            TypeError,
            f"layer must have a gate that keeps ({KNOWN}), got RNN",
        ),
        (
            lambda: chrono_(nn.Linear(2, 3), 10),
            TypeError,
            f"layer must have a gate that keeps ({KNOWN}), got Linear",
        ),
        (
            lambda: chrono_(nn.LSTM, 10),  # type: ignore[type-var]
            TypeError,
            f"layer must have a gate that keeps ({KNOWN}), got type",
        ),
        (
            lambda: forget_bias_(nn.GRU(2, 3, bias=False)),
            ValueError,
            "layer must have biases, got GRU(2, 3, bias=False)",
        ),
        (
            lambda: chrono_(MinGRU(2, 3, bias=False), 10),
            ValueError,
            "layer must have biases, got MinGRU(2, 3, bias=False)",
        ),
        (
            lambda: forget_bias_(nn.GRU(2, 3), "one"),  # type: ignore[arg-type]
            TypeError,
            "value must be a number, got 'one' (str)",
        ),
        (
            lambda: forget_bias_(nn.GRU(2, 3), True),
            TypeError,
            "value must be a number, got True (bool)",
        ),
        (
            lambda: forget_bias_(nn.GRU(2, 3), math.nan),
            ValueError,
            "value must be finite, got nan",
        ),
        (
            lambda: chrono_(nn.GRU(2, 3), 1),
            ValueError,
            "longest must be at least 2, got 1",
        ),
        (
            lambda: chrono_(nn.GRU(2, 3), 10.5),  # type: ignore[arg-type]
            TypeError,
            "longest must be an int, got 10.5 (float)",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
