r"""Flax: a small dense layer for each gate, or one for all; $z$ keeps, the reset acts after.

The cells of `flax.linen` hold `kernel` (in, hidden) and sometimes `bias` under names such as `ir`
and `hn`, from input or state to gate. Its GRU has the biases of PyTorch that are needed: one each
for r and z, and two for n. Its LSTM has one for each gate, its plain RNN one.

The GRU of `flax.nnx` holds all gates in `dense_i` and `dense_h`, side by side in PyTorch's order,
and no bias with the state, so that $b_{hn}$ has no place. Its `LSTMCell` is that of linen with
`if_` for `if`; its `OptimizedLSTMCell` and its plain RNN are like its GRU.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np

from gated.cells import Nonlinearity
from gated.convert.blocks import (
    GATES,
    Array,
    Options,
    Weights,
    array,
    build,
    check_keys,
    check_list,
    kind_of,
)
from gated.convert.reading import Cell, Layer, read
from gated.layers import GRU, LSTM, RNN
from gated.options import check_choice, check_flags

APIS: Final = ("linen", "nnx")
#: The dense layers of both LSTMs that read the state.
HIDDEN: Final = ("hi", "hf", "hg", "ho")
#: Of one cell: names to dense layers, which are names to arrays.
Params = dict[str, dict[str, Array]]
#: How to get at what is wanted, by api.
PARAMS_OF: Final = {
    "linen": 'cell.init(...)["params"]',
    "nnx": "nnx.to_pure_dict(nnx.state(cell, nnx.Param))",
}


class _Layout(NamedTuple):
    """The dense layers of a cell, by the gates that they hold, in PyTorch's order."""

    into: tuple[str, ...]
    out: tuple[str, ...]
    biased: set[str]


#: By cell and api. The one gate f of the MGU both resets and keeps, as r and z of a GRU would.
LAYOUTS: Final = {
    ("rnn", "linen"): _Layout(("i",), ("h",), {"i"}),
    ("gru", "linen"): _Layout(("ir", "iz", "in"), ("hr", "hz", "hn"), {"ir", "iz", "in", "hn"}),
    ("mgu", "linen"): _Layout(("if", "if", "in"), ("hf", "hf", "hn"), {"if", "in", "hn"}),
    ("lstm", "linen"): _Layout(("ii", "if", "ig", "io"), HIDDEN, {*HIDDEN}),
    ("rnn", "nnx"): _Layout(("dense_i",), ("dense_h",), {"dense_i"}),
    ("gru", "nnx"): _Layout(("dense_i",), ("dense_h",), {"dense_i"}),
    ("lstm", "nnx"): _Layout(("ii", "if_", "ig", "io"), HIDDEN, {*HIDDEN}),
    ("optimized lstm", "nnx"): _Layout(("dense_i",), ("dense_h",), {"dense_h"}),
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
        TypeError: anything but such a layer.
        ValueError: another api, a GRU that resets before the product, a projection, peepholes, a
            weight that is missing or not finite; for the GRU of nnx, a bias inside the reset gate
            that is not zero; `optimized` for another layer than an LSTM.

    Source: `SimpleCell`, `GRUCell`, `LSTMCell` and `OptimizedLSTMCell` of `flax.linen` and
    `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_choice("api", api, APIS)
    check_flags(optimized=optimized)
    options, layers = read(layer)
    if optimized and options.cell != "lstm":
        raise ValueError(f"only Flax's LSTM has an optimized cell, got {kind_of(layer)}")
    return [[_params(one, options, api, optimized) for one in directions] for directions in layers]


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
            `residual=True` has no equivalent, and its parameters do not show it.)

    Raises:
        KeyError: a name that is missing or unknown.
        TypeError: anything but a mapping, numbers that are not floating-point.
        ValueError: another cell or api, another shape, NaN or infinity, an `MGUCell` with
            `reset_gate=False`.

    Source: `SimpleCell`, `GRUCell`, `LSTMCell`, `OptimizedLSTMCell` and `MGUCell` of `flax.linen`
    and `flax.nnx`, Flax 0.12, run by the tests.
    """
    check_choice("api", api, APIS)
    check_choice("cell", cell, [*GATES, "mgu"] if api == "linen" else GATES)
    options = Options("gru" if cell == "mgu" else cell, nonlinearity)
    layers = [[params]] if isinstance(params, Mapping) else params
    check_list("params", layers, PARAMS_OF[api])
    built = []
    for number, directions in enumerate(layers):
        if not isinstance(directions, list | tuple) or len(directions) not in (1, 2):
            raise TypeError(
                f"layer {number} must be a list of one cell's parameters, or of two for both "
                f"directions, got {kind_of(directions)}"
            )
        built.append([_direction(one, options, cell, api) for one in directions])
    return cast(RNN | GRU | LSTM, build(options, built))


def _params(one: Weights, options: Options, api: str, optimized: bool) -> Params:
    if "weight_ch" in one:
        raise ValueError("Flax's LSTMCell has no peepholes, so no weights give these results")
    if not options.reset_after:
        raise ValueError(
            "Flax's GRUCell resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so no weights for Flax give its results"
        )
    layout = LAYOUTS["optimized lstm" if optimized and api == "nnx" else options.cell, api]
    none = np.zeros_like(one["weight_hh"][:, 0])
    arrays = one["weight_ih"], one["weight_hh"], one.get("bias_ih", none), one.get("bias_hh", none)
    if options.cell == "gru" and api == "nnx" and np.split(arrays[3], 3)[2].any():
        raise ValueError(
            "flax.nnx.GRUCell has no bias with the state, and this layer's b_hn is not zero: the "
            "reset gate multiplies it, so no other bias can stand in for it; flax.linen's "
            "GRUCell has one"
        )
    parts = zip(*(np.split(each, len(layout.into)) for each in arrays), strict=True)
    params: Params = {}
    for into, out, (w_i, w_h, b_i, b_h) in zip(layout.into, layout.out, parts, strict=True):
        params[into], params[out] = {"kernel": w_i.T}, {"kernel": w_h.T}
        if {into, out} <= layout.biased:
            params[into]["bias"], params[out]["bias"] = b_i, b_h
        else:
            params[into if into in layout.biased else out]["bias"] = b_i + b_h
    return params


def _direction(params: Mapping[str, Any], options: Options, cell: str, api: str) -> Weights:
    named = params if isinstance(params, Mapping) else {}
    if len(named) == 1 and (outer := next(iter(named))) in ("params", "cell"):
        raise KeyError(f"params holds {outer!r} alone: pass what is in it, params[{outer!r}]")
    if cell == "mgu" and "bias" not in named.get("hn", ("bias",)):
        raise ValueError(
            "params['hn'] has no bias, as in an MGUCell with reset_gate=False, which has no "
            "equivalent in gated"
        )
    is_optimized = cell == "lstm" and api == "nnx" and "dense_i" in named
    layout = LAYOUTS["optimized lstm" if is_optimized else cell, api]
    arrays = _arrays(params, layout)
    size = len(arrays[layout.out[0]]["kernel"])
    rows = len(GATES[options.cell]) * size
    one: Weights = {}
    for end, names, source, width in (
        ("ih", layout.into, "input", None),
        ("hh", layout.out, "state", size),
    ):
        kernel, bias = (
            np.concatenate([arrays[name][part] for name in names], axis=-1)
            for part in ("kernel", "bias")
        )
        one[f"weight_{end}"] = array(f"the kernels from the {source}", kernel, (width, rows)).T
        one[f"bias_{end}"] = array(f"the biases with the {source}", bias, (rows,))
    return one


def _arrays(params: Mapping[str, Any], layout: _Layout) -> Params:
    """Return all arrays by name, once no name is missing or unknown; a bias left out is zeros."""
    names = dict.fromkeys(layout.into + layout.out)
    check_keys("params", params, names)
    found: Params = {}
    for name in names:
        ranks = {"kernel": (None, None), "bias": (None,)}
        parts = ["kernel", "bias"] if name in layout.biased else ["kernel"]
        check_keys(f"params[{name!r}]", params[name], parts)
        found[name] = {
            part: array(f"params[{name!r}][{part!r}]", params[name][part], ranks[part])
            for part in parts
        }
        found[name].setdefault("bias", np.zeros_like(found[name]["kernel"][0]))
    return found
