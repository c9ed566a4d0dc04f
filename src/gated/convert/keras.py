r"""Keras: blocks side by side and in another order, and one bias where two are only added up.

`kernel` (input_size, k * units), `recurrent_kernel` (units, k * units) and `bias` hold z, r and the
candidate for the GRU, and i, f, the candidate and o for the LSTM. $z$ keeps the past. Where
`reset_after` is true, as it is by default, the GRU's bias is (2, 3 * units), the second row for the
state; else it is (3 * units,). The LSTM's is (4 * units,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gated.convert.blocks import (
    GATES,
    Array,
    Direction,
    Layer,
    array,
    build,
    check_cell,
    read,
    reorder,
)
from gated.layers import GRU, LSTM
from gated.options import check_flags

#: The gates in Keras's order, by PyTorch's names.
ORDER: Final = {"gru": "zrn", "lstm": "ifgo"}


def to_keras(layer: Layer) -> list[list[Array]]:
    """Return what to hand to `set_weights` of each of as many Keras layers.

    For a layer of one direction these are `kernel`, `recurrent_kernel` and, with biases, `bias`;
    for both directions, what `keras.layers.Bidirectional` takes: the forward ones, then the
    backward ones. A torch.nn.GRU needs Keras's default, `reset_after=True`; a gated.GRU with
    `reset_after=False` needs the same in Keras.

    Args:
        layer: A GRU or an LSTM of gated or torch.nn.

    Raises:
        TypeError: what is no such layer.
        ValueError: a projection, a weight that is not finite.

    Source: `keras.layers.GRU` and `keras.layers.LSTM` of Keras 3, run by the tests.
    """
    return [[part for one in directions for part in _arrays(one)] for directions in read(layer)]


def from_keras(
    weights: Sequence[Array] | Sequence[Sequence[Array]], cell: str, reset_after: bool = True
) -> GRU | LSTM:
    """Return a layer of gated with the weights of one Keras layer, or of several, stacked.

    Args:
        weights: What `get_weights()` of the Keras layer gives, or a list of that for several.
            Two or three arrays are one direction, four or six are a `Bidirectional`.
        cell: "gru" or "lstm".
        reset_after: That of the Keras GRU.

    Raises:
        TypeError: what holds no floating-point numbers.
        ValueError: another cell, another number of arrays or shape, NaN or infinity.

    Source: `keras.layers.GRU` and `keras.layers.LSTM` of Keras 3, run by the tests.
    """
    check_cell(cell)
    check_flags(reset_after=reset_after)
    if len(weights) == 0:
        raise ValueError("weights must hold at least one layer, got none")
    layers: Any = weights if isinstance(weights[0], list | tuple) else [weights]
    return build([_directions(number, one, cell, reset_after) for number, one in enumerate(layers)])


def _arrays(one: Direction) -> list[Array]:
    into = ORDER[one.cell]
    w_ih, w_hh = (reorder(w, GATES[one.cell], into).T for w in (one.w_ih, one.w_hh))
    if one.b_ih is None or one.b_hh is None:
        return [w_ih, w_hh]
    b_ih, b_hh = (reorder(b, GATES[one.cell], into) for b in (one.b_ih, one.b_hh))
    has_two = one.cell == "gru" and one.reset_after
    return [w_ih, w_hh, np.stack([b_ih, b_hh]) if has_two else b_ih + b_hh]


def _directions(
    number: int, weights: Sequence[Array], cell: str, reset_after: bool
) -> list[Direction]:
    if len(weights) not in (2, 3, 4, 6):
        raise ValueError(
            f"layer {number} must have 2 or 3 arrays for one direction, 4 or 6 for both, "
            f"got {len(weights)}"
        )
    size = 3 if len(weights) % 3 == 0 else 2
    starts = range(0, len(weights), size)
    return [
        _direction(f"layer {number}", weights[start : start + size], cell, reset_after)
        for start in starts
    ]


def _direction(owner: str, weights: Sequence[Array], cell: str, reset_after: bool) -> Direction:
    order, into = ORDER[cell], GATES[cell]
    units = np.shape(weights[1])[0]
    rows = len(into) * units
    kernel = array(f"{owner}: kernel", weights[0], (None, rows))
    recurrent = array(f"{owner}: recurrent_kernel", weights[1], (units, rows))
    biases: tuple[Array | None, Array | None] = (None, None)
    if len(weights) == 3:
        has_two = cell == "gru" and reset_after
        bias = array(f"{owner}: bias", weights[2], (2, rows) if has_two else (rows,))
        one, two = bias if has_two else (bias, np.zeros_like(bias))
        biases = reorder(one, order, into), reorder(two, order, into)
    w_ih, w_hh = (reorder(w.T, order, into) for w in (kernel, recurrent))
    return Direction(cell, w_ih, w_hh, *biases, reset_after=reset_after)
