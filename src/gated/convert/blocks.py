"""What all conversions pass through: one layer in one direction, as arrays in PyTorch's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gated.layers import GRU, LSTM
from gated.options import check_choice, did_you_mean

Array = NDArray[Any]
Layer = GRU | LSTM | nn.GRU | nn.LSTM

#: The gates of each cell in PyTorch's order.
GATES: Final = {"gru": "rzn", "lstm": "ifgo"}


@dataclass(frozen=True)
class Direction:
    """The weights of one layer in one direction; the blocks of all gates one below the other."""

    cell: str
    w_ih: Array
    w_hh: Array
    #: Both are None where the layer has no biases.
    b_ih: Array | None
    b_hh: Array | None
    reset_after: bool = True

    @property
    def hidden_size(self) -> int:
        return int(self.w_hh.shape[1])

    def biases(self) -> tuple[Array, Array]:
        """Return both biases, zeros where there are none."""
        zeros = np.zeros_like(self.w_hh[:, 0])
        return (zeros if self.b_ih is None else self.b_ih), (
            zeros if self.b_hh is None else self.b_hh
        )

    def bias_inside_reset(self) -> Array:
        """Return b_hn, the one bias of a GRU that the reset gate multiplies."""
        return self.biases()[1][2 * self.hidden_size :]


def read(layer: Layer) -> list[list[Direction]]:
    """Return the directions of every layer.

    Raises:
        TypeError: what is no GRU or LSTM of gated or torch.nn.
        ValueError: a projection, a weight that is not finite.
    """
    if not isinstance(layer, Layer):
        raise TypeError(
            f"layer must be a GRU or an LSTM of gated or torch.nn, got {type(layer).__name__}"
        )
    if getattr(layer, "proj_size", 0):
        raise ValueError(
            f"an LSTM with proj_size={layer.proj_size} has no equivalent in the other frameworks"
        )
    cell = "gru" if isinstance(layer, GRU | nn.GRU) else "lstm"
    weights = {name: value.detach().cpu().numpy() for name, value in layer.named_parameters()}
    for name, value in weights.items():
        check_finite(name, value)
    ends = ("", "_reverse") if layer.bidirectional else ("",)
    return [
        [
            Direction(
                cell,
                weights[f"weight_ih_l{number}{end}"],
                weights[f"weight_hh_l{number}{end}"],
                weights.get(f"bias_ih_l{number}{end}"),
                weights.get(f"bias_hh_l{number}{end}"),
                getattr(layer, "reset_after", True),
            )
            for end in ends
        ]
        for number in range(layer.num_layers)
    ]


def build(layers: Sequence[Sequence[Direction]]) -> GRU | LSTM:
    """Return the layer of gated that has these weights.

    Raises:
        ValueError: layers that do not fit one above the other.
    """
    first = layers[0][0]
    bidirectional = len(layers[0]) == 2
    options: dict[str, Any] = {"num_layers": len(layers), "bidirectional": bidirectional}
    options["bias"] = first.b_ih is not None
    options["dtype"] = torch.from_numpy(np.zeros((), first.w_ih.dtype)).dtype
    sizes = first.w_ih.shape[1], first.hidden_size
    layer: GRU | LSTM
    if first.cell == "gru":
        layer = GRU(*sizes, **options, reset_after=first.reset_after)
    else:
        layer = LSTM(*sizes, **options)
    weights: dict[str, Array] = {}
    for number, directions in enumerate(layers):
        for one, end in zip(directions, ("", "_reverse"), strict=False):
            weights |= {
                f"weight_ih_l{number}{end}": one.w_ih,
                f"weight_hh_l{number}{end}": one.w_hh,
            }
            if one.b_ih is not None and one.b_hh is not None:
                weights |= {
                    f"bias_ih_l{number}{end}": one.b_ih,
                    f"bias_hh_l{number}{end}": one.b_hh,
                }
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


def check_cell(cell: object) -> None:
    """Raise ValueError for a cell that is not "gru" or "lstm"."""
    check_choice("cell", cell, GATES)


def check_finite(name: str, value: Array) -> None:
    """Raise ValueError for weights that hold NaN or infinity, which no conversion can mend."""
    if not np.isfinite(value).all():
        kind = "NaN" if np.isnan(value).any() else "infinity"
        raise ValueError(f"{name} holds {kind}")


def array(name: str, value: object, shape: tuple[int | None, ...]) -> Array:
    """Return the value as an array of that shape, in which None is any size.

    Raises:
        TypeError: what holds no floating-point numbers.
        ValueError: another shape, NaN or infinity.
    """
    found = np.asarray(value)
    if found.dtype.kind != "f":
        raise TypeError(f"{name} must hold floating-point numbers, got {found.dtype}")
    fits = found.ndim == len(shape) and all(
        want in (None, size) for want, size in zip(shape, found.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {found.shape}")
    check_finite(name, found)
    return found


def check_keys(owner: str, given: Mapping[str, object], expected: Iterable[str]) -> None:
    """Raise KeyError for weights that are missing or that nothing asks for, by name."""
    expected = list(expected)
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{owner} must be a mapping of names to weights, got {type(given).__name__}"
        )
    extra = [name for name in given if name not in expected]
    missing = [name for name in expected if name not in given]
    if extra:
        raise KeyError(
            f"{owner}: unknown {', '.join(map(repr, extra))}"
            + did_you_mean(str(extra[0]), missing or expected)
        )
    if missing:
        raise KeyError(f"{owner}: missing {', '.join(map(repr, missing))}")
