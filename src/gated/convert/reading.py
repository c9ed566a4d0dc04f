"""What a layer computes with, wherever it keeps it.

A weight need not be a parameter of the layer's own: two names may share one tensor, and a
parametrization, a norm or a mask may make the weight anew at every call. So nothing here asks for
`named_parameters()`, which leaves all of these out.
"""

from typing import Final

from torch import Tensor, nn, no_grad
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from gated.cells import GRUCell, LSTMCell, RNNCell
from gated.convert.blocks import Options, Weights, kind_of, numbers
from gated.family import PeepholeLSTM
from gated.layers import GRU, LSTM, RNN
from gated.modules import suffixes

Layer = RNN | GRU | LSTM | PeepholeLSTM | nn.RNN | nn.GRU | nn.LSTM
Cell = RNNCell | GRUCell | LSTMCell | nn.RNNCell | nn.GRUCell | nn.LSTMCell

KINDS: Final = {
    "rnn": RNN | RNNCell | nn.RNN | nn.RNNCell,
    "gru": GRU | GRUCell | nn.GRU | nn.GRUCell,
    "lstm": LSTM | PeepholeLSTM | LSTMCell | nn.LSTM | nn.LSTMCell,
}


def read(layer: Layer | Cell) -> tuple[Options, list[list[Weights]]]:
    """Return the directions of every layer; a cell counts as one layer in one direction.

    Raises:
        TypeError: anything but such a layer.
        ValueError: a projection, a weight that is missing or not finite.
    """
    cell = cell_of(layer)
    if getattr(layer, "proj_size", 0):
        raise ValueError(
            f"an LSTM with proj_size={layer.proj_size} has no equivalent in the other frameworks"
        )
    options = Options(
        cell, getattr(layer, "nonlinearity", "tanh"), getattr(layer, "reset_after", True)
    )
    arrays = {name: numbers(name, value) for name, value in weights(layer).items()}
    return options, [
        [{part: arrays[part + end] for part in _parts(layer)} for end in ends]
        for ends in suffixes(layer)
    ]


def cell_of(layer: object) -> str:
    """Return "rnn", "gru" or "lstm"; raise TypeError for what cannot be read."""
    for cell, types in KINDS.items():
        if isinstance(layer, types):
            return cell
    message = (
        "layer must be an RNN, a GRU or an LSTM of gated or torch.nn, or one of their cells, "
        f"got {kind_of(layer)}"
    )
    if isinstance(layer, nn.Module):
        inside = [name for name, part in layer.named_modules() if isinstance(part, Layer | Cell)]
        if inside:
            message += f"; pass a layer in it: {', '.join(map(repr, inside))}"
    raise TypeError(message)


def weights(layer: Layer | Cell) -> dict[str, Tensor]:
    """Return what the layer computes with in `eval` mode, by name.

    Raises:
        ValueError: a weight that is missing.
    """
    names = [part + end for ends in suffixes(layer) for end in ends for part in _parts(layer)]
    # What is read must not change the layer: in training a spectral norm takes a step.
    modes = [(module, module.training) for module in layer.modules()]
    try:
        for module, _ in modes:
            module.training = False
        with no_grad():
            return {name: _weight(layer, name) for name in names}
    finally:
        for module, training in modes:
            module.training = training


def _parts(layer: Layer | Cell) -> list[str]:
    parts = ["weight_ih", "weight_hh"]
    if layer.bias:
        parts += ["bias_ih", "bias_hh"]
    if getattr(layer, "proj_size", 0):
        parts.append("weight_hr")
    if isinstance(layer, PeepholeLSTM):
        parts.append("weight_ch")
    return parts


def _weight(layer: nn.Module, name: str) -> Tensor:
    # A hook sets the weight at the next call; until then the attribute is that of the last one.
    for hook in reversed(layer._forward_pre_hooks.values()):
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            masked: Tensor = hook.apply_mask(layer)
            return masked
        if isinstance(hook, WeightNorm) and hook.name == name:
            scaled: Tensor = hook.compute_weight(layer)
            return scaled
        if isinstance(hook, SpectralNorm) and hook.name == name:
            normed: Tensor = hook.compute_weight(layer, do_power_iteration=False)
            return normed
    weight = getattr(layer, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(
            f"{name} is missing, so there is no telling what the layer computes with: it may "
            "have been removed, or a module around the layer sets it at each call (call that once)"
        )
    return weight.detach()
