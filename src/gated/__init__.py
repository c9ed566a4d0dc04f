"""GRU and LSTM to read: the equations one line each, as drop-ins for torch.nn's own.

Names are imported when they are first used, so that one of them never waits for, nor depends on,
the modules of the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gated.cells import GRUCell, LSTMCell, RNNCell
    from gated.layers import GRU, LSTM, RNN

__version__ = "0.1.0"
__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


def __getattr__(name: str) -> object:
    if name in __all__:
        module = "gated.cells" if name.endswith("Cell") else "gated.layers"
        return getattr(import_module(module), name)
    from gated.options import did_you_mean

    raise AttributeError(f"module 'gated' has no attribute {name!r}" + did_you_mean(name, __all__))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
