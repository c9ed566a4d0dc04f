"""Weights moved to ONNX and back give the same results, in the real onnxruntime."""

import re
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gated
from gated import convert

TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 1e-5}
KINDS = ["RNN", "GRU", "GRU, reset before", "LSTM", "PeepholeLSTM"]

every_kind = pytest.mark.parametrize("kind", KINDS)
every_form = pytest.mark.parametrize(
    ("num_layers", "bidirectional", "bias"),
    [(1, False, True), (1, True, True), (2, False, False), (3, True, True)],
)


def make(kind: str, num_layers: int = 1, bidirectional: bool = False, bias: bool = True) -> Any:
    torch.manual_seed(0)
    name, _, before = kind.partition(",")
    options: dict[str, Any] = {"reset_after": False} if before else {}
    return getattr(gated, name)(3, 5, num_layers, bidirectional=bidirectional, bias=bias, **options)


def run(model: onnx.ModelProto, x: torch.Tensor, **more: torch.Tensor) -> dict[str, Any]:
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    given = {name: value.numpy() for name, value in (more | {"input": x}).items()}
    return dict(zip(names, session.run(None, given), strict=True))


@every_kind
@every_form
def test_onnxruntime_gives_what_the_layer_gives(
    kind: str, num_layers: int, bidirectional: bool, bias: bool
) -> None:
    layer = make(kind, num_layers, bidirectional, bias)
    model = convert.onnx_model(layer)
    for steps, batch in ((6, 4), (1, 1)):
        x = torch.randn(steps, batch, 3)
        expected, last = layer(x)
        found = run(model, x)
        np.testing.assert_allclose(found.pop("output"), expected.detach(), **TOLERANCE)
        states = last if isinstance(last, tuple) else (last,)
        for name, state in zip(("h_n", "c_n"), states, strict=False):
            np.testing.assert_allclose(found.pop(name), state.detach(), **TOLERANCE)
        assert not found


@every_kind
@every_form
def test_a_model_s_weights_come_back_exactly(
    kind: str, num_layers: int, bidirectional: bool, bias: bool
) -> None:
    layer = make(kind, num_layers, bidirectional, bias)
    back = convert.from_onnx(convert.onnx_layers(convert.onnx_model(layer)))
    assert repr(back) == repr(layer)
    torch.testing.assert_close(back.state_dict(), layer.state_dict(), rtol=0, atol=0)


def node(kind: str = "GRU", **changes: Any) -> onnx.ModelProto:
    """Return a model of one layer whose node has other options."""
    model = convert.onnx_model(make(kind))
    recurrent = model.graph.node[0]
    for name, value in changes.items():
        for old in [one for one in recurrent.attribute if one.name == name]:
            recurrent.attribute.remove(old)
        recurrent.attribute.append(helper.make_attribute(name, value))
    return model


def test_by_default_onnx_resets_before_the_product() -> None:
    model = convert.onnx_model(make("GRU"))
    recurrent = model.graph.node[0]
    (option,) = (one for one in recurrent.attribute if one.name == "linear_before_reset")
    recurrent.attribute.remove(option)
    layer = convert.from_onnx(convert.onnx_layers(model))
    assert not layer.reset_after
    x = torch.randn(6, 4, 3)
    np.testing.assert_allclose(run(model, x)["output"], layer(x)[0].detach(), **TOLERANCE)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            node(activations=["Sigmoid", "Relu"]),
            "GRU: activations other than Sigmoid and Tanh have no equivalent",
        ),
        (
            node(direction="reverse"),
            "GRU: direction=reverse alone has no equivalent in torch.nn",
        ),
        (node(clip=3.0), "GRU: clip has no equivalent in torch.nn"),
        (node("LSTM", input_forget=1), "LSTM: input_forget has no equivalent in torch.nn"),
        (onnx.ModelProto(), "the model has no RNN, GRU or LSTM node"),
    ],
)
def test_a_node_without_equivalent_is_refused(model: onnx.ModelProto, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        convert.onnx_layers(model)


def test_weights_that_are_nowhere_are_refused() -> None:
    model = convert.onnx_model(make("GRU"))
    del model.graph.initializer[1]
    with pytest.raises(ValueError, match="GRU: 'R0' is not stored in the model"):
        convert.onnx_layers(model)


def starts(layer: Any, *shape: int) -> dict[str, torch.Tensor]:
    """Return a state to begin with, by the names of the model's inputs."""
    names = ("h_0", "c_0") if "LSTM" in type(layer).__name__ else ("h_0",)
    return {name: torch.randn(shape) for name in names}


def as_hx(given: dict[str, torch.Tensor]) -> Any:
    return tuple(given.values()) if len(given) == 2 else given["h_0"]


@every_kind
@every_form
@pytest.mark.parametrize("lengths", [False, True])
def test_a_model_takes_a_state_and_lengths(
    kind: str, num_layers: int, bidirectional: bool, bias: bool, lengths: bool
) -> None:
    layer = make(kind, num_layers, bidirectional, bias)
    model = convert.onnx_model(layer, initial_state=True, lengths=lengths)
    x, steps = torch.randn(6, 4, 3), torch.tensor([2, 6, 1, 5])
    given = starts(layer, num_layers * (1 + bidirectional), 4, 5)
    found = run(model, x, **given, **({"lengths": steps} if lengths else {}))
    if lengths:
        packed = pack_padded_sequence(x, steps, enforce_sorted=False)
        output, last = layer(packed, as_hx(given))
        expected, _ = pad_packed_sequence(output)
    else:
        expected, last = layer(x, as_hx(given))
    np.testing.assert_allclose(found.pop("output"), expected.detach(), **TOLERANCE)
    states = last if isinstance(last, tuple) else (last,)
    for name, state in zip(("h_n", "c_n"), states, strict=False):
        np.testing.assert_allclose(found.pop(name), state.detach(), **TOLERANCE)
    assert not found
    back = convert.from_onnx(convert.onnx_layers(model))  # what a call takes is no weight
    torch.testing.assert_close(back.state_dict(), layer.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("owner", [gated, torch.nn], ids=["gated", "torch"])
def test_a_cell_s_model_takes_one_step(owner: Any, kind: str) -> None:
    torch.manual_seed(0)
    cell = getattr(owner, f"{kind}Cell")(3, 5)
    x, given = torch.randn(4, 3), starts(cell, 4, 5)
    found = run(convert.onnx_model(cell), x, **given)
    expected = cell(x, as_hx(given))
    for name, state in zip(found, expected if kind == "LSTM" else (expected,), strict=True):
        np.testing.assert_allclose(found[name], state.detach(), **TOLERANCE)


@every_kind
def test_a_model_of_a_layer_in_bfloat16_has_its_numbers_in_float32(kind: str) -> None:
    layer = make(kind).to(torch.bfloat16)
    x = torch.randn(6, 4, 3)
    expected, _ = layer.float()(x)  # which changes no number
    layer.to(torch.bfloat16)
    found = run(convert.onnx_model(layer), x)["output"]
    np.testing.assert_allclose(found, expected.detach(), **TOLERANCE)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_plain_rnn_s_activation_is_in_its_node(nonlinearity: Any, bidirectional: bool) -> None:
    torch.manual_seed(0)
    layer = torch.nn.RNN(3, 5, 2, nonlinearity=nonlinearity, bidirectional=bidirectional)
    model = convert.onnx_model(layer)
    x = torch.randn(6, 4, 3)
    np.testing.assert_allclose(run(model, x)["output"], layer(x)[0].detach(), **TOLERANCE)
    back = convert.from_onnx(convert.onnx_layers(model))
    assert repr(back) == repr(gated.RNN(3, 5, 2, bidirectional=bidirectional))
    torch.testing.assert_close(back(x), layer(x))


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_layout_with_the_batch_first_is_kept(kind: str) -> None:
    model = node(kind, layout=1)
    del model.graph.node[1:]
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("Y0", TensorProto.FLOAT, None))
    layer = convert.from_onnx(convert.onnx_layers(model))
    assert layer.batch_first
    x = torch.randn(4, 6, 3)
    (theirs,) = ReferenceEvaluator(model).run(None, {"input": x.numpy()})
    assert isinstance(theirs, np.ndarray)
    np.testing.assert_allclose(theirs[:, :, 0], layer(x)[0].detach(), **TOLERANCE)


def with_input(place: int, value: Any, *, wrapped: bool = False) -> onnx.ModelProto:
    """Return an LSTM's model whose node has one more input, stored in the model."""
    model = convert.onnx_model(make("LSTM"))
    recurrent = model.graph.node[0]
    recurrent.input.extend([""] * (place + 1 - len(recurrent.input)))
    recurrent.input[place] = "kept"
    name = "inner" if wrapped else "kept"
    model.graph.initializer.append(numpy_helper.from_array(value, name))
    if wrapped:  # given the batch's size, as exporters do
        size = [helper.make_node("Shape", ["input"], ["size"], start=1, end=2)]
        one = helper.make_node("Constant", [], ["one"], value_ints=[1])
        five = helper.make_node("Constant", [], ["five"], value_ints=[5])
        shape = helper.make_node("Concat", ["one", "size", "five"], ["shape"], axis=0)
        model.graph.node.extend([*size, one, five, shape])
        model.graph.node.append(helper.make_node("Expand", ["inner", "shape"], ["kept"]))
    return model


@pytest.mark.parametrize(
    ("place", "value", "wrapped", "message"),
    [
        (4, np.array([6, 2], np.int32), False, "lengths (sequence_lens), which layers of gated "),
        (5, np.ones((1, 2, 5), np.float32), False, "initial state (initial_h) that is not zero"),
        (6, np.ones((1, 2, 5), np.float32), False, "initial state (initial_c) that is not zero"),
        (5, np.ones((1, 1, 5), np.float32), True, "initial state (initial_h) that is not zero"),
    ],
)
def test_what_a_model_keeps_beside_its_weights_is_refused(
    place: int, value: Any, wrapped: bool, message: str
) -> None:
    model = with_input(place, value, wrapped=wrapped)
    with pytest.raises(ValueError, match=f"^LSTM: the model stores {re.escape(message)}") as raised:
        convert.onnx_layers(model)
    assert f'set node.input[{place}] = ""' in str(raised.value)
    model.graph.node[0].input[place] = ""
    (layer,) = convert.onnx_layers(model)
    np.testing.assert_array_equal(layer.W, convert.to_onnx(make("LSTM"))[0].W)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_stored_state_of_zeros_is_the_default(wrapped: bool) -> None:
    model = with_input(5, np.zeros((1, 1 if wrapped else 2, 5), np.float32), wrapped=wrapped)
    assert len(convert.onnx_layers(model)) == 1


def constant(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    """Take a stored tensor out of the model."""
    tensor: onnx.TensorProto = next(one for one in model.graph.initializer if one.name == name)
    model.graph.initializer.remove(tensor)
    return tensor


def in_constant(model: onnx.ModelProto, name: str) -> list[Any]:
    return [helper.make_node("Constant", [], [name], value=constant(model, name))]


def in_identities(model: onnx.ModelProto, name: str) -> list[Any]:
    inner = constant(model, name)
    inner.name = "inner"
    model.graph.initializer.append(inner)
    return [
        helper.make_node("Identity", ["inner"], ["middle"]),
        helper.make_node("Identity", ["middle"], [name]),
    ]


def in_cast(model: onnx.ModelProto, name: str) -> list[Any]:
    wide = numpy_helper.to_array(constant(model, name)).astype(np.float64)
    model.graph.initializer.append(numpy_helper.from_array(wide, "wide"))
    return [helper.make_node("Cast", ["wide"], [name], to=TensorProto.FLOAT)]


def in_pieces(model: onnx.ModelProto, name: str) -> list[Any]:
    whole = numpy_helper.to_array(constant(model, name))
    model.graph.initializer.append(numpy_helper.from_array(np.stack([whole, -whole]), "pair"))
    return [
        helper.make_node("Split", ["pair"], ["first", "second"], axis=0),
        helper.make_node("Neg", ["second"], ["turned"]),
        helper.make_node("Squeeze", ["turned", "zero"], [name]),
        helper.make_node("Constant", [], ["zero"], value_ints=[0]),
    ]


@pytest.mark.parametrize("name", ["W0", "R0", "B0"])
@pytest.mark.parametrize("place", [in_constant, in_identities, in_cast, in_pieces])
def test_weights_are_found_wherever_they_are_stored(place: Any, name: str) -> None:
    layer = make("GRU")
    model = convert.onnx_model(layer)
    nodes = place(model, name) + list(model.graph.node)
    if place is in_pieces:
        nodes.insert(0, nodes.pop(3))  # in the order that a model must have
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    x = torch.randn(6, 4, 3)
    np.testing.assert_allclose(run(model, x)["output"], layer(x)[0].detach(), **TOLERANCE)
    back = convert.from_onnx(convert.onnx_layers(model))
    torch.testing.assert_close(back.state_dict(), layer.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("kind", ["Loop", "Scan"])
def test_a_layer_in_a_loop_is_found(kind: str) -> None:
    layer = make("GRU")
    model = convert.onnx_model(layer)
    nodes, shown = list(model.graph.node), list(model.graph.output)
    names = [one.name for one in shown]
    several = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    if kind == "Loop":  # once, over the input that stands outside
        turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
        go = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
        on = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
        keep = helper.make_node("Identity", ["go"], ["on"])
        body = helper.make_graph([keep, *nodes], "body", [turn, go], [on, *shown])
        once = [numpy_helper.from_array(np.array(1), "once")]
        loop = helper.make_node("Loop", ["once", ""], names, body=body)
    else:  # over a first dimension that the input has there
        body = helper.make_graph(nodes, "body", list(model.graph.input), shown)
        once = []
        loop = helper.make_node("Scan", ["inputs"], names, body=body, num_scan_inputs=1)
    given = "input" if kind == "Loop" else "inputs"
    x = torch.randn(6, 4, 3)
    looped = helper.make_model(
        helper.make_graph(
            [loop],
            "looped",
            [helper.make_tensor_value_info(given, TensorProto.FLOAT, None)],
            several,
            [*model.graph.initializer, *once],
        ),
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
    )
    session = onnxruntime.InferenceSession(looped.SerializeToString())
    found = session.run(names[:1], {given: (x if kind == "Loop" else x[None]).numpy()})[0]
    np.testing.assert_allclose(found[0], layer(x)[0].detach(), **TOLERANCE)
    back = convert.from_onnx(convert.onnx_layers(looped))
    torch.testing.assert_close(back.state_dict(), layer.state_dict(), rtol=0, atol=0)


def test_a_layer_in_a_branch_or_a_function_is_found() -> None:
    layer = make("GRU")
    model = convert.onnx_model(layer)
    graph = model.graph
    nodes = list(graph.node)
    weights = [one.name for one in graph.initializer]
    inside = onnx.GraphProto(name="branch")
    inside.node.extend(nodes)
    inside.output.extend(graph.output)
    choice = helper.make_node("If", ["yes"], [one.name for one in graph.output])
    choice.attribute.extend(
        helper.make_attribute(name, inside) for name in ("then_branch", "else_branch")
    )
    yes = numpy_helper.from_array(np.array(True), "yes")
    branched = onnx.ModelProto()
    branched.CopyFrom(model)
    del branched.graph.node[:]
    branched.graph.node.append(choice)
    branched.graph.initializer.append(yes)
    x = torch.randn(6, 4, 3)
    np.testing.assert_allclose(run(branched, x)["output"], layer(x)[0].detach(), **TOLERANCE)
    outputs = [one.name for one in graph.output]
    function = helper.make_function(
        "ours", "Layer", ["input", *weights], outputs, nodes, list(model.opset_import)
    )
    called = onnx.ModelProto()
    called.CopyFrom(model)
    del called.graph.node[:]
    called.graph.node.append(helper.make_node("Layer", ["input", *weights], outputs, domain="ours"))
    called.functions.append(function)
    called.opset_import.append(helper.make_opsetid("ours", 1))
    for other, times in ((branched, 2), (called, 1)):
        for one in (found := convert.onnx_layers(other)):
            torch.testing.assert_close(
                convert.from_onnx([one]).state_dict(), layer.state_dict(), rtol=0, atol=0
            )
        assert len(found) == times


def test_weights_that_come_in_are_refused_with_the_reason() -> None:
    model = convert.onnx_model(make("GRU"))
    weights = constant(model, "W0")
    info = helper.make_tensor_value_info("given", TensorProto.FLOAT, weights.dims)
    model.graph.input.append(info)
    model.graph.node.insert(0, helper.make_node("Neg", ["given"], ["W0"]))
    with pytest.raises(
        ValueError, match=r"^GRU: 'W0' is computed from 'given', which is an input of the model$"
    ):
        convert.onnx_layers(model)
    model.graph.node[0].input[0] = "made"
    made = helper.make_node("Dequantize", ["input"], ["made"], domain="com.example")
    model.graph.node.insert(0, made)
    with pytest.raises(ValueError, match="'made', which is made by Dequantize, which may need"):
        convert.onnx_layers(model)


def test_weights_in_another_file_are_refused(tmp_path: Any) -> None:
    path = tmp_path / "gru.onnx"
    model = convert.onnx_model(make("GRU"))
    onnx.save(model, path, save_as_external_data=True, size_threshold=0)
    with pytest.raises(ValueError, match="is in another file: load the model with onnx"):
        convert.onnx_layers(onnx.load(path, load_external_data=False))
    assert len(convert.onnx_layers(onnx.load(path))) == 1


@pytest.mark.filterwarnings("ignore")
def test_a_quantized_lstm_is_refused_by_name(tmp_path: Any) -> None:
    from onnxruntime.quantization import quantize_dynamic

    onnx.save(convert.onnx_model(make("LSTM")), tmp_path / "lstm.onnx")
    quantize_dynamic(tmp_path / "lstm.onnx", tmp_path / "small.onnx")
    with pytest.raises(
        ValueError, match=r"DynamicQuantizeLSTM of com\.microsoft .* as it was before quantization$"
    ):
        convert.onnx_layers(onnx.load(tmp_path / "small.onnx"))


@pytest.mark.filterwarnings("ignore")
def test_what_torch_exports_comes_back() -> None:
    torch.manual_seed(0)
    layer = torch.nn.LSTM(3, 5, 2, bidirectional=True).eval()
    x = torch.randn(6, 4, 3)
    program = torch.onnx.export(layer, (x,), dynamo=True, verbose=False)
    assert program is not None
    back = convert.from_onnx(convert.onnx_layers(program.model_proto))
    torch.testing.assert_close(back(x), layer(x))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("gru.onnx", "model must be an onnx.ModelProto, got str: pass onnx.load('gru.onnx')"),
        (b"", "model must be an onnx.ModelProto, got bytes: pass onnx.load_from_string(...) of it"),
        (torch.nn.GRU(3, 5), "got torch.nn.modules.rnn.GRU: pass onnx.load(path)"),
    ],
)
def test_what_is_no_model_gets_a_line_that_says_what_to_pass(model: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        convert.onnx_layers(model)
