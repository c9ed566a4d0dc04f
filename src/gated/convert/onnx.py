r"""ONNX: one node for a layer, with both directions in it and two biases, as in PyTorch.

The weights of the operators `RNN`, `GRU` and `LSTM` are `W` (D, k * hidden, input), `R` (D, k *
hidden, hidden) and `B` (D, 2 * k * hidden), the biases of the input before those of the state, with
D directions; k is 1, 3 or 4. The gates come as z, r and the candidate in the GRU, and as i, o, f
and the candidate in the LSTM. $z$ keeps the past. Where the reset gate acts is the attribute
`linear_before_reset`: 1 is after the product, as in PyTorch, and 0, the default, before it. An LSTM
may have peepholes, `P` (D, 3 * hidden), in the order i, o, f.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gated.cells import Nonlinearity
from gated.convert.blocks import (
    GATES,
    Array,
    Options,
    Weights,
    array,
    build,
    check_list,
    kind_of,
    reordered,
)
from gated.convert.reading import Cell, Layer, read
from gated.family import PeepholeLSTM
from gated.layers import GRU, LSTM, RNN

#: The gates in ONNX's order, by PyTorch's names; the peepholes are those but the candidate's.
ORDER: Final = {"rnn": "n", "gru": "zrn", "lstm": "iofg"}


@dataclass(frozen=True)
class OnnxLayer:
    """What a node of ONNX's `RNN`, `GRU` or `LSTM` needs, for a layer in all its directions."""

    #: "rnn", "gru" or "lstm".
    cell: str
    #: (directions, k * hidden_size, input_size).
    W: Array
    #: (directions, k * hidden_size, hidden_size).
    R: Array
    #: (directions, 2 * k * hidden_size); None for no biases.
    B: Array | None
    #: Whether the reset gate acts after the product; the others have none.
    linear_before_reset: bool = True
    #: The peepholes of an LSTM, (directions, 3 * hidden_size); None for none.
    P: Array | None = None
    #: "tanh" or "relu", for the plain RNN.
    nonlinearity: Nonlinearity = "tanh"
    #: 1 where the batch comes before the time, which onnxruntime does not run.
    layout: int = 0


def to_onnx(layer: Layer | Cell) -> list[OnnxLayer]:
    """Return the weights of the node for every layer, with time first; weights in bfloat16 as
    float32, which holds them exactly.

    Args:
        layer: An RNN, a GRU, an LSTM or a PeepholeLSTM of gated, a layer of torch.nn, or one of
            their cells.

    Raises:
        TypeError: anything but such a layer.
        ValueError: a projection, a weight that is missing or not finite.

    Source: the operators `RNN`, `GRU` and `LSTM` of ONNX, run in onnxruntime by the tests.
    """
    options, layers = read(layer)
    return [_node_weights(directions, options) for directions in layers]


def from_onnx(layers: Sequence[OnnxLayer]) -> RNN | GRU | LSTM | PeepholeLSTM:
    """Return a layer of gated with the weights of one node, or of several, stacked.

    Args:
        layers: As [`to_onnx`][gated.convert.to_onnx] and
            [`onnx_layers`][gated.convert.onnx_layers] return them. Where `layout` is 1, the layer
            has the batch first.

    Raises:
        TypeError: anything but a list of OnnxLayers, numbers that are not floating-point.
        ValueError: another cell, another shape, NaN or infinity, no layer, layers of several kinds.

    Source: the operators `RNN`, `GRU` and `LSTM` of ONNX, run in onnxruntime by the tests.
    """
    check_list("layers", layers, "a list of OnnxLayers, as onnx_layers(model) returns it")
    found = [_directions(number, one) for number, one in enumerate(layers)]
    layouts = [one.layout for one in layers]
    if layouts.count(layouts[0]) != len(layouts):
        raise ValueError(f"the layers do not fit together: their layouts are {layouts}")
    first, _ = found[0]
    for number, (options, _) in enumerate(found):
        for name, value in vars(first).items():
            if value != (other := getattr(options, name)):
                raise ValueError(
                    f"the layers do not fit together: {name} is {value!r} in layer 0, and "
                    f"{other!r} in layer {number}"
                )
    return build(first, [directions for _, directions in found], batch_first=layouts[0] == 1)


def _node_weights(directions: Sequence[Weights], options: Options) -> OnnxLayer:
    ordered = [reordered(one, GATES[options.cell], ORDER[options.cell]) for one in directions]
    both = {name: np.stack([one[name] for one in ordered]) for name in ordered[0]}
    biases = [both[name] for name in ("bias_ih", "bias_hh") if name in both]
    return OnnxLayer(
        options.cell,
        both["weight_ih"],
        both["weight_hh"],
        np.concatenate(biases, axis=1) if biases else None,
        options.reset_after,
        both.get("weight_ch"),
        options.nonlinearity,
    )


def _directions(number: int, one: OnnxLayer) -> tuple[Options, list[Weights]]:
    if not isinstance(one, OnnxLayer):
        raise TypeError(f"layer {number} must be an OnnxLayer, got {kind_of(one)}")
    options = Options(one.cell, one.nonlinearity, one.linear_before_reset)
    if one.layout not in (0, 1):
        raise ValueError(f"layer {number}: layout must be 0 or 1, got {one.layout!r}")
    if one.P is not None and one.cell != "lstm":
        raise ValueError(f"layer {number}: only an LSTM has peepholes, got cell={one.cell!r}")
    shape = np.shape(one.R)
    if len(shape) != 3 or shape[0] not in (1, 2):
        raise ValueError(
            f"layer {number}: R must have shape (1 or 2, gates, hidden_size), got {shape}"
        )
    directions, hidden_size = shape[0], shape[2]
    rows = len(GATES[one.cell]) * hidden_size
    both = {
        "weight_ih": array(f"layer {number}: W", one.W, (directions, rows, None)),
        "weight_hh": array(f"layer {number}: R", one.R, (directions, rows, hidden_size)),
    }
    if one.B is not None:
        B = array(f"layer {number}: B", one.B, (directions, 2 * rows))
        both["bias_ih"], both["bias_hh"] = np.split(B, 2, axis=1)
    if one.P is not None:
        both["weight_ch"] = array(f"layer {number}: P", one.P, (directions, 3 * hidden_size))
    order, into = ORDER[one.cell], GATES[one.cell]
    return options, [
        reordered({name: value[k] for name, value in both.items()}, order, into)
        for k in range(directions)
    ]
