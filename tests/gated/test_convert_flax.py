"""Weights moved to Flax and back give the same results, in the real linen and nnx."""

from typing import Any

import jax
import numpy as np
import pytest
import torch
from flax import linen, nnx

import gated
from gated import convert

TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 1e-5}

every_api = pytest.mark.parametrize("api", ["linen", "nnx"])
every_kind = pytest.mark.parametrize("kind", ["GRU", "LSTM"])
every_form = pytest.mark.parametrize(
    ("num_layers", "bidirectional", "bias"),
    [(1, False, True), (2, True, True), (2, False, False)],
)


def make(kind: str, api: str, num_layers: int, bidirectional: bool, bias: bool) -> Any:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 5, num_layers, bidirectional=bidirectional, bias=bias)
    if (kind, api) == ("GRU", "nnx"):
        for name, weight in layer.named_parameters():
            if "bias_hh" in name:
                weight.data[10:] = 0  # which nnx has no place for
    return layer


def step_of(kind: str, api: str, params: Any, size: int) -> Any:
    """Return a function from carry and input to a new carry and output."""
    if api == "linen":
        cell = getattr(linen, f"{kind}Cell")(5)
        return lambda carry, x: cell.apply({"params": params}, carry, x)
    module = getattr(nnx, f"{kind}Cell")(size, 5, rngs=nnx.Rngs(0))
    nnx.update(module, params)
    return module


def run(kind: str, api: str, layers: list[list[Any]], x: Any) -> tuple[Any, list[Any]]:
    """Run cells over time in Flax; return the output and all last carries."""
    carries = []
    for directions in layers:
        outputs = []
        for backwards, params in enumerate(directions):
            step = step_of(kind, api, params, x.shape[-1])
            zeros = np.zeros((x.shape[1], 5), np.float32)
            carry: Any = zeros if kind == "GRU" else (zeros, zeros)
            found = []
            for x_t in x[::-1] if backwards else x:
                carry, y = step(carry, x_t)
                found.append(np.asarray(y))
            outputs.append(np.stack(found[::-1] if backwards else found))
            carries.append(carry)
        x = np.concatenate(outputs, axis=-1)
    return x, carries


@every_api
@every_kind
@every_form
def test_flax_gives_what_the_layer_gives(
    kind: str, api: str, num_layers: int, bidirectional: bool, bias: bool
) -> None:
    layer = make(kind, api, num_layers, bidirectional, bias)
    x = torch.randn(6, 4, 3)
    output, carries = run(kind, api, convert.to_flax(layer, api), x.numpy())
    expected, last = layer(x)
    np.testing.assert_allclose(output, expected.detach(), **TOLERANCE)
    if kind == "LSTM":  # Flax carries (c, h)
        carries, last = [h for _, h in carries], last[0]
    np.testing.assert_allclose(np.stack(carries), last.detach(), **TOLERANCE)


def initial(kind: str, api: str, size: int) -> Any:
    """Return the parameters that Flax itself draws, with biases that are not zero."""
    if api == "linen":
        cell = getattr(linen, f"{kind}Cell")(5)
        zeros = np.zeros((1, 5), np.float32)
        carry = zeros if kind == "GRU" else (zeros, zeros)
        params = cell.init(jax.random.key(1), carry, np.zeros((1, size), np.float32))["params"]
    else:
        module = getattr(nnx, f"{kind}Cell")(size, 5, rngs=nnx.Rngs(1))
        params = nnx.to_pure_dict(nnx.state(module, nnx.Param))
    return jax.tree.map(
        lambda value: np.asarray(value) + 0.1 * torch.randn(value.shape).numpy(), params
    )


@every_api
@every_kind
@pytest.mark.parametrize(("num_layers", "directions"), [(1, 1), (2, 2)])
def test_a_layer_gives_what_flax_gives(
    kind: str, api: str, num_layers: int, directions: int
) -> None:
    torch.manual_seed(0)
    layers = [
        [initial(kind, api, 3 if number == 0 else 5 * directions) for _ in range(directions)]
        for number in range(num_layers)
    ]
    given = layers[0][0] if (num_layers, directions) == (1, 1) else layers
    layer = convert.from_flax(given, kind.lower(), api)
    x = torch.randn(6, 4, 3)
    output, _ = run(kind, api, layers, x.numpy())
    np.testing.assert_allclose(output, layer(x)[0].detach(), **TOLERANCE)


@every_api
@every_kind
def test_what_went_to_flax_comes_back(kind: str, api: str) -> None:
    layer = make(kind, api, 2, True, True)
    back = convert.from_flax(convert.to_flax(layer, api), kind.lower(), api)
    x = torch.randn(6, 4, 3)
    torch.testing.assert_close(back(x)[0], layer(x)[0])
    again = convert.to_flax(back, api)
    assert jax.tree.all(jax.tree.map(np.array_equal, again, convert.to_flax(layer, api)))


def pure(module: Any) -> Any:
    return nnx.to_pure_dict(nnx.state(module, nnx.Param))


@every_api
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_a_plain_rnn_is_a_simple_cell(api: str, nonlinearity: Any) -> None:
    torch.manual_seed(0)
    cell = torch.nn.RNNCell(3, 5, nonlinearity=nonlinearity)
    [[params]] = convert.to_flax(cell, api)
    x, h = torch.randn(4, 3), torch.randn(4, 5)
    activation = getattr(jax.nn, nonlinearity)
    theirs: Any
    if api == "linen":
        simple = linen.SimpleCell(5, activation_fn=activation)
        theirs, _ = simple.apply({"params": params}, h.numpy(), x.numpy())
    else:
        module: Any = nnx.SimpleCell(3, 5, activation_fn=activation, rngs=nnx.Rngs(0))
        nnx.update(module, params)
        assert jax.tree.all(jax.tree.map(np.array_equal, pure(module), params))
        theirs, _ = module(h.numpy(), x.numpy())
    np.testing.assert_allclose(theirs, cell(x, h).detach(), **TOLERANCE)
    back = convert.to_cell(convert.from_flax(params, "rnn", api, nonlinearity=nonlinearity))
    torch.testing.assert_close(back(x, h), cell(x, h))


@every_api
def test_an_optimized_lstm_is_an_lstm(api: str) -> None:
    torch.manual_seed(0)
    cell = torch.nn.LSTMCell(3, 5)
    [[params]] = convert.to_flax(cell, api, optimized=True)
    x, h, c = torch.randn(4, 3), torch.randn(4, 5), torch.randn(4, 5)
    carry = c.numpy(), h.numpy()
    theirs: Any
    if api == "linen":
        (_, theirs), _ = linen.OptimizedLSTMCell(5).apply({"params": params}, carry, x.numpy())
    else:
        module: Any = nnx.OptimizedLSTMCell(3, 5, rngs=nnx.Rngs(0))
        nnx.update(module, params)
        (_, theirs), _ = module(carry, x.numpy())
    expected = cell(x, (h, c))
    np.testing.assert_allclose(theirs, expected[0].detach(), **TOLERANCE)
    back = convert.to_cell(convert.from_flax(params, "lstm", api))
    torch.testing.assert_close(back(x, (h, c)), expected)


def test_a_flax_mgu_is_a_gru_of_one_gate_and_not_the_paper_s_mgu() -> None:
    torch.manual_seed(0)
    x, h = torch.randn(4, 3), torch.randn(4, 5)
    cell = linen.MGUCell(5)
    drawn = cell.init(jax.random.key(0), h.numpy(), x.numpy())["params"]
    params = jax.tree.map(lambda a: np.asarray(a) + torch.randn(a.shape).numpy() / 9, drawn)
    theirs, _ = cell.apply({"params": params}, h.numpy(), x.numpy())
    ours = convert.to_cell(convert.from_flax(params, "mgu", "linen"))
    assert isinstance(ours, gated.GRUCell)
    np.testing.assert_allclose(theirs, ours(x, h).detach(), **TOLERANCE)
    bare = linen.MGUCell(5, reset_gate=False).init(jax.random.key(0), h.numpy(), x.numpy())
    with pytest.raises(ValueError, match="as in an MGUCell with reset_gate=False"):
        convert.from_flax(bare["params"], "mgu", "linen")


def test_parameters_in_bfloat16_become_float32_of_the_same_values() -> None:
    module = nnx.LSTMCell(3, 5, param_dtype=jax.numpy.bfloat16, rngs=nnx.Rngs(0))
    layer = convert.from_flax(pure(module), "lstm", "nnx")
    weight = layer.get_parameter("weight_hh_l0")
    assert weight.dtype == torch.float32
    kernel = np.asarray(module.hg.kernel[...]).astype(np.float32)
    np.testing.assert_array_equal(weight.detach()[10:15].T, kernel)


def test_a_bias_inside_the_reset_gate_has_no_place_in_nnx() -> None:
    with pytest.raises(ValueError, match=r"flax\.nnx\.GRUCell has no bias with the state, and"):
        convert.to_flax(torch.nn.GRU(3, 5), "nnx")
