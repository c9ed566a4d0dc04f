r"""Flax: a small dense layer for each gate, or one for all; $z$ keeps, the reset acts after.

The cells of `flax.linen` hold `kernel` (in, hidden) and sometimes `bias` under names such as `ir`
and `hn`, from input or state to gate. Its GRU has the biases of PyTorch that are needed: one each
for r and z, and two for n. Its LSTM has one for each gate, its plain RNN one.

The GRU of `flax.nnx` holds all gates in `dense_i` and `dense_h`, side by side in PyTorch's order,
and no bias with the state, so that $b_{hn}$ has no place. Its `LSTMCell` is that of linen with
`if_` for `if`; its `OptimizedLSTMCell` and its plain RNN are like its GRU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import numpy as np

from gated.cells import NONLINEARITIES, Nonlinearity
from gated.convert.blocks import (
    GATES,
    Array,
    Direction,
    Options,
    array,
    build,
    check_keys,
    kind_of,
)
from gated.convert.reading import Cell, Layer, read
from gated.layers import GRU, LSTM, RNN
from gated.options import check_choice, check_flags

APIS: Final = ("linen", "nnx")
#: Of one cell: names to dense layers, which are names to arrays.
Params = dict[str, dict[str, Array]]
#: How to get at what is wanted, by api.
PARAMS_OF: Final = {
    "linen": 'cell.init(...)["params"]',
    "nnx": "nnx.to_pure_dict(nnx.state(cell, nnx.Param))",
}
#: The two dense layers of a cell that holds all gates in them, and which of them has the bias.
DENSE: Final = {
    ("rnn", "linen"): ("i", "h", "i"),
    ("rnn", "nnx"): ("dense_i", "dense_h", "dense_i"),
    ("gru", "nnx"): ("dense_i", "dense_h", "dense_i"),
    ("lstm", "nnx"): ("dense_i", "dense_h", "dense_h"),
}


def to_flax(layer: Layer | Cell, api: str, *, optimized: bool = False) -> list[list[Params]]:
    """Return the parameters of a Flax cell for every layer and, within it, every direction.

    Each fits `SimpleCell`, `GRUCell` or `LSTMCell`: for "linen",
    `cell.apply({"params": params}, carry, x)`; for "nnx", `nnx.update(cell, params)`. An RNN with
    `nonlinearity="relu"` needs `activation_fn=jax.nn.relu` in Flax. Weights in bfloat16 come as
    float32, which holds them exactly.

    Args:
        layer: An RNN, a GRU or an LSTM of gated or torch.nn, or one of their cells.
        api: "linen" or "nnx".
        optimized: Whether an LSTM's parameters are to fit `OptimizedLSTMCell`. (In linen they are
            those of `LSTMCell`.)

    Raises:
        TypeError: what is no such layer.
        ValueError: another api, a GRU that resets before the product, a projection, peepholes, a
            weight that is missing or not finite; for the GRU of nnx, a bias inside the reset gate
            that is not zero; `optimized` for what is no LSTM.

    Source: `SimpleCell`, `GRUCell`, `LSTMCell` and `OptimizedLSTMCell` of `flax.linen` and
    `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_choice("api", api, APIS)
    check_flags(optimized=optimized)
    layers = read(layer)
    if optimized and layers[0][0].cell != "lstm":
        raise ValueError(f"only Flax's LSTM has an optimized cell, got {kind_of(layer)}")
    return [[_params(one, api, optimized) for one in directions] for directions in layers]


def from_flax(
    params: Mapping[str, Any] | Sequence[Sequence[Mapping[str, Any]]],
    cell: str,
    api: str,
    *,
    nonlinearity: Nonlinearity = "tanh",
) -> RNN | GRU | LSTM:
    """Return a layer of gated with the parameters of one Flax cell, or of several.

    linen's `MGUCell` becomes a GRU whose two gates are one and the same: its gate keeps, and acts
    after the product, so that [`gated.MGU`][gated.MGU] is another function.

    Args:
        params: Those of a cell, for nnx `nnx.to_pure_dict(nnx.state(cell, nnx.Param))`; or for
            every layer a list with one cell's, or two for both directions.
        cell: "rnn" for `SimpleCell`, "gru", "lstm" for `LSTMCell` or `OptimizedLSTMCell`, or "mgu",
            which linen alone has.
        api: "linen" or "nnx".
        nonlinearity: The activation of the `SimpleCell`, "tanh" or "relu". (One with
            `residual=True` has no equivalent, and no parameter tells.)

    Raises:
        KeyError: a name that is missing or unknown.
        TypeError: what is no mapping, what holds no floating-point numbers.
        ValueError: another cell or api, another shape, NaN or infinity, an `MGUCell` with
            `reset_gate=False`.

    Source: `SimpleCell`, `GRUCell`, `LSTMCell`, `OptimizedLSTMCell` and `MGUCell` of `flax.linen`
    and `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_choice("api", api, APIS)
    check_choice("cell", cell, [*GATES, "mgu"] if api == "linen" else GATES)
    check_choice("nonlinearity", nonlinearity, NONLINEARITIES)
    layers = [[params]] if isinstance(params, Mapping) else params
    if not isinstance(layers, list | tuple):
        raise TypeError(f"params must be {PARAMS_OF[api]}, got {kind_of(params)}")
    if len(layers) == 0:
        raise ValueError("params must hold at least one layer, got none")
    built = []
    for number, directions in enumerate(layers):
        if not isinstance(directions, list | tuple) or len(directions) not in (1, 2):
            raise TypeError(
                f"layer {number} must be a list of one cell's parameters, or of two for both "
                f"directions, got {kind_of(directions)}"
            )
        built.append([_direction(one, cell, api, nonlinearity) for one in directions])
    return cast(RNN | GRU | LSTM, build(built))


def _params(one: Direction, api: str, optimized: bool) -> Params:
    if one.w_ch is not None:
        raise ValueError("Flax's LSTMCell has no peepholes, so that no weights give these results")
    if not one.options.reset_after:
        raise ValueError(
            "Flax's GRUCell resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so that no weights for Flax give its results"
        )
    if one.cell == "rnn" or (api == "nnx" and (one.cell == "gru" or optimized)):
        return _dense(one, api)
    gates = GATES[one.cell]
    b_ih, b_hh = one.biases()
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


def _dense(one: Direction, api: str) -> Params:
    """Return the parameters of a cell that holds all gates in two dense layers, with one bias."""
    if one.cell == "gru" and one.bias_inside_reset().any():
        raise ValueError(
            "flax.nnx.GRUCell has no bias with the state, and this layer's b_hn is not zero: the "
            "reset gate multiplies it, so that no other bias can stand in for it; flax.linen's "
            "GRUCell has one"
        )
    into, out, biased = DENSE[one.cell, api]
    params = {into: {"kernel": one.w_ih.T}, out: {"kernel": one.w_hh.T}}
    b_ih, b_hh = one.biases()
    params[biased]["bias"] = b_ih + b_hh
    return params


def _direction(
    params: Mapping[str, Any], cell: str, api: str, nonlinearity: Nonlinearity
) -> Direction:
    if isinstance(params, Mapping) and len(params) == 1:
        (outer,) = params
        if outer in ("params", "cell"):
            raise KeyError(f"params holds {outer!r} alone: pass what is in it, params[{outer!r}]")
    if cell == "mgu":
        return _mgu(params)
    options = Options(cell, nonlinearity)
    if (cell, api) in DENSE and (cell != "lstm" or _is_optimized(params)):
        into, out, biased = DENSE[cell, api]
        names = {
            name: ("kernel", "bias") if name == biased else ("kernel",) for name in (into, out)
        }
        arrays = _arrays(params, names)
        bias = arrays[biased]["bias"]
        w_ih, w_hh = (arrays[name]["kernel"].T for name in (into, out))
        return _fitting(options, w_ih, w_hh, bias, np.zeros_like(bias))
    gates = GATES[cell]
    with_bias = {f"h{gate}" for gate in ("n" if cell == "gru" else gates)}
    if cell == "gru":
        with_bias |= {f"i{gate}" for gate in gates}
    return _by_gate(params, options, gates, with_bias, api)


def _is_optimized(params: object) -> bool:
    return isinstance(params, Mapping) and "dense_i" in params


def _mgu(params: Mapping[str, Any]) -> Direction:
    """Read a cell whose one gate f resets and keeps as a GRU with f for r and for z."""
    if isinstance(params, Mapping) and "bias" not in params.get("hn", ("bias",)):
        raise ValueError(
            "params['hn'] has no bias, as in an MGUCell with reset_gate=False, which has no "
            "equivalent in gated"
        )
    return _by_gate(params, Options("gru"), "ffn", {"if", "in", "hn"}, "linen")


def _by_gate(
    params: Mapping[str, Any], options: Options, gates: str, with_bias: set[str], api: str
) -> Direction:
    """Read dense layers that are named by gate, and stack them in the order of the gates."""
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
    return _fitting(options, w_ih, w_hh, biases(into), biases(out))


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


def _fitting(options: Options, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Direction:
    rows = len(GATES[options.cell]) * w_hh.shape[1]
    return Direction(
        options,
        array("the kernels from the input", w_ih.T, (None, rows)).T,
        array("the kernels from the state", w_hh.T, (w_hh.shape[1], rows)).T,
        array("the biases with the input", b_ih, (rows,)),
        array("the biases with the state", b_hh, (rows,)),
    )
