"""What all conversions pass through: one layer in one direction, as arrays in PyTorch's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gated.cells import Nonlinearity
from gated.family import PeepholeLSTM
from gated.layers import GRU, LSTM, RNN
from gated.options import did_you_mean

Array = NDArray[Any]

#: The gates of each cell in PyTorch's order; the plain RNN has none but its candidate.
GATES: Final = {"rnn": "n", "gru": "rzn", "lstm": "ifgo"}
FLOATS: Final = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Options:
    """What the weights do not say, the same for all layers and directions."""

    #: "rnn", "gru" or "lstm".
    cell: str
    #: The plain RNN's.
    nonlinearity: Nonlinearity = "tanh"
    #: The GRU's.
    reset_after: bool = True


@dataclass(frozen=True)
class Direction:
    """The weights of one layer in one direction; the blocks of all gates one below the other."""

    options: Options
    w_ih: Array
    w_hh: Array
    #: Both are None where the layer has no biases.
    b_ih: Array | None
    b_hh: Array | None
    #: The peepholes of an LSTM that has them, in the order i, f, o.
    w_ch: Array | None = None

    @property
    def cell(self) -> str:
        return self.options.cell

    @property
    def hidden_size(self) -> int:
        return int(self.w_hh.shape[1])

    def biases(self) -> tuple[Array, Array]:
        """Return both biases, zeros where there are none."""
        if self.b_ih is None or self.b_hh is None:
            return np.zeros_like(self.w_hh[:, 0]), np.zeros_like(self.w_hh[:, 0])
        return self.b_ih, self.b_hh

    def bias_inside_reset(self) -> Array:
        """Return b_hn, the one bias of a GRU that the reset gate multiplies."""
        return self.biases()[1][2 * self.hidden_size :]

    def named(self) -> dict[str, Array]:
        """Return the weights that are there, by PyTorch's names."""
        weights = {
            "weight_ih": self.w_ih,
            "weight_hh": self.w_hh,
            "bias_ih": self.b_ih,
            "bias_hh": self.b_hh,
            "weight_ch": self.w_ch,
        }
        return {name: value for name, value in weights.items() if value is not None}


def build(
    layers: Sequence[Sequence[Direction]], batch_first: bool = False
) -> RNN | GRU | LSTM | PeepholeLSTM:
    """Return the layer of gated that has these weights.

    Raises:
        ValueError: layers that do not fit one above the other.
    """
    first = layers[0][0]
    weights: dict[str, Array] = {}
    for number, directions in enumerate(layers):
        for one, end in zip(directions, ("", "_reverse"), strict=False):
            _check_same(number, one.options, first.options)
            weights |= {f"{name}_l{number}{end}": value for name, value in one.named().items()}
    dtype = np.result_type(*weights.values())
    layer = _empty(
        first,
        num_layers=len(layers),
        bidirectional=len(layers[0]) == 2,
        bias=first.b_ih is not None,
        batch_first=batch_first,
        dtype=torch.from_numpy(np.zeros((), dtype)).dtype,
    )
    expected = {name: tuple(value.shape) for name, value in layer.named_parameters()}
    given = {name: value.shape for name, value in weights.items()}
    for name in sorted(expected.keys() | given.keys()):
        if expected.get(name) != given.get(name):
            raise ValueError(
                f"the layers do not fit together: {name} must be {_shape(expected.get(name))}, "
                f"got {_shape(given.get(name))}"
            )
    layer.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return layer


def _empty(first: Direction, **arguments: Any) -> RNN | GRU | LSTM | PeepholeLSTM:
    sizes = first.w_ih.shape[1], first.hidden_size
    if first.cell == "rnn":
        return RNN(*sizes, nonlinearity=first.options.nonlinearity, **arguments)
    if first.cell == "gru":
        return GRU(*sizes, reset_after=first.options.reset_after, **arguments)
    return LSTM(*sizes, **arguments) if first.w_ch is None else PeepholeLSTM(*sizes, **arguments)


def _check_same(number: int, options: Options, first: Options) -> None:
    """Raise ValueError for a layer that is of another kind than the lowest."""
    for name in ("cell", "nonlinearity", "reset_after"):
        one, other = getattr(first, name), getattr(options, name)
        if one != other:
            raise ValueError(
                f"the layers do not fit together: {name} is {one!r} in layer 0, and {other!r} in "
                f"layer {number}"
            )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else f"of shape {shape}"


def reorder(blocks: Array, order: str, into: str) -> Array:
    """Bring the gates' blocks, along the first dimension, from one order into another."""
    parts = dict(zip(order, np.split(blocks, len(order)), strict=True))
    return np.concatenate([parts[gate] for gate in into])


def check_list(name: str, layers: object, expected: str) -> None:
    """Raise TypeError for anything but a list of layers, ValueError for an empty one."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"{name} must be {expected}, got {kind_of(layers)}")
    if len(layers) == 0:
        raise ValueError(f"{name} must hold at least one layer, got none")


def numbers(name: str, value: object) -> Array:
    """Return the value as an array of floating-point numbers.

    NumPy has no bfloat16: such numbers come as float32, which holds each of them exactly.

    Raises:
        TypeError: numbers of another kind.
        ValueError: NaN or infinity, which no conversion can mend.
    """
    if isinstance(value, Tensor):
        if value.is_meta:
            raise ValueError(f"{name} is on the device 'meta', and holds no numbers")
        value = value.detach().cpu()
        value = value.float().numpy() if value.dtype == torch.bfloat16 else value.numpy()
    found = np.asarray(value)
    kind = "float32" if found.dtype.name == "bfloat16" else found.dtype.name
    if kind not in FLOATS:
        raise TypeError(f"{name} must hold floating-point numbers, got {kind}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name} holds {'NaN' if np.isnan(found).any() else 'infinity'}")
    return found.astype(kind, copy=False)


def array(name: str, value: object, shape: tuple[int | None, ...]) -> Array:
    """Return the value as an array of that shape, in which None is any size.

    Raises:
        TypeError: numbers that are not floating-point.
        ValueError: another shape, NaN or infinity.
    """
    found = numbers(name, value)
    fits = found.ndim == len(shape) and all(
        want in (None, size) for want, size in zip(shape, found.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {found.shape}")
    return found


def check_keys(owner: str, given: Mapping[str, object], expected: Iterable[str]) -> None:
    """Raise KeyError for weights that are missing or that nothing asks for, by name."""
    expected = list(expected)
    if not isinstance(given, Mapping):
        raise TypeError(f"{owner} must be a mapping of names to weights, got {kind_of(given)}")
    extra = [name for name in given if name not in expected]
    missing = [name for name in expected if name not in given]
    if extra:
        raise KeyError(
            f"{owner}: unknown {', '.join(map(repr, extra))}"
            + did_you_mean(str(extra[0]), missing or expected)
        )
    if missing:
        raise KeyError(f"{owner}: missing {', '.join(map(repr, missing))}")


def kind_of(value: object) -> str:
    """Return the name of the value's type, with its module unless it is one of Python's own."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
