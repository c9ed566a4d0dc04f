"""Writes an ONNX model that does what a layer or a cell does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
        from onnx import numpy_helper, parser

    check_flags(initial_state=initial_state, lengths=lengths)
    layers = to_onnx(layer)
    one_step = isinstance(layer, Cell)
    if one_step and lengths:
        raise ValueError("a cell takes one step, so its model has no lengths")
    states = ["h", "c"] if layers[0].cell == "lstm" else ["h"]
    starts = [f"{state}_0" for state in states] if initial_state or one_step else []
    directions, _, hidden_size = layers[0].R.shape
    kind = {"float32": "float", "float64": "double"}.get(layers[0].W.dtype.name, "float16")
    time, several = ("", "") if one_step else ("time, ", f"{len(layers) * directions}, ")
    state = f"{kind}[{several}batch, {hidden_size}]"
    inputs = [f"{kind}[{time}batch, {layers[0].W.shape[2]}] input"]
    inputs += [f"{state} {start}" for start in starts]
    inputs += ["int64[batch] lengths"] if lengths else []
    outputs = [] if one_step else [f"{kind}[time, batch, {directions * hidden_size}] output"]
    outputs += [f"{state} {name}_n" for name in states]
    nodes = _step(layers[0], states) if one_step else _over_time(layers, states, starts, lengths)
    model = parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 14]>
        gated ({", ".join(inputs)}) => ({", ".join(outputs)}) {{ {" ".join(nodes)} }}"""
    )
    weights = {
        f"{name}{number}": value
        for number, one in enumerate(layers)
        for name in "WRBP"
        if (value := getattr(one, name)) is not None
    }
    weights |= {"first": np.array([0])} if one_step else {"joined": np.array([0, 0, -1])}
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in weights.items()
    )
    return model


def _node(
    number: int, one: OnnxLayer, x: str, lengths: str, starts: list[str], outputs: list[str]
) -> str:
    """Return the node of one layer, in ONNX's text form; what has no name is left out."""
    directions, _, hidden_size = one.R.shape
    direction = "bidirectional" if directions == 2 else "forward"
    options = f'direction="{direction}", hidden_size={hidden_size}'
    if one.cell == "gru":
        options += f", linear_before_reset={int(one.linear_before_reset)}"
    if one.cell == "rnn":
        each = [f'"{one.nonlinearity.capitalize()}"'] * directions
        options = f"activations=[{', '.join(each)}], {options}"
    W, R, B, P = ("" if getattr(one, name) is None else f"{name}{number}" for name in "WRBP")
    inputs = ", ".join([x, W, R, B, lengths, *starts, *[""] * (2 - len(starts)), P])
    return f"{', '.join(outputs)} = {one.cell.upper()}<{options}>({inputs.rstrip(', ')})"


def _over_time(
    layers: list[OnnxLayer], states: list[str], starts: list[str], lengths: bool
) -> list[str]:
    def of_all(name: str) -> str:
        return ", ".join(f"{name}{number}" for number in range(len(layers)))

    nodes = [f"{of_all(start)} = Split<axis=0>({start})" for start in starts]
    nodes += ["ends = Cast<to=6>(lengths)"] if lengths else []  # to int32
    for number, one in enumerate(layers):
        x = f"x{number}" if number else "input"
        z = f"x{number + 1}" if one is not layers[-1] else "output"
        begin = [f"{start}{number}" for start in starts]
        finals = [f"{state}_n{number}" for state in states]
        y = f"Y{number}"
        nodes += [
            _node(number, one, x, "ends" if lengths else "", begin, [y, *finals]),
            # From (time, D, batch, hidden) to (time, batch, D * hidden).
            f"{y}t = Transpose<perm=[0, 2, 1, 3]>({y})",
            f"{z} = Reshape({y}t, joined)",
        ]
    return nodes + [f"{state}_n = Concat<axis=0>({of_all(f'{state}_n')})" for state in states]


def _step(one: OnnxLayer, states: list[str]) -> list[str]:
    """Return a layer's node for one step, between others that add its time and take it away."""
    given, finals = ["input", *(f"{state}_0" for state in states)], [f"{s}_n" for s in states]
    x, *starts = (f"{name}s" for name in given)
    return [
        *(f"{name}s = Unsqueeze({name}, first)" for name in given),
        _node(0, one, x, "", starts, ["", *(f"{final}s" for final in finals)]),
        *(f"{final} = Squeeze({final}s, first)" for final in finals),
    ]
