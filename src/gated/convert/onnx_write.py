"""Writes an ONNX model that does what a layer or a cell does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gated.convert.blocks import Array
from gated.convert.onnx import OnnxLayer, to_onnx
from gated.convert.reading import Cell, Layer
from gated.extras import extra
from gated.options import check_flags

if TYPE_CHECKING:
    import onnx


def onnx_model(
    layer: Layer | Cell, *, initial_state: bool = False, lengths: bool = False
) -> onnx.ModelProto:
    """Return a model that does what the layer does, with time first.

    Its input `input` is (time, batch, input_size), its outputs are `output` (time, batch, D *
    hidden_size), `h_n` and, for the LSTM, `c_n` (num_layers * D, batch, hidden_size). Time and
    batch may be of any size. A cell's model takes one step: its inputs are `input` (batch,
    input_size), `h_0` and, for the LSTM, `c_0`, its outputs `h_n` and `c_n`, all (batch,
    hidden_size).

    Args:
        layer: An RNN, a GRU, an LSTM or a PeepholeLSTM of gated, a layer of torch.nn, or one of
            their cells. (onnxruntime runs float32 and, but for some operators, float64. bfloat16
            becomes float32.)
        initial_state: Whether the model takes the state before the first step, for streams: `h_0`
            and, for the LSTM, `c_0`, of the shapes of `h_n` and `c_n`. Else it is zeros.
        lengths: Whether the model takes `lengths`, whole numbers (batch,), for padded batches: as
            with a PackedSequence, what follows a sequence's end is not read, and gives zeros.

    Raises:
        TypeError: anything but such a layer.
        ValueError: a projection, a weight that is missing or not finite; lengths of a cell.

    Source: the operators `RNN`, `GRU` and `LSTM` of ONNX, version 14 of the operator set.
    """
    with extra("frameworks"):
        from onnx import TensorProto, helper, numpy_helper

    check_flags(initial_state=initial_state, lengths=lengths)
    layers = to_onnx(layer)
    one_step = isinstance(layer, Cell)
    if one_step and lengths:
        raise ValueError("a cell takes one step, so its model has no lengths")
    states = ["h", "c"] if layers[0].cell == "lstm" else ["h"]
    starts = [f"{state}_0" for state in states] if initial_state or one_step else []
    directions, _, hidden_size = layers[0].R.shape
    stored = [
        numpy_helper.from_array(value, f"{name}{number}")
        for number, one in enumerate(layers)
        for name, value in _weights(one).items()
    ]
    if one_step:
        stored.append(numpy_helper.from_array(np.array([0]), "first"))
        nodes = _step_nodes(layers[0], states)
    else:
        stored.append(numpy_helper.from_array(np.array([0, 0, -1]), "joined"))
        nodes = _layer_nodes(layers, states, starts, lengths)

    kind = helper.np_dtype_to_tensor_dtype(layers[0].W.dtype)
    several = [] if one_step else [len(layers) * directions]
    steps = [] if one_step else ["time"]
    shapes: dict[str, list[str | int]] = {"input": [*steps, "batch", layers[0].W.shape[2]]}
    shapes |= {start: [*several, "batch", hidden_size] for start in starts}
    inputs = [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]
    if lengths:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]))
    shapes = {} if one_step else {"output": ["time", "batch", directions * hidden_size]}
    shapes |= {f"{state}_n": [*several, "batch", hidden_size] for state in states}
    outputs = [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]
    graph = helper.make_graph(nodes, "gated", inputs, outputs, stored)
    opset = [helper.make_opsetid("", 14)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


def _weights(one: OnnxLayer) -> dict[str, Array]:
    weights = {"W": one.W, "R": one.R, "B": one.B, "P": one.P}
    return {name: value for name, value in weights.items() if value is not None}


def _node(
    number: int, one: OnnxLayer, x: str, lengths: str, starts: list[str], outputs: list[str]
) -> onnx.NodeProto:
    """Return the node of one layer; what has no name is left out."""
    from onnx import helper

    directions, _, hidden_size = one.R.shape
    options: dict[str, Any] = {"hidden_size": hidden_size}
    options["direction"] = "bidirectional" if directions == 2 else "forward"
    if one.cell == "gru":
        options["linear_before_reset"] = int(one.linear_before_reset)
    if one.cell == "rnn":
        options["activations"] = [one.nonlinearity.capitalize()] * directions
    W, R, B, P = (f"{name}{number}" if name in _weights(one) else "" for name in "WRBP")
    inputs = [x, W, R, B, lengths, *starts, *[""] * (2 - len(starts)), P]
    while not inputs[-1]:
        inputs.pop()
    return helper.make_node(one.cell.upper(), inputs, outputs, **options)


def _layer_nodes(
    layers: list[OnnxLayer], states: list[str], starts: list[str], lengths: bool
) -> list[onnx.NodeProto]:
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node(
            "Split", [start], [f"{start}{number}" for number in range(len(layers))], axis=0
        )
        for start in starts
    ]
    if lengths:
        nodes.append(helper.make_node("Cast", ["lengths"], ["ends"], to=TensorProto.INT32))
    x = "input"
    for number, one in enumerate(layers):
        last = number == len(layers) - 1
        y, z = f"Y{number}", "output" if last else f"x{number + 1}"
        begin = [f"{start}{number}" for start in starts]
        finals = [f"{state}_n{number}" for state in states]
        nodes += [
            _node(number, one, x, "ends" if lengths else "", begin, [y, *finals]),
            # From (time, D, batch, hidden) to (time, batch, D * hidden).
            helper.make_node("Transpose", [y], [f"{y}t"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"{y}t", "joined"], [z]),
        ]
        x = z
    for state in states:
        finals = [f"{state}_n{number}" for number in range(len(layers))]
        nodes.append(helper.make_node("Concat", finals, [f"{state}_n"], axis=0))
    return nodes


def _step_nodes(one: OnnxLayer, states: list[str]) -> list[onnx.NodeProto]:
    """Return a layer's node for one step, between others that add its time and take it away."""
    from onnx import helper

    starts = [f"{state}_0" for state in states]
    nodes = [
        helper.make_node("Unsqueeze", [name, "first"], [f"{name}s"]) for name in ("input", *starts)
    ]
    finals = [f"{state}_ns" for state in states]
    nodes.append(_node(0, one, "inputs", "", [f"{start}s" for start in starts], ["", *finals]))
    nodes += [
        helper.make_node("Squeeze", [final, "first"], [final.removesuffix("s")]) for final in finals
    ]
    return nodes
