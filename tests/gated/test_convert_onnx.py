"""Weights moved to ONNX and back give the same results, in the real onnxruntime."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper

import gated
from gated import convert

TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 1e-5}
KINDS = ["GRU", "GRU, reset before", "LSTM"]

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


def run(model: onnx.ModelProto, x: torch.Tensor) -> dict[str, Any]:
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"input": x.numpy()}), strict=True))


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
        (onnx.ModelProto(), "the model has no GRU or LSTM node"),
    ],
)
def test_a_node_without_equivalent_is_refused(model: onnx.ModelProto, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        convert.onnx_layers(model)


def test_weights_that_a_model_computes_are_refused() -> None:
    model = convert.onnx_model(make("GRU"))
    del model.graph.initializer[1]
    with pytest.raises(ValueError, match="GRU: 'W0' is not stored in the model"):
        convert.onnx_layers(model)
