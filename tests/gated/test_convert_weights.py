"""What a layer computes with is what is converted, wherever it keeps its weights."""

import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune
from torch.nn.utils import spectral_norm as old_spectral_norm
from torch.nn.utils import weight_norm as old_weight_norm

import gated
from gated import convert

TOLERANCE: dict[str, Any] = {"rtol": 0, "atol": 1e-5}


class Doubled(nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return 2 * weight


class Noisy(nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + torch.randn_like(weight) if self.training else weight


def prune_then_train(layer: nn.Module) -> None:
    """Change what is under the mask, as an optimizer does after the call that set the weight."""
    prune.l1_unstructured(layer, "weight_hh_l0", 0.3)
    layer.get_parameter("weight_hh_l0_orig").data *= 3


def norm_then_train(layer: nn.Module) -> None:
    old_weight_norm(layer, "weight_hh_l0")
    layer.get_parameter("weight_hh_l0_g").data *= 3


def share(name: str, other: str) -> Callable[[nn.Module], None]:
    return lambda layer: setattr(layer, name, getattr(layer, other))


def share_with_another(layer: Any) -> None:
    layer.weight_hh_l1 = type(layer)(3, 5).weight_hh_l0


CHANGES: dict[str, Callable[[Any], object]] = {
    "weight_norm": lambda layer: parametrizations.weight_norm(layer, "weight_hh_l0"),
    "spectral_norm": lambda layer: parametrizations.spectral_norm(layer, "weight_ih_l1"),
    "orthogonal": lambda layer: parametrizations.orthogonal(layer, "weight_hh_l1_reverse"),
    "weight_norm, as a hook": norm_then_train,
    "spectral_norm, as a hook": lambda layer: old_spectral_norm(layer, "weight_hh_l0"),
    "prune, weights": prune_then_train,
    "prune, biases": lambda layer: prune.l1_unstructured(layer, "bias_hh_l0", 0.3),
    "prune, twice": lambda layer: [
        prune.random_unstructured(layer, "bias_ih_l1", 0.3) for _ in range(2)
    ],
    "parametrize": lambda layer: parametrize.register_parametrization(
        layer, "bias_ih_l1_reverse", Doubled()
    ),
    "parametrize, noise in training": lambda layer: parametrize.register_parametrization(
        layer, "weight_ih_l0", Noisy()
    ),
    "one bias for both": share("bias_hh_l0", "bias_ih_l0"),
    "one bias for both directions": share("bias_ih_l0_reverse", "bias_ih_l0"),
    "one weight for two layers": share("weight_hh_l1", "weight_hh_l0"),
    "one weight for two modules": share_with_another,
}

every_kind = pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
every_owner = pytest.mark.parametrize("owner", [gated, nn], ids=["gated", "torch"])


def changed(owner: Any, kind: str, change: str) -> tuple[Any, torch.Tensor]:
    torch.manual_seed(0)
    layer = getattr(owner, kind)(3, 5, 2, bidirectional=True)
    x = torch.randn(6, 4, 3)
    layer(x)
    CHANGES[change](layer)
    return layer, x


@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize("change", CHANGES)
@every_kind
@every_owner
def test_what_the_layer_computes_with_is_converted(owner: Any, kind: str, change: str) -> None:
    layer, x = changed(owner, kind, change)
    training = [module.training for module in layer.modules()]
    stored = copy.deepcopy(dict(layer.named_buffers()))
    arrays, model = convert.to_keras(layer), convert.onnx_model(layer)
    torch.testing.assert_close(dict(layer.named_buffers()), stored, rtol=0, atol=0)
    assert [module.training for module in layer.modules()] == training
    expected = layer.eval()(x)[0].detach()
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(["output"], {"input": x.numpy()})
    np.testing.assert_allclose(found, expected, **TOLERANCE)
    back = convert.from_keras(arrays, kind.lower())
    torch.testing.assert_close(back(x)[0].detach(), expected, **TOLERANCE)
    if owner is gated:
        twin = convert.to_torch(layer)
        assert type(twin) is getattr(nn, kind)
        torch.testing.assert_close(twin(x)[0].detach(), expected, **TOLERANCE)


@pytest.mark.parametrize("name", ["bias_hh_l0", "weight_hh_l0"])
@every_owner
def test_a_missing_weight_is_refused_and_no_zero(owner: Any, name: str) -> None:
    layer = owner.LSTM(3, 5)
    delattr(layer, name)  # as a module around it does, to set it at each call
    for conversion in (convert.to_keras, convert.to_onnx, convert.to_cell):
        with pytest.raises(ValueError, match=f"^{name} is missing, so there is no telling what"):
            conversion(layer)


def test_a_layer_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^weight_ih_l0 is on the device 'meta', and holds no"):
        convert.to_keras(nn.GRU(3, 5, device="meta"))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
@every_kind
def test_every_dtype_is_converted_exactly(kind: str, dtype: torch.dtype) -> None:
    layer = getattr(nn, kind)(3, 5, 2, dtype=dtype)
    for bias in ("bias_hh_l0", "bias_hh_l1"):
        layer.get_parameter(bias).data.zero_()  # where two biases are added up, exactly so
    for back in (
        convert.from_keras(convert.to_keras(layer), kind.lower()),
        convert.from_flax(convert.to_flax(layer, "linen"), kind.lower(), "linen"),
        convert.from_onnx(convert.to_onnx(layer)),
    ):
        kept = torch.float32 if dtype == torch.bfloat16 else dtype
        assert back.weight_ih_l0.dtype == kept
        stored = back.to(dtype).state_dict()
        for number in (0, 1):  # one bias or the other: Flax's LSTM has it with the state
            sum_ = stored.pop(f"bias_ih_l{number}") + stored.pop(f"bias_hh_l{number}")
            assert torch.equal(sum_, layer.get_parameter(f"bias_ih_l{number}"))
        assert all(torch.equal(value, layer.get_parameter(name)) for name, value in stored.items())


def test_integers_and_complex_numbers_are_refused() -> None:
    layer = nn.GRU(3, 5, dtype=torch.complex64)
    with pytest.raises(TypeError, match="weight_ih_l0 must hold floating-point numbers, got comp"):
        convert.to_keras(layer)


@every_kind
@every_owner
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_is_a_layer_of_one_step(owner: Any, kind: str, bias: bool) -> None:
    torch.manual_seed(0)
    cell = getattr(owner, f"{kind}Cell")(3, 5, bias=bias, dtype=torch.float64).eval()
    layer = convert.from_onnx(convert.to_onnx(cell))
    x, h = torch.randn(4, 3, dtype=torch.float64), torch.randn(4, 5, dtype=torch.float64)
    hx = (h, -h) if kind == "LSTM" else h
    back = convert.to_cell(layer.eval())
    assert type(back) is getattr(gated, f"{kind}Cell")
    assert not back.training
    torch.testing.assert_close(back(x, hx), cell(x, hx))
    twin = convert.to_torch(back)
    assert type(twin) is getattr(nn, f"{kind}Cell")
    assert repr(twin) == repr(getattr(nn, f"{kind}Cell")(3, 5, bias=bias))
    torch.testing.assert_close(twin.state_dict(), cell.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_cell_keeps_where_it_resets(reset_after: bool) -> None:
    cell = gated.GRUCell(3, 5, reset_after=reset_after)
    back = convert.to_cell(convert.from_onnx(convert.to_onnx(cell)))
    assert repr(back) == repr(cell)


@pytest.mark.parametrize("owner", [gated, nn])
def test_a_plain_rnn_keeps_its_nonlinearity(owner: Any) -> None:
    layer = owner.RNN(3, 5, 2, nonlinearity="relu")
    back = convert.from_onnx(convert.to_onnx(layer))
    x = torch.randn(6, 4, 3)
    torch.testing.assert_close(back(x)[0], layer(x)[0])
    cell = convert.to_torch(convert.to_cell(gated.RNN(3, 5, nonlinearity="relu")))
    assert isinstance(cell, nn.RNNCell)
    assert cell.nonlinearity == "relu"


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (nn.GRU(3, 5, 2), "num_layers=2"),
        (gated.RNN(3, 5, bidirectional=True), "bidirectional=True"),
        (nn.LSTM(3, 5, proj_size=2), "a projection"),
        (gated.PeepholeLSTM(3, 5), "peepholes"),
    ],
)
def test_what_no_cell_does_is_refused(layer: Any, why: str) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"no cell computes what this layer does: it has {why}")
    ):
        convert.to_cell(layer)
