"""What the conversions refuse, and the detector: right where it can be, else silent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import gated
from gated import convert
from gated.convert import Convention
from gated.convert.blocks import reorder

GRU_ARRAYS = [np.zeros((3, 15)), np.zeros((5, 15)), np.zeros((2, 15))]
FOUR_STEPS: list[Any] = [np.zeros((4, 1, 5)), *GRU_ARRAYS[:2]]
NO_STEP: list[Any] = [np.zeros((0, 1, 5)), *GRU_ARRAYS[:2]]
LINEN = convert.to_flax(nn.GRU(3, 5), "linen")[0][0]
ONNX = convert.to_onnx(nn.LSTM(3, 5))[0]
NO_LAYER = (
    "layer must be an RNN, a GRU or an LSTM of gated or torch.nn, or one of their cells, got "
)


def spoiled(value: float) -> nn.GRU:
    layer = nn.GRU(3, 5, 2)
    with torch.no_grad():
        layer.get_parameter("weight_hh_l1")[0, 0] = value
    return layer


def without(params: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key != name} | more


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: convert.to_torch(gated.GRU(3, 5, reset_after=False)),
            ValueError,
            "torch.nn.GRU resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so no weights for torch.nn.GRU give its results; "
            "gated.GRU(..., reset_after=False) runs it",
        ),
        (
            lambda: convert.to_torch(nn.GRU(3, 5)),  # type: ignore[arg-type]
            TypeError,
            "layer must be an RNN, a GRU or an LSTM of gated, or one of their cells, "
            "got torch.nn.modules.rnn.GRU",
        ),
        (
            lambda: convert.to_flax(gated.GRU(3, 5, reset_after=False), "linen"),
            ValueError,
            "Flax's GRUCell resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so no weights for Flax give its results",
        ),
        (
            lambda: convert.to_keras(nn.LSTM(3, 5, proj_size=2)),
            ValueError,
            "an LSTM with proj_size=2 has no equivalent in the other frameworks",
        ),
        (lambda: convert.to_keras(spoiled(np.nan)), ValueError, "weight_hh_l1 holds NaN"),
        (lambda: convert.to_onnx(spoiled(np.inf)), ValueError, "weight_hh_l1 holds infinity"),
        (
            lambda: convert.to_keras(nn.Linear(3, 5)),  # type: ignore[arg-type]
            TypeError,
            f"{NO_LAYER}torch.nn.modules.linear.Linear",
        ),
        (
            lambda: convert.to_flax(nn.GRU(3, 5), "line"),
            ValueError,
            "Unknown api: 'line' is not one of 'linen', 'nnx'; did you mean 'linen'?",
        ),
        (
            lambda: convert.from_keras(GRU_ARRAYS, "gruu"),
            ValueError,
            "Unknown cell: 'gruu' is not one of 'rnn', 'gru', 'lstm'; did you mean 'gru'?",
        ),
        (
            lambda: convert.from_keras(GRU_ARRAYS, "lstm"),
            ValueError,
            "layer 0: kernel must have shape (any, 20), got (3, 15)",
        ),
        (
            lambda: convert.from_keras(GRU_ARRAYS, "gru", reset_after=False),
            ValueError,
            "layer 0: bias must have shape (15), got (2, 15)",
        ),
        (
            lambda: convert.from_keras([*GRU_ARRAYS, *GRU_ARRAYS[:2]], "gru"),
            ValueError,
            "layer 0 must have 2 or 3 arrays for one direction, 4 or 6 for both, got 5",
        ),
        (
            lambda: convert.from_keras([GRU_ARRAYS, GRU_ARRAYS], "gru"),
            ValueError,
            "the layers do not fit together: weight_ih_l1 must be of shape (15, 5), "
            "got of shape (15, 3)",
        ),
        (
            lambda: convert.from_keras([GRU_ARRAYS, [np.zeros((5, 15))] * 2], "gru"),
            ValueError,
            "the layers do not fit together: bias_hh_l1 must be of shape (15,), got absent",
        ),
        (
            lambda: convert.from_keras([], "gru"),
            ValueError,
            "weights must hold at least one layer, got none",
        ),
        (
            lambda: convert.from_keras([GRU_ARRAYS[0] * np.nan, *GRU_ARRAYS[1:]], "gru"),
            ValueError,
            "layer 0: kernel holds NaN",
        ),
        (
            lambda: convert.from_keras([np.zeros((3, 15), int), *GRU_ARRAYS[1:]], "gru"),
            TypeError,
            "layer 0: kernel must hold floating-point numbers, got int64",
        ),
        (
            lambda: convert.from_flax(without(LINEN, "hn"), "gru", "linen"),
            KeyError,
            "params: missing 'hn'",
        ),
        (
            lambda: convert.from_flax(without(LINEN, "in", inn=LINEN["in"]), "gru", "linen"),
            KeyError,
            "params: unknown 'inn'; did you mean 'in'?",
        ),
        (
            lambda: convert.from_flax(
                {**LINEN, "ir": {"kernel": LINEN["ir"]["kernel"]}}, "gru", "linen"
            ),
            KeyError,
            "params['ir']: missing 'bias'",
        ),
        (
            lambda: convert.from_flax(LINEN | {"ir": 3}, "gru", "linen"),
            TypeError,
            "params['ir'] must be a mapping of names to weights, got int",
        ),
        (
            lambda: convert.from_flax(LINEN | {"hr": {"kernel": np.zeros((5, 4))}}, "gru", "linen"),
            ValueError,
            "the kernels from the state must have shape (5, 15), got (5, 14)",
        ),
        (
            lambda: convert.from_flax([], "gru", "nnx"),
            ValueError,
            "params must hold at least one layer, got none",
        ),
        (
            lambda: convert.from_onnx([]),
            ValueError,
            "layers must hold at least one layer, got none",
        ),
        (
            lambda: convert.from_onnx(["W"]),  # type: ignore[list-item]
            TypeError,
            "layer 0 must be an OnnxLayer, got str",
        ),
        (
            lambda: convert.from_onnx([convert.OnnxLayer("lstm", ONNX.W, ONNX.R[:, :3], None)]),
            ValueError,
            "layer 0: R must have shape (1, 20, 5), got (1, 3, 5)",
        ),
        (
            lambda: convert.from_onnx([convert.OnnxLayer("lstm", ONNX.W, ONNX.R[0], None)]),
            ValueError,
            "layer 0: R must have shape (1 or 2, gates, hidden_size), got (20, 5)",
        ),
        (
            lambda: convert.to_keras("model.pt"),  # type: ignore[arg-type]
            TypeError,
            f"{NO_LAYER}str",
        ),
        (
            lambda: convert.to_onnx(nn.Sequential(nn.Linear(3, 3), nn.GRU(3, 5), nn.GRU(5, 5))),  # type: ignore[arg-type]
            TypeError,
            f"{NO_LAYER}torch.nn.modules.container.Sequential; pass a layer in it: '1', '2'",
        ),
        (
            lambda: convert.onnx_model(gated.MGU(3, 5)),  # type: ignore[arg-type]
            TypeError,
            f"{NO_LAYER}gated.family.MGU",
        ),
        (
            lambda: convert.to_cell(nn.GRUCell(3, 5)),  # type: ignore[arg-type]
            TypeError,
            "layer is a cell already: torch.nn.modules.rnn.GRUCell",
        ),
        (
            lambda: convert.to_torch(gated.PeepholeLSTM(3, 5)),
            ValueError,
            "torch.nn.LSTM has no peepholes, so no weights give these results",
        ),
        (
            lambda: convert.to_torch(gated.GRUCell(3, 5, reset_after=False)),
            ValueError,
            "torch.nn.GRUCell resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so no weights for torch.nn.GRUCell give its "
            "results; gated.GRUCell(..., reset_after=False) runs it",
        ),
        (
            lambda: convert.to_keras(gated.PeepholeLSTM(3, 5)),
            ValueError,
            "Keras's LSTM has no peepholes, so no weights give these results",
        ),
        (
            lambda: convert.to_flax(gated.PeepholeLSTM(3, 5), "nnx"),
            ValueError,
            "Flax's LSTMCell has no peepholes, so no weights give these results",
        ),
        (
            lambda: convert.to_flax(nn.GRU(3, 5), "nnx", optimized=True),
            ValueError,
            "only Flax's LSTM has an optimized cell, got torch.nn.modules.rnn.GRU",
        ),
        (
            lambda: convert.from_keras(nn.GRU(3, 5), "gru"),  # type: ignore[arg-type]
            TypeError,
            "weights must be a list of arrays, as get_weights() of a Keras layer returns it, got "
            "torch.nn.modules.rnn.GRU",
        ),
        (
            lambda: convert.from_keras([nn.GRU(3, 5)], "gru"),  # type: ignore[arg-type]
            TypeError,
            "weights must be arrays, as get_weights() of a Keras layer returns them, got "
            "torch.nn.modules.rnn.GRU",
        ),
        (
            lambda: convert.from_keras([GRU_ARRAYS[:2] * 2], "gru", bidirectional=False),
            ValueError,
            "layer 0 has 4 arrays, which are both directions, and bidirectional=False",
        ),
        (
            lambda: convert.from_keras(GRU_ARRAYS, "gru", bidirectional=True),
            ValueError,
            "layer 0 has 3 arrays, which are one direction, and bidirectional=True",
        ),
        (
            lambda: convert.from_flax(nn.GRU(3, 5), "gru", "linen"),  # type: ignore[arg-type]
            TypeError,
            'params must be cell.init(...)["params"], got torch.nn.modules.rnn.GRU',
        ),
        (
            lambda: convert.from_flax("params.msgpack", "gru", "nnx"),  # type: ignore[arg-type]
            TypeError,
            "params must be nnx.to_pure_dict(nnx.state(cell, nnx.Param)), got str",
        ),
        (
            lambda: convert.from_flax([LINEN], "gru", "linen"),  # type: ignore[list-item]
            TypeError,
            "layer 0 must be a list of one cell's parameters, or of two for both directions, "
            "got dict",
        ),
        (
            lambda: convert.from_flax({"params": LINEN}, "gru", "linen"),
            KeyError,
            "params holds 'params' alone: pass what is in it, params['params']",
        ),
        (
            lambda: convert.from_flax(LINEN, "mgu", "nnx"),
            ValueError,
            "Unknown cell: 'mgu' is not one of 'rnn', 'gru', 'lstm'; did you mean 'gru'?",
        ),
        (
            lambda: convert.from_onnx(ONNX),  # type: ignore[arg-type]
            TypeError,
            "layers must be a list of OnnxLayers, as onnx_layers(model) returns it, got "
            "gated.convert.onnx.OnnxLayer",
        ),
        (
            lambda: convert.from_onnx([ONNX, replace(ONNX, layout=1)]),
            ValueError,
            "the layers do not fit together: their layouts are [0, 1]",
        ),
        (
            lambda: convert.from_onnx([ONNX, *convert.to_onnx(nn.GRU(5, 5))]),
            ValueError,
            "the layers do not fit together: cell is 'lstm' in layer 0, and 'gru' in layer 1",
        ),
        (
            lambda: convert.from_onnx(
                [
                    *convert.to_onnx(gated.GRU(3, 5)),
                    *convert.to_onnx(gated.GRU(5, 5, reset_after=False)),
                ]
            ),
            ValueError,
            "the layers do not fit together: reset_after is True in layer 0, and False in layer 1",
        ),
        (
            lambda: convert.onnx_model(nn.GRUCell(3, 5), lengths=True),
            ValueError,
            "a cell takes one step, so its model has no lengths",
        ),
        (
            lambda: convert.detect("gru", np.zeros((4, 1, 3)), *FOUR_STEPS, tolerance=-1),
            ValueError,
            "tolerance must be a number of at least 0, got -1",
        ),
        (
            lambda: convert.detect(
                "gru", np.zeros((4, 1, 3)), np.zeros((4, 1, 5)), *GRU_ARRAYS[:2]
            ),
            ValueError,
            "weight_ih must have shape (15, 3), got (3, 15)",
        ),
        (
            lambda: convert.detect(
                "gru", np.zeros((0, 1, 3)), np.zeros((0, 1, 5)), *GRU_ARRAYS[:2]
            ),
            ValueError,
            "output must have at least one step and sequence, got (0, 1, 5)",
        ),
    ],
)
def test_what_has_no_equivalent_is_refused_with_the_reason(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.args[0] == message


@pytest.mark.parametrize(
    "layer",
    [
        gated.GRU(3, 5, 2, batch_first=True, dropout=0.2, bidirectional=True),
        gated.LSTM(3, 5, 2, bias=False, dtype=torch.float64),
        gated.LSTM(3, 5, proj_size=2, dtype=torch.float64).eval(),
        gated.RNN(3, 5, 2, nonlinearity="relu", bias=False),
        gated.GRU(3, 5, dtype=torch.bfloat16),
    ],
)
def test_a_layer_of_torch_is_the_same_with_all_its_options(layer: Any) -> None:
    twin = convert.to_torch(layer)
    assert type(twin) is getattr(nn, type(layer).__name__)
    assert repr(twin) == repr(layer)
    assert twin.training == layer.training
    torch.testing.assert_close(twin.state_dict(), layer.state_dict(), rtol=0, atol=0)


@given(
    order=st.permutations("rzn").map("".join),
    reset_after=st.booleans(),
    z_keeps=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_the_detector_finds_the_one_convention_of_a_gru(
    order: str, reset_after: bool, z_keeps: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = gated.GRU(3, 4, reset_after=reset_after, dtype=torch.float64)
    for parameter in layer.parameters():
        parameter.data *= 3  # far from the ends, where conventions look alike
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    weights = [weight.detach().numpy().copy() for weight in layer.parameters()]
    if not z_keeps:
        for weight in weights:
            weight[4:8] *= -1
    stacked: list[Any] = [reorder(weight, "rzn", order) for weight in weights]
    found = convert.detect("gru", x.numpy(), layer(x)[0].detach().numpy(), *stacked, tolerance=1e-9)
    assert found == [Convention(order, reset_after, z_keeps)]


@given(order=st.permutations("ifgo").map("".join), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_detector_finds_the_one_convention_of_an_lstm(order: str, seed: int) -> None:
    torch.manual_seed(seed)
    layer = gated.LSTM(3, 4, dtype=torch.float64)
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    stacked: list[Any] = [reorder(w.detach().numpy(), "ifgo", order) for w in layer.parameters()]
    found = convert.detect(
        "lstm", x.numpy(), layer(x)[0].detach().numpy(), *stacked, tolerance=1e-9
    )
    assert found == [Convention(order)]


def test_the_detector_says_what_it_cannot_tell_apart() -> None:
    torch.manual_seed(0)
    layer = nn.GRU(3, 4)
    x = torch.randn(6, 2, 3)
    w_ih, w_hh, b_ih, b_hh = (weight.detach().numpy() for weight in layer.parameters())
    output = layer(x)[0].detach().numpy()
    assert convert.detect("gru", x.numpy(), output[::-1].copy(), w_ih, w_hh, b_ih, b_hh) == []
    nothing: list[Any] = [0 * weight for weight in (w_ih, w_hh, b_ih, b_hh)]
    assert len(convert.detect("gru", x.numpy(), 0 * output, *nothing)) == 24
    # From zeros, one step without biases shows nothing of the reset gate.
    first = nn.GRU(3, 4, bias=False)
    first.load_state_dict({"weight_ih_l0": layer.weight_ih_l0, "weight_hh_l0": layer.weight_hh_l0})
    step = first(x[:1])[0].detach().numpy()
    found = convert.detect("gru", x[:1].numpy(), step, w_ih, w_hh)
    assert {one.reset_after for one in found} == {True, False}


@pytest.mark.parametrize(
    ("convention", "said"),
    [
        (
            Convention("rzn", True, True),
            "gates in the order r, z, n; reset after the product; z keeps "
            "(PyTorch, Flax, Equinox, cuDNN)",
        ),
        (
            Convention("zrn", False, False),
            "gates in the order z, r, n; reset before the product; z writes",
        ),
        (Convention("iofg"), "gates in the order i, o, f, g (ONNX)"),
    ],
)
def test_a_convention_reads_well(convention: Convention, said: str) -> None:
    assert str(convention) == said
