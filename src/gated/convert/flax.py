r"""Flax: a small dense layer for each gate, or one for all; $z$ keeps, the reset acts after.

The cells of `flax.linen` hold `kernel` (in, hidden) and sometimes `bias` under names such as `ir`
and `hn`, from input or state to gate. Its GRU has the biases of PyTorch that are needed: one each
for r and z, and two for n. Its LSTM has one for each gate.

The GRU of `flax.nnx` holds all gates in `dense_i` and `dense_h`, side by side in PyTorch's order,
and no bias with the state, so that $b_{hn}$ has no place. Its LSTM is that of linen with `if_` for
`if`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gated.convert.blocks import (
    GATES,
    Array,
    Direction,
    Layer,
    array,
    build,
    check_cell,
    check_keys,
    read,
)
from gated.layers import GRU, LSTM
from gated.options import check_choice

APIS: Final = ("linen", "nnx")
#: Of one cell: names to dense layers, which are names to arrays.
Params = dict[str, dict[str, Array]]


def to_flax(layer: Layer, api: str) -> list[list[Params]]:
    """Return the parameters of a Flax cell for every layer and, within it, every direction.

    Each fits `GRUCell` or `LSTMCell`: for "linen", `cell.apply({"params": params}, carry, x)`; for
    "nnx", `nnx.update(cell, params)`.

    Args:
        layer: A GRU or an LSTM of gated or torch.nn.
        api: "linen" or "nnx".

    Raises:
        TypeError: what is no such layer.
        ValueError: another api, a GRU that resets before the product, a projection, a weight that
            is not finite; for the GRU of nnx, a bias inside the reset gate that is not zero.

    Source: `GRUCell` and `LSTMCell` of `flax.linen` and `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_choice("api", api, APIS)
    return [[_params(one, api) for one in directions] for directions in read(layer)]


def from_flax(
    params: Mapping[str, Any] | Sequence[Sequence[Mapping[str, Any]]], cell: str, api: str
) -> GRU | LSTM:
    """Return a layer of gated with the parameters of one Flax cell, or of several.

    Args:
        params: Those of a cell, for nnx `nnx.to_pure_dict(nnx.state(cell, nnx.Param))`; or for
            every layer a list with one cell's, or two for both directions.
        cell: "gru" or "lstm".
        api: "linen" or "nnx".

    Raises:
        KeyError: a name that is missing or unknown.
        TypeError: what is no mapping, what holds no floating-point numbers.
        ValueError: another cell or api, another shape, NaN or infinity.

    Source: `GRUCell` and `LSTMCell` of `flax.linen` and `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_cell(cell)
    check_choice("api", api, APIS)
    layers = [[params]] if isinstance(params, Mapping) else params
    if len(layers) == 0:
        raise ValueError("params must hold at least one layer, got none")
    return build([[_direction(one, cell, api) for one in directions] for directions in layers])


def _params(one: Direction, api: str) -> Params:
    if not one.reset_after:
        raise ValueError(
            "Flax's GRUCell resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so that no weights for Flax give its results"
        )
    b_ih, b_hh = one.biases()
    if one.cell == "gru" and api == "nnx":
        return _nnx_gru(one)
    gates = GATES[one.cell]
    parts = zip(*(np.split(a, len(gates)) for a in (one.w_ih, one.w_hh, b_ih, b_hh)), strict=True)
    params: Params = {}
    for gate, (w_i, w_h, b_i, b_h) in zip(gates, parts, strict=True):
        into, out = params.setdefault(_name(gate, api), {}), params.setdefault(f"h{gate}", {})
        into["kernel"], out["kernel"] = w_i.T, w_h.T
        if one.cell == "lstm":
            out["bias"] = b_i + b_h
        elif gate == "n":
            into["bias"], out["bias"] = b_i, b_h
        else:
            into["bias"] = b_i + b_h
    return params


def _nnx_gru(one: Direction) -> Params:
    b_ih, b_hh = one.biases()
    if one.bias_inside_reset().any():
        raise ValueError(
            "flax.nnx.GRUCell has no bias with the state, and this layer's b_hn is not zero: the "
            "reset gate multiplies it, so that no other bias can stand in for it; flax.linen's "
            "GRUCell has one"
        )
    return {
        "dense_i": {"kernel": one.w_ih.T, "bias": b_ih + b_hh},
        "dense_h": {"kernel": one.w_hh.T},
    }


def _direction(params: Mapping[str, Any], cell: str, api: str) -> Direction:
    gates = GATES[cell]
    if cell == "gru" and api == "nnx":
        names = {"dense_i": ("kernel", "bias"), "dense_h": ("kernel",)}
        arrays = _arrays(params, names)
        b_ih = arrays["dense_i"]["bias"]
        w_ih, w_hh = (arrays[name]["kernel"].T for name in names)
        return _fitting(cell, w_ih, w_hh, b_ih, np.zeros_like(b_ih))
    with_bias = {f"h{gate}" for gate in ("n" if cell == "gru" else gates)}
    if cell == "gru":
        with_bias |= {f"i{gate}" for gate in gates}
    into, out = [_name(gate, api) for gate in gates], [f"h{gate}" for gate in gates]
    arrays = _arrays(
        params,
        {name: ("kernel", "bias") if name in with_bias else ("kernel",) for name in into + out},
    )

    def biases(names: list[str]) -> Array:
        return np.concatenate(
            [arrays[name].get("bias", np.zeros_like(arrays[name]["kernel"][0])) for name in names]
        )

    w_ih, w_hh = (
        np.concatenate([arrays[name]["kernel"].T for name in names]) for names in (into, out)
    )
    return _fitting(cell, w_ih, w_hh, biases(into), biases(out))


def _name(gate: str, api: str) -> str:
    return "if_" if gate == "f" and api == "nnx" else f"i{gate}"


def _arrays(params: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> Params:
    """Return all arrays by name, once no name is missing or unknown."""
    check_keys("params", params, names)
    for name, parts in names.items():
        check_keys(f"params[{name!r}]", params[name], parts)
    return {
        name: {
            part: array(f"params[{name!r}][{part!r}]", params[name][part], (None,) * rank)
            for part, rank in (("kernel", 2), ("bias", 1))
            if part in parts
        }
        for name, parts in names.items()
    }


def _fitting(cell: str, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Direction:
    rows = len(GATES[cell]) * w_hh.shape[1]
    return Direction(
        cell,
        array("the kernels from the input", w_ih.T, (None, rows)).T,
        array("the kernels from the state", w_hh.T, (w_hh.shape[1], rows)).T,
        array("the biases with the input", b_ih, (rows,)),
        array("the biases with the state", b_hh, (rows,)),
    )
