r"""Keras: blocks side by side and in another order, and one bias where two are only added up.

`kernel` (input_size, k * units), `recurrent_kernel` (units, k * units) and `bias` hold z, r and the
candidate for the GRU, and i, f, the candidate and o for the LSTM; k is 1 for the plain RNN. $z$
keeps the past. Where `reset_after` is true, as it is by default, the GRU's bias is (2, 3 * units),
the second row for the state; else it is (3 * units,). The others' is (k * units,).
"""

from collections.abc import Sequence
from typing import Final, cast

import numpy as np

from gated.cells import Nonlinearity
from gated.convert.blocks import (
    GATES,
    Array,
    Options,
    Weights,
    array,
    build,
    check_list,
    kind_of,
    reordered,
)
from gated.convert.reading import Cell, Layer, read
from gated.layers import GRU, LSTM, RNN
from gated.options import check_flags

#: The gates in Keras's order, by PyTorch's names.
ORDER: Final = {"rnn": "n", "gru": "zrn", "lstm": "ifgo"}


def to_keras(layer: Layer | Cell) -> list[list[Array]]:
    """Return what to hand to `set_weights` of each of as many Keras layers, or of one cell.

    For a layer of one direction these are `kernel`, `recurrent_kernel` and, with biases, `bias`;
    for both directions, what `keras.layers.Bidirectional` takes: the forward ones, then the
    backward ones. A torch.nn.GRU needs Keras's default, `reset_after=True`; a gated.GRU with
    `reset_after=False` needs the same in Keras; an RNN with `nonlinearity="relu"` needs a SimpleRNN
    with `activation="relu"`. Weights in bfloat16 come as float32, which holds them exactly.

    Args:
        layer: An RNN, a GRU or an LSTM of gated or torch.nn, or one of their cells.

    Raises:
        TypeError: anything but such a layer.
        ValueError: a projection, peepholes, a weight that is missing or not finite.

    Source: `SimpleRNN`, `GRU` and `LSTM` of `keras.layers`, Keras 3, and their cells, run by the
    tests.
    """
    options, layers = read(layer)
    return [[part for one in directions for part in _arrays(one, options)] for directions in layers]


def from_keras(
    weights: Sequence[Array] | Sequence[Sequence[Array]],
    cell: str,
    reset_after: bool = True,
    *,
    nonlinearity: Nonlinearity = "tanh",
    bidirectional: bool | None = None,
) -> RNN | GRU | LSTM:
    """Return a layer of gated with the weights of one Keras layer or cell, or of several layers.

    Args:
        weights: What `get_weights()` of the Keras layer gives, or a list with that of each layer.
            Two or three arrays are one direction, four or six are a `Bidirectional`. So may be the
            arrays of several layers in a row, which `get_weights()` of a model gives.
        cell: "rnn", "gru" or "lstm".
        reset_after: That of the Keras GRU.
        nonlinearity: The activation of the Keras SimpleRNN, "tanh" or "relu".
        bidirectional: Whether the arrays in a row are those of layers in both directions. Needed
            only where their shapes leave it open.

    Raises:
        TypeError: anything but a list of arrays, numbers that are not floating-point.
        ValueError: another cell, another number of arrays or shape, NaN or infinity, arrays in a
            row that fit both directions of one layer as well as two layers.

    Source: `SimpleRNN`, `GRU` and `LSTM` of `keras.layers`, Keras 3, and their cells, run by the
    tests.
    """
    options = Options(cell, nonlinearity, reset_after)
    check_flags(reset_after=reset_after)
    if bidirectional is not None:
        check_flags(bidirectional=bidirectional)
    check_list("weights", weights, "a list of arrays, as get_weights() of a Keras layer returns it")
    if isinstance(weights[0], list | tuple):
        layers = cast(Sequence[Sequence[Array]], weights)
    else:
        layers = _layers(cast(Sequence[Array], weights), options, bidirectional)
    built = [_directions(number, one, options, bidirectional) for number, one in enumerate(layers)]
    return cast(RNN | GRU | LSTM, build(options, built))


def _arrays(one: Weights, options: Options) -> list[Array]:
    if "weight_ch" in one:
        raise ValueError("Keras's LSTM has no peepholes, so no weights give these results")
    one = reordered(one, GATES[options.cell], ORDER[options.cell])
    kernels = [one["weight_ih"].T, one["weight_hh"].T]
    if "bias_ih" not in one:
        return kernels
    biases = one["bias_ih"], one["bias_hh"]
    return [*kernels, np.stack(biases) if _has_two(options) else np.add(*biases)]


def _has_two(options: Options) -> bool:
    """Say whether a layer of Keras has a bias for the state of its own."""
    return options.cell == "gru" and options.reset_after


def _layers(
    weights: Sequence[Array], options: Options, bidirectional: bool | None
) -> list[Sequence[Array]]:
    """Split the arrays of layers in a row into those of each layer."""
    _check_arrays("weights", weights)
    if len(weights) <= 3:
        return [weights]
    third = np.shape(weights[2])
    biased = len(weights) % 3 == 0 and (
        len(third) == 1 or (options.cell == "gru" and third[0] == 2)
    )
    size = 3 if biased else 2
    if bidirectional is None:
        reads = [np.shape(kernel)[0] for kernel in weights[::size]]
        first, units, more = reads[0], np.shape(weights[1])[0], len(reads) - 1
        # Each layer's kernels read what the layer below gives; with both directions there are two.
        one_way = [first] + more * [units]
        both_ways = 2 * [first] + more // 2 * [2 * units, 2 * units]
        readings = [both for both, each in ((False, one_way), (True, both_ways)) if reads == each]
        if len(readings) == 2:
            raise ValueError(
                f"{len(weights)} arrays of these shapes may be both directions of one layer or two "
                "layers in one: pass bidirectional=True or bidirectional=False"
            )
        if not readings:
            return [weights]  # to be refused for what does not fit
        (bidirectional,) = readings
    size *= 2 if bidirectional else 1
    return [weights[start : start + size] for start in range(0, len(weights), size)]


def _check_arrays(name: str, weights: Sequence[object]) -> None:
    """Raise TypeError for anything but an array of at least one dimension."""
    for one in weights:
        if not getattr(one, "shape", ()):
            raise TypeError(
                f"{name} must be arrays, as get_weights() of a Keras layer returns them, "
                f"got {kind_of(one)}"
            )


def _directions(
    number: int, weights: Sequence[Array], options: Options, bidirectional: bool | None
) -> list[Weights]:
    _check_arrays(f"layer {number}", weights)
    if len(weights) not in (2, 3, 4, 6):
        raise ValueError(
            f"layer {number} must have 2 or 3 arrays for one direction, 4 or 6 for both, "
            f"got {len(weights)}"
        )
    if bidirectional is not None and bidirectional != (len(weights) > 3):
        raise ValueError(
            f"layer {number} has {len(weights)} arrays, which are "
            f"{'one direction' if bidirectional else 'both directions'}, "
            f"and bidirectional={bidirectional}"
        )
    size = 3 if len(weights) % 3 == 0 else 2
    return [
        _direction(f"layer {number}", weights[start : start + size], options)
        for start in range(0, len(weights), size)
    ]


def _direction(owner: str, weights: Sequence[Array], options: Options) -> Weights:
    units = np.shape(weights[1])[0]
    rows = len(GATES[options.cell]) * units
    one = {
        "weight_ih": array(f"{owner}: kernel", weights[0], (None, rows)).T,
        "weight_hh": array(f"{owner}: recurrent_kernel", weights[1], (units, rows)).T,
    }
    if len(weights) == 3:
        has_two = _has_two(options)
        bias = array(f"{owner}: bias", weights[2], (2, rows) if has_two else (rows,))
        one["bias_ih"], one["bias_hh"] = bias if has_two else (bias, np.zeros_like(bias))
    return reordered(one, ORDER[options.cell], GATES[options.cell])
