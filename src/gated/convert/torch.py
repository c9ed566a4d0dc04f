"""From gated's layers to torch.nn's own."""

from __future__ import annotations

import torch
from torch import nn

from gated.layers import GRU, LSTM


def to_torch(layer: GRU | LSTM) -> nn.GRU | nn.LSTM:
    """Return the layer of torch.nn with the same weights, options, device and dtype.

    (The other way needs no function: `gated.GRU(...).load_state_dict(layer.state_dict())`.)

    Raises:
        TypeError: what is no GRU or LSTM of gated.
        ValueError: a GRU with `reset_after=False`, which torch.nn has not got.

    Source: the documentation of `torch.nn.GRU` and `torch.nn.LSTM`.
    """
    if not isinstance(layer, GRU | LSTM):
        raise TypeError(f"layer must be a gated.GRU or gated.LSTM, got {type(layer).__name__}")
    if isinstance(layer, GRU) and not layer.reset_after:
        raise ValueError(
            "torch.nn.GRU resets after the product with W_hn, and this layer before it: two "
            "functions of the same weights, so that no weights for torch.nn.GRU give its results; "
            "gated.GRU(..., reset_after=False) runs it"
        )
    weight: torch.Tensor = layer.weight_ih_l0
    options = {
        "num_layers": layer.num_layers,
        "bias": layer.bias,
        "batch_first": layer.batch_first,
        "dropout": layer.dropout,
        "bidirectional": layer.bidirectional,
        "device": weight.device,
        "dtype": weight.dtype,
    }
    sizes = layer.input_size, layer.hidden_size
    twin: nn.GRU | nn.LSTM
    if isinstance(layer, GRU):
        twin = nn.GRU(*sizes, **options)
    else:
        twin = nn.LSTM(*sizes, proj_size=layer.proj_size, **options)
    twin.load_state_dict(layer.state_dict())
    return twin.train(layer.training)
