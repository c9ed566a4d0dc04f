"""Which convention do these weights obey? Run each, and see which gives the recorded output."""

from dataclasses import dataclass
from itertools import permutations, product
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gated import reference
from gated.convert.blocks import GATES, Array, array, reorder
from gated.options import check_choice

#: Who stacks the gates in this order and resets there, z keeping.
KNOWN: Final = {
    ("rzn", True): "PyTorch, Flax, Equinox, cuDNN",
    ("zrn", True): "Keras; ONNX with linear_before_reset=1",
    ("zrn", False): "Keras with reset_after=False; ONNX with linear_before_reset=0",
    ("ifgo", None): "PyTorch, Keras, Flax, Equinox",
    ("iofg", None): "ONNX",
}


@dataclass(frozen=True)
class Convention:
    """One way to read stacked weights."""

    #: The gates from the first block to the last, by PyTorch's names.
    order: str
    #: Whether the reset gate acts after the product; None for the LSTM.
    reset_after: bool | None = None
    #: Whether z weights the past, as in PyTorch, or the candidate; None for the LSTM.
    z_keeps: bool | None = None

    def __str__(self) -> str:
        text = f"gates in the order {', '.join(self.order)}"
        if self.reset_after is not None:
            text += f"; reset {'after' if self.reset_after else 'before'} the product"
            text += f"; z {'keeps' if self.z_keeps else 'writes'}"
        known = KNOWN.get((self.order, self.reset_after)) if self.z_keeps is not False else None
        return f"{text} ({known})" if known else text


def detect(
    cell: str,
    input: ArrayLike,
    output: ArrayLike,
    weight_ih: ArrayLike,
    weight_hh: ArrayLike,
    bias_ih: ArrayLike | None = None,
    bias_hh: ArrayLike | None = None,
    *,
    tolerance: float = 1e-4,
) -> list[Convention]:
    """Return every convention under which the weights give the recorded output.

    None fits weights that belong to another layer or a cell with other parts. Several fit where
    the record does not tell them apart, as where all weights are small, or where one step from
    zeros says nothing of the reset gate: record several steps.

    Args:
        cell: "gru" or "lstm".
        input: What the layer was given: (time, batch, input_size).
        output: What it gave at every step, from a state of zeros: (time, batch, hidden_size).
        weight_ih: The input's weights, the gates' blocks one below the other: (k * hidden_size,
            input_size), with k = 3 for the GRU and 4 for the LSTM. Turn Keras's `kernel` first.
        weight_hh: The state's weights: (k * hidden_size, hidden_size).
        bias_ih: The input's bias, or the only one: (k * hidden_size,).
        bias_hh: The state's bias: (k * hidden_size,).
        tolerance: By how much any number of the output may differ.

    Raises:
        TypeError: numbers that are not floating-point.
        ValueError: another cell, another shape, NaN or infinity, no step, a tolerance that is
            negative or not a number.

    Source: the orders of PyTorch, Keras and ONNX as their layers, run by the tests, show them.
    """
    check_choice("cell", cell, ("gru", "lstm"))
    if not isinstance(tolerance, int | float) or not tolerance >= 0:
        raise ValueError(f"tolerance must be a number of at least 0, got {tolerance!r}")
    x = array("input", input, (None, None, None))
    steps, batch, input_size = x.shape
    recorded = array("output", output, (steps, batch, None))
    if recorded.size == 0:
        raise ValueError(f"output must have at least one step and sequence, got {recorded.shape}")
    hidden_size = recorded.shape[2]
    rows = len(GATES[cell]) * hidden_size
    weights = [
        array("weight_ih", weight_ih, (rows, input_size)),
        array("weight_hh", weight_hh, (rows, hidden_size)),
    ]
    weights += [
        np.zeros(rows) if bias is None else array(name, bias, (rows,))
        for name, bias in (("bias_ih", bias_ih), ("bias_hh", bias_hh))
    ]
    meanings = [(None, None)] if cell == "lstm" else product((True, False), repeat=2)
    conventions = (
        Convention("".join(order), *meaning)
        for order, meaning in product(permutations(GATES[cell]), meanings)
    )
    return [
        convention
        for convention in conventions
        if np.abs(_run(cell, x, weights, convention) - recorded).max() <= tolerance
    ]


def _run(cell: str, x: Array, weights: list[Array], convention: Convention) -> Array:
    w_ih, w_hh, b_ih, b_hh = (reorder(part, convention.order, GATES[cell]) for part in weights)
    if cell == "lstm":
        return reference.lstm(x, None, w_ih, w_hh, b_ih, b_hh)[0]
    if not convention.z_keeps:
        # 1 - sigmoid(a) is sigmoid(-a), so that turning the signs turns z's meaning.
        size = w_hh.shape[1]
        for part in (w_ih, w_hh, b_ih, b_hh):
            part[size : 2 * size] *= -1
    return reference.gru(x, None, w_ih, w_hh, b_ih, b_hh, bool(convention.reset_after))[0]
