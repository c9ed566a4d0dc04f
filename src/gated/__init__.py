"""GRU and LSTM to read: the equations one line each, as drop-ins for torch.nn's own.

Names are imported when they are first used, so that one of them never waits for, nor depends on,
the modules of the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gated.cells import GRUCell, LSTMCell, RNNCell
    from gated.family import MGU, CoupledLSTM, PeepholeLSTM
    from gated.layers import GRU, LSTM, RNN
    from gated.minimal import MinGRU, MinLSTM

__version__ = "0.1.0"
__all__ = [
    "GRU",
    "LSTM",
    "MGU",
    "RNN",
    "CoupledLSTM",
    "GRUCell",
    "LSTMCell",
    "MinGRU",
    "MinLSTM",
    "PeepholeLSTM",
    "RNNCell",
]

_HOMES = {
    "gated.cells": ("RNNCell", "GRUCell", "LSTMCell"),
    "gated.layers": ("RNN", "GRU", "LSTM"),
    "gated.family": ("MGU", "CoupledLSTM", "PeepholeLSTM"),
    "gated.minimal": ("MinGRU", "MinLSTM"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    from gated.options import did_you_mean

    raise AttributeError(f"module 'gated' has no attribute {name!r}" + did_you_mean(name, __all__))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
