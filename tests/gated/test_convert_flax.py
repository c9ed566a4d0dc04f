"""Weights moved to Flax and back give the same results, in the real linen and nnx."""

from __future__ import annotations

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


def test_a_bias_inside_the_reset_gate_has_no_place_in_nnx() -> None:
    with pytest.raises(ValueError, match=r"flax\.nnx\.GRUCell has no bias with the state, and"):
        convert.to_flax(torch.nn.GRU(3, 5), "nnx")
