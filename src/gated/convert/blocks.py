"""What all conversions pass through: one layer in one direction, as arrays in PyTorch's order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gated.cells import NONLINEARITIES, Nonlinearity
from gated.family import PeepholeLSTM
from gated.layers import GRU, LSTM, RNN
from gated.options import check_choice, did_you_mean

Array = NDArray[Any]
#: Of one layer in one direction, by PyTorch's names: the blocks of all gates one below the other.
#: There are biases or none; an LSTM with peepholes has them as `weight_ch`, in the order i, f, o.
Weights = dict[str, Array]

#: The gates of each cell in PyTorch's order; the plain RNN has none but its candidate.
GATES: Final = {"rnn": "n", "gru": "rzn", "lstm": "ifgo"}
FLOATS: Final = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Options:
    """What the weights do not say, the same for all layers and directions.

    Raises:
        ValueError: an unknown cell or nonlinearity.
    """

    #: "rnn", "gru" or "lstm".
    cell: str
    #: The plain RNN's.
    nonlinearity: Nonlinearity = "tanh"
    #: The GRU's.
    reset_after: bool = True

    def __post_init__(self) -> None:
        check_choice("cell", self.cell, GATES)
        check_choice("nonlinearity", self.nonlinearity, NONLINEARITIES)


def build(
    options: Options, layers: Sequence[Sequence[Weights]], batch_first: bool = False
) -> RNN | GRU | LSTM | PeepholeLSTM:
    """Return the layer of gated that has these weights.

    Raises:
        ValueError: layers that do not fit one above the other.
    """
    weights = {
        f"{name}_l{number}{end}": value
        for number, directions in enumerate(layers)
        for one, end in zip(directions, ("", "_reverse"), strict=False)
        for name, value in one.items()
    }
    first = layers[0][0]
    own: dict[str, Any] = {
        "rnn": {"nonlinearity": options.nonlinearity},
        "gru": {"reset_after": options.reset_after},
    }
    kind = {"rnn": RNN, "gru": GRU, "lstm": PeepholeLSTM if "weight_ch" in first else LSTM}
    layer: RNN | GRU | LSTM | PeepholeLSTM = kind[options.cell](
        first["weight_ih"].shape[1],
        first["weight_hh"].shape[1],
        num_layers=len(layers),
        bidirectional=len(layers[0]) == 2,
        bias="bias_ih" in first,
        batch_first=batch_first,
        dtype=torch.from_numpy(np.zeros((), np.result_type(*weights.values()))).dtype,
        **own.get(options.cell, {}),
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


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else f"of shape {shape}"


def reorder(blocks: Array, order: str, into: str) -> Array:
    """Bring the gates' blocks, along the first dimension, from one order into another."""
    parts = dict(zip(order, np.split(blocks, len(order)), strict=True))
    return np.concatenate([parts[gate] for gate in into])


def reordered(weights: Weights, order: str, into: str) -> Weights:
    """Bring all blocks from one order of the gates into another; the candidate has no peephole."""
    orders = {"weight_ch": (order.replace("g", ""), into.replace("g", ""))}
    return {name: reorder(each, *orders.get(name, (order, into))) for name, each in weights.items()}


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
