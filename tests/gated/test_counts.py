"""The counts are those of the layers that the frameworks themselves build. (Keras's are tested
where Keras is loaded, with the conversions.)
"""

from typing import Any

import equinox
import jax
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from flax import linen, nnx
from onnx import helper

import gated
from gated.parameters import count

D, H = 3, 5
CELLS = {"rnn": "SimpleCell", "gru": "GRUCell", "lstm": "LSTMCell"}

every_cell = pytest.mark.parametrize("cell", CELLS)
every_cell_with_and_without_peepholes = pytest.mark.parametrize(
    ("cell", "peepholes"), [*((cell, False) for cell in CELLS), ("lstm", True)]
)


def sizes(tree: Any) -> int:
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(tree))


@every_cell
def test_those_of_linen(cell: str) -> None:
    module = getattr(linen, CELLS[cell])(H)
    carry = module.initialize_carry(jax.random.key(0), (1, D))
    params = module.init(jax.random.key(0), carry, np.zeros((1, D), np.float32))
    assert count(cell, D, H, convention="flax-linen").total == sizes(params)


@every_cell
def test_those_of_nnx(cell: str) -> None:
    module = getattr(nnx, CELLS[cell])(D, H, rngs=nnx.Rngs(0))
    assert count(cell, D, H, convention="flax-nnx").total == sizes(nnx.state(module, nnx.Param))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_those_of_equinox(cell: str, bias: bool) -> None:
    module = getattr(equinox.nn, CELLS[cell])(D, H, use_bias=bias, key=jax.random.key(0))
    weights = equinox.filter(module, equinox.is_array)
    assert count(cell, D, H, bias=bias, convention="equinox").total == sizes(weights)


@pytest.mark.parametrize("bidirectional", [True, False])
@every_cell_with_and_without_peepholes
def test_those_that_onnxruntime_accepts(cell: str, bidirectional: bool, peepholes: bool) -> None:
    directions, rows = 1 + bidirectional, {"rnn": 1, "gru": 3, "lstm": 4}[cell] * H
    shapes: dict[str, tuple[int, ...]] = {
        "W": (directions, rows, D),
        "R": (directions, rows, H),
        "B": (directions, 2 * rows),
    }
    inputs = ["X", "W", "R", "B"]
    if peepholes:
        shapes["P"] = (directions, 3 * H)
        inputs += ["", "", "", "P"]
    node = helper.make_node(
        cell.upper(),
        inputs,
        ["Y"],
        hidden_size=H,
        direction="bidirectional" if bidirectional else "forward",
    )
    values = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, [2, 1, D])],
        [helper.make_tensor_value_info("Y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (output,) = session.run(None, {"X": np.ones((2, 1, D), np.float32)})
    assert output.shape == (2, directions, 1, H)
    counted = count(cell, D, H, bidirectional=bidirectional, convention="onnx", peepholes=peepholes)
    assert counted.total == sum(value.size for value in values.values())


def floats(message: Any) -> int:
    """Count the numbers in all weights of a CoreML layer."""
    if hasattr(message, "floatValue"):
        return len(message.floatValue)
    return sum(
        sum(map(floats, value)) if field.is_repeated else floats(value)
        for field, value in message.ListFields()
        if field.message_type is not None
    )


@every_cell_with_and_without_peepholes
def test_those_of_coreml(cell: str, peepholes: bool) -> None:
    coreml = pytest.importorskip(
        "coremltools.models.neural_network", reason="coremltools has no wheels for Linux on arm64"
    )
    datatypes = pytest.importorskip("coremltools.models.datatypes")
    blocks = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    w_h, w_x, b = ([np.ones(shape)] * blocks for shape in ((H, H), (H, D), H))
    inputs, outputs = [("x", datatypes.Array(D))], [("y", datatypes.Array(H))]
    builder = coreml.NeuralNetworkBuilder(inputs, outputs)
    states = (["x", "h", "c"], ["y", "h2", "c2"]) if cell == "lstm" else (["x", "h"], ["y", "h2"])
    if cell == "lstm":
        peep = [np.ones(H)] * 3 if peepholes else None
        builder.add_unilstm("one", w_h, w_x, b, H, D, *states, peep=peep)
        layer = builder.spec.neuralNetwork.layers[0].uniDirectionalLSTM
    elif cell == "gru":
        builder.add_gru("one", w_h, w_x, b, H, D, *states)
        layer = builder.spec.neuralNetwork.layers[0].gru
    else:
        builder.add_simple_rnn("one", w_h[0], w_x[0], b[0], H, D, "TANH", *states)
        layer = builder.spec.neuralNetwork.layers[0].simpleRecurrent
    expected = count(cell, D, H, convention="coreml", peepholes=peepholes)
    assert floats(layer) == expected.total


@pytest.mark.parametrize("bidirectional", [True, False])
def test_those_of_projected_layers_of_torch(bidirectional: bool) -> None:
    layer = torch.nn.LSTM(D, H, 3, bidirectional=bidirectional, proj_size=2)
    sizes = {name: weight.numel() for name, weight in layer.named_parameters()}
    counted = count("lstm", D, H, 3, bidirectional, proj_size=2)
    assert counted.total == sum(sizes.values())
    assert counted.projection == sum(n for name, n in sizes.items() if "weight_hr" in name)
    assert counted.recurrent == sum(n for name, n in sizes.items() if "weight_hh" in name)


def test_those_of_our_peepholes() -> None:
    layer = gated.PeepholeLSTM(D, H, 2, bidirectional=True)
    sizes = {name: weight.numel() for name, weight in layer.named_parameters()}
    counted = count("lstm", D, H, 2, bidirectional=True, peepholes=True)
    assert counted.total == sum(sizes.values())
    assert counted.peepholes == sum(n for name, n in sizes.items() if "weight_ch" in name)
