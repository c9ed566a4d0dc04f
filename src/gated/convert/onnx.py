r"""ONNX: one node for a layer, with both directions in it and two biases, as in PyTorch.

The weights of the operators `GRU` and `LSTM` are `W` (D, k * hidden, input), `R` (D, k * hidden,
hidden) and `B` (D, 2 * k * hidden), the biases of the input before those of the state, with D
directions. The gates come as z, r and the candidate in the GRU, and as i, o, f and the candidate in
the LSTM. $z$ keeps the past. Where the reset gate acts is the attribute `linear_before_reset`: 1 is
after the product, as in PyTorch, and 0, the default, before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gated.convert.blocks import (
    GATES,
    Array,
    Direction,
    Layer,
    array,
    build,
    check_cell,
    read,
    reorder,
)
from gated.layers import GRU, LSTM

if TYPE_CHECKING:
    import onnx

#: The gates in ONNX's order, by PyTorch's names.
ORDER: Final = {"gru": "zrn", "lstm": "iofg"}


@dataclass(frozen=True)
class OnnxLayer:
    """What a node of ONNX's operator `GRU` or `LSTM` needs, for a layer in all its directions."""

    #: "gru" or "lstm".
    cell: str
    #: (directions, k * hidden_size, input_size).
    W: Array
    #: (directions, k * hidden_size, hidden_size).
    R: Array
    #: (directions, 2 * k * hidden_size); None for no biases.
    B: Array | None
    #: Whether the reset gate acts after the product; the LSTM has none.
    linear_before_reset: bool = True


def to_onnx(layer: Layer) -> list[OnnxLayer]:
    """Return the weights of the node for every layer.

    Args:
        layer: A GRU or an LSTM of gated or torch.nn.

    Raises:
        TypeError: what is no such layer.
        ValueError: a projection, a weight that is not finite.

    Source: the operators `GRU` and `LSTM` of ONNX, run in onnxruntime by the tests.
    """
    return [_node_weights(directions) for directions in read(layer)]


def from_onnx(layers: Sequence[OnnxLayer]) -> GRU | LSTM:
    """Return a layer of gated with the weights of one node, or of several, stacked.

    Args:
        layers: As [`to_onnx`][gated.convert.to_onnx] and
            [`onnx_layers`][gated.convert.onnx_layers] return them.

    Raises:
        TypeError: what is no OnnxLayer, what holds no floating-point numbers.
        ValueError: another cell, another shape, NaN or infinity, no layer.

    Source: the operators `GRU` and `LSTM` of ONNX, run in onnxruntime by the tests.
    """
    if len(layers) == 0:
        raise ValueError("layers must hold at least one layer, got none")
    return build([_directions(number, one) for number, one in enumerate(layers)])


def onnx_layers(model: onnx.ModelProto) -> list[OnnxLayer]:
    """Return the weights of all GRU and LSTM nodes of a model, in the order of the graph.

    Raises:
        ValueError: no such node, weights that are computed and not stored, options that torch.nn
            has not got.

    Source: the operators `GRU` and `LSTM` of ONNX.
    """
    from onnx import helper, numpy_helper

    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    layers = []
    for node in model.graph.node:
        if node.op_type not in ("GRU", "LSTM"):
            continue
        options = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        _check_options(node.name or node.op_type, node.op_type, options, list(node.input))
        names = [*node.input[1:3], *(name for name in node.input[3:4] if name)]
        for name in names:
            if name not in stored:
                raise ValueError(
                    f"{node.name or node.op_type}: {name!r} is not stored in the model"
                )
        arrays = [stored[name] for name in names]
        layers.append(
            OnnxLayer(
                node.op_type.lower(),
                arrays[0],
                arrays[1],
                arrays[2] if len(arrays) == 3 else None,
                bool(options.get("linear_before_reset", 0)) or node.op_type == "LSTM",
            )
        )
    if not layers:
        raise ValueError("the model has no GRU or LSTM node")
    return layers


def onnx_model(layer: Layer) -> onnx.ModelProto:
    """Return a model that does what the layer does from a state of zeros, with time first.

    Its input `input` is (time, batch, input_size), its outputs are `output` (time, batch, D *
    hidden_size), `h_n` and, for the LSTM, `c_n` (num_layers * D, batch, hidden_size). Time and
    batch may be of any size.

    Args:
        layer: A GRU or an LSTM of gated or torch.nn, of float32 or float64.

    Raises:
        TypeError: what is no such layer.
        ValueError: a projection, a weight that is not finite.

    Source: the operators `GRU` and `LSTM` of ONNX, version 14 of the operator set.
    """
    from onnx import helper, numpy_helper

    layers = to_onnx(layer)
    states = ["h_n"] if layers[0].cell == "gru" else ["h_n", "c_n"]
    directions, _, hidden_size = layers[0].R.shape
    kind = helper.np_dtype_to_tensor_dtype(layers[0].W.dtype)
    stored = [numpy_helper.from_array(np.array([0, 0, -1]), "joined")]
    nodes = []
    x = "input"
    for number, one in enumerate(layers):
        parts = {f"W{number}": one.W, f"R{number}": one.R}
        if one.B is not None:
            parts[f"B{number}"] = one.B
        stored += [numpy_helper.from_array(value, name) for name, value in parts.items()]
        options: dict[str, Any] = {"hidden_size": hidden_size}
        options["direction"] = "bidirectional" if directions == 2 else "forward"
        if one.cell == "gru":
            options["linear_before_reset"] = int(one.linear_before_reset)
        last = number == len(layers) - 1
        y, z = f"Y{number}", "output" if last else f"x{number + 1}"
        finals = [f"{state}{number}" for state in states]
        nodes += [
            helper.make_node(one.cell.upper(), [x, *parts], [y, *finals], **options),
            # From (time, D, batch, hidden) to (time, batch, D * hidden).
            helper.make_node("Transpose", [y], [f"{y}t"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"{y}t", "joined"], [z]),
        ]
        x = z
    for state in states:
        finals = [f"{state}{number}" for number in range(len(layers))]
        nodes.append(helper.make_node("Concat", finals, [state], axis=0))
    features = {"input": layers[0].W.shape[2], "output": directions * hidden_size}
    shapes = {name: ["time", "batch", size] for name, size in features.items()}
    shapes |= {state: [len(layers) * directions, "batch", hidden_size] for state in states}
    values = {
        name: helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()
    }
    given = values.pop("input")
    graph = helper.make_graph(nodes, "gated", [given], list(values.values()), stored)
    opset = [helper.make_opsetid("", 14)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def _node_weights(directions: Sequence[Direction]) -> OnnxLayer:
    first = directions[0]
    order, into = GATES[first.cell], ORDER[first.cell]
    biases = None
    if first.b_ih is not None:
        biases = np.stack(
            [np.concatenate([reorder(b, order, into) for b in one.biases()]) for one in directions]
        )
    return OnnxLayer(
        first.cell,
        np.stack([reorder(one.w_ih, order, into) for one in directions]),
        np.stack([reorder(one.w_hh, order, into) for one in directions]),
        biases,
        first.reset_after,
    )


def _directions(number: int, one: OnnxLayer) -> list[Direction]:
    if not isinstance(one, OnnxLayer):
        raise TypeError(f"layer {number} must be an OnnxLayer, got {type(one).__name__}")
    check_cell(one.cell)
    order, into = ORDER[one.cell], GATES[one.cell]
    shape = np.shape(one.R)
    if len(shape) != 3 or shape[0] not in (1, 2):
        raise ValueError(
            f"layer {number}: R must have shape (1 or 2, gates, hidden_size), got {shape}"
        )
    directions, hidden_size = shape[0], shape[2]
    rows = len(into) * hidden_size
    W = array(f"layer {number}: W", one.W, (directions, rows, None))
    R = array(f"layer {number}: R", one.R, (directions, rows, hidden_size))
    B = None if one.B is None else array(f"layer {number}: B", one.B, (directions, 2 * rows))
    found = []
    for k in range(directions):
        halves = (None, None) if B is None else np.split(B[k], 2)
        b_ih, b_hh = (None if half is None else reorder(half, order, into) for half in halves)
        w_ih, w_hh = reorder(W[k], order, into), reorder(R[k], order, into)
        found.append(Direction(one.cell, w_ih, w_hh, b_ih, b_hh, one.linear_before_reset))
    return found


def _check_options(name: str, kind: str, options: dict[str, Any], inputs: list[str]) -> None:
    """Raise ValueError for what makes a node another function than torch.nn's."""
    usual = [b"Sigmoid", b"Tanh"] if kind == "GRU" else [b"Sigmoid", b"Tanh", b"Tanh"]
    given = options.get("activations", usual)
    if given not in (usual, 2 * usual):
        raise ValueError(f"{name}: activations other than Sigmoid and Tanh have no equivalent")
    if options.get("direction", b"forward") == b"reverse":
        raise ValueError(f"{name}: direction=reverse alone has no equivalent in torch.nn")
    if kind == "LSTM" and len(inputs) > 7 and inputs[7]:
        raise ValueError(f"{name}: peepholes have no equivalent in torch.nn")
    for option in ("clip", "input_forget"):
        if options.get(option):
            raise ValueError(f"{name}: {option} has no equivalent in torch.nn")
