r"""How many numbers a recurrent layer learns: exact counts by part, with the formula. No torch.

A cell has $k$ blocks: one for the plain RNN, three for the GRU, four for the LSTM. With input size
$d$ and hidden size $h$, each block multiplies the input by a matrix of $h \times d$ numbers and the
state by one of $h \times h$, and adds $b$ bias vectors of $h$ numbers:

$$k \, (d h + h^2 + b h)$$

Frameworks differ in $b$ alone. PyTorch gives the input and the state one bias each, $b = 2$, though
two biases that are only ever added up do the work of one. Keras has one for each block, $b = 1$,
but two in its GRU, where the reset gate acts on one of them and not on the other:
$n = \tanh(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn}))$. With `reset_after=False` it acts on
neither, and Keras's GRU has one again.

With $D$ directions each has weights of its own, and every layer above the first reads all $D$ of
the one below: $d$ becomes $D h$.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gated.options import check_choice, check_flags, check_sizes

BLOCKS: Final = {"rnn": 1, "gru": 3, "lstm": 4}

#: Bias vectors for each block.
BIASES: Final = {
    "pytorch": {"rnn": 2, "gru": 2, "lstm": 2},
    "keras": {"rnn": 1, "gru": 2, "lstm": 1},
    "keras-reset-before": {"rnn": 1, "gru": 1, "lstm": 1},
}


@dataclass(frozen=True)
class Count:
    """The parameters of all layers and directions, by what they are multiplied with."""

    input: int
    recurrent: int
    biases: int
    #: In d = input_size, h = hidden_size and, where several, L = num_layers and D directions.
    formula: str

    @property
    def total(self) -> int:
        return self.input + self.recurrent + self.biases


def count(
    cell: str,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    convention: str = "pytorch",
) -> Count:
    """Count the parameters of a recurrent layer, or of several.

    Args:
        cell: "rnn", "gru" or "lstm".
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        bidirectional: Whether a second direction reads from the last step to the first.
        bias: Whether there are biases.
        convention: "pytorch", "keras" for what Keras builds by default, or "keras-reset-before",
            which differs for the GRU alone: `reset_after=False`.

    Raises:
        ValueError: an unknown cell or convention, a size below 1.
        TypeError: a size that is no int, a flag that is no bool.

    Source: the shapes of the weights in the documentation of `torch.nn.RNN`, `GRU` and `LSTM`, and
    of Keras's `SimpleRNN`, `GRU` and `LSTM`.
    """
    check_choice("cell", cell, BLOCKS)
    check_choice("convention", convention, BIASES)
    check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    check_flags(bidirectional=bidirectional, bias=bias)
    blocks = BLOCKS[cell]
    biases = BIASES[convention][cell] if bias else 0
    directions = 2 if bidirectional else 1
    inputs = input_size + (num_layers - 1) * directions * hidden_size
    return Count(
        input=directions * blocks * hidden_size * inputs,
        recurrent=directions * blocks * hidden_size**2 * num_layers,
        biases=directions * blocks * hidden_size * biases * num_layers,
        formula=_formula(blocks, biases, num_layers > 1, bidirectional),
    )


def _formula(blocks: int, biases: int, stacked: bool, bidirectional: bool) -> str:
    rest = " + h*h" + {0: "", 1: " + h", 2: " + 2*h"}[biases]
    times = f"D*{blocks}" if bidirectional else f"{blocks}"
    first = f"{times}*(d*h{rest})"
    if not stacked:
        return first
    return f"{first} + (L-1)*{times}*({'D*' if bidirectional else ''}h*h{rest})"
