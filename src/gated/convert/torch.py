"""From gated's layers and cells to torch.nn's own, and from layers to cells."""

from dataclasses import fields
from typing import Any, Final

from torch import nn

from gated.cells import GRUCell, LSTMCell, RNNCell
from gated.convert.blocks import kind_of
from gated.convert.reading import Cell, Layer, cell_of, weights
from gated.family import PeepholeLSTM
from gated.layers import GRU, LSTM, RNN

Torch = nn.RNN | nn.GRU | nn.LSTM | nn.RNNCell | nn.GRUCell | nn.LSTMCell

OURS: Final = (RNN, GRU, LSTM, RNNCell, GRUCell, LSTMCell)
CELLS: Final = {"rnn": RNNCell, "gru": GRUCell, "lstm": LSTMCell}


def to_torch(layer: RNN | GRU | LSTM | PeepholeLSTM | RNNCell | GRUCell | LSTMCell) -> Torch:
    """Return the layer or cell of torch.nn with the same weights, options, device and dtype.

    Tied, pruned and parametrized weights become plain ones of the same values. (The other way needs
    no function: `gated.GRU(...).load_state_dict(layer.state_dict())`.)

    Raises:
        TypeError: anything but such a layer or cell of gated.
        ValueError: a GRU with `reset_after=False` or peepholes, which torch.nn lacks; a
            weight that is missing.

    Source: the documentation of `torch.nn.GRU`, `torch.nn.GRUCell` and so on.
    """
    if isinstance(layer, PeepholeLSTM):
        raise ValueError("torch.nn.LSTM has no peepholes, so no weights give these results")
    kind = next((kind for kind in OURS if isinstance(layer, kind)), None)
    if kind is None:
        raise TypeError(
            "layer must be an RNN, a GRU or an LSTM of gated, or one of their cells, "
            f"got {kind_of(layer)}"
        )
    if isinstance(layer, GRU | GRUCell) and not layer.reset_after:
        name = kind.__name__
        raise ValueError(
            f"torch.nn.{name} resets after the product with W_hn, and this layer before it: two "
            f"functions of the same weights, so no weights for torch.nn.{name} give its "
            f"results; gated.{name}(..., reset_after=False) runs it"
        )
    # torch.nn has no reset_after, and no proj_size but for an LSTM.
    known = [field.name for field in fields(kind)[2:] if field.name != "reset_after"]
    options = [name for name in known if name != "proj_size" or isinstance(layer, LSTM)]
    copy: Torch = _copy(layer, getattr(nn, kind.__name__), options)
    return copy


def to_cell(layer: Layer) -> RNNCell | GRUCell | LSTMCell:
    """Return the cell of gated that takes one step of a layer, with its weights, device and dtype.

    So the weights of another framework's cell become a cell: by way of the layer that
    [`from_keras`][gated.convert.from_keras] and its kin return.

    Raises:
        TypeError: anything but such a layer.
        ValueError: several layers or directions, a projection or peepholes, which no cell has; a
            weight that is missing.

    Source: the documentation of `torch.nn.GRUCell` and so on.
    """
    kind = cell_of(layer)
    if isinstance(layer, Cell):
        raise TypeError(f"layer is a cell already: {kind_of(layer)}")
    for has, what in (
        (layer.num_layers > 1, f"num_layers={layer.num_layers}"),
        (layer.bidirectional, "bidirectional=True"),
        (getattr(layer, "proj_size", 0), "a projection"),
        (isinstance(layer, PeepholeLSTM), "peepholes"),
    ):
        if has:
            raise ValueError(f"no cell computes what this layer does: it has {what}")
    options = [field.name for field in fields(CELLS[kind])[2:] if hasattr(layer, field.name)]
    cell: RNNCell | GRUCell | LSTMCell = _copy(layer, CELLS[kind], options)
    return cell


def _copy(layer: Any, kind: type[nn.Module], options: list[str]) -> Any:
    """Return a module of that kind with these options of the layer and with its weights."""
    values = weights(layer)
    if issubclass(kind, Cell):
        values = {name.removesuffix("_l0"): value for name, value in values.items()}
    weight = values[next(iter(values))]
    copy = kind(
        layer.input_size,
        layer.hidden_size,
        **{name: getattr(layer, name) for name in options},
        device=weight.device,
        dtype=weight.dtype,
    )
    copy.load_state_dict(values)
    return copy.train(layer.training)
