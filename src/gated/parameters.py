r"""How many numbers a recurrent layer learns: exact counts by part, with the formula. No torch.

A cell has $k$ blocks: one for the plain RNN, three for the GRU, four for the LSTM. With input size
$d$ and hidden size $h$, each block multiplies the input by a matrix of $h \times d$ numbers and the
state by one of $h \times h$; then there are $b$ bias vectors of $h$ numbers:

$$k \, (d h + h^2) + b h$$

Frameworks differ in $b$ alone. PyTorch gives the input and the state one bias each in every block,
$b = 2k$, though two biases that are only ever added up do the work of one. One bias is needed that
is not so: in a GRU whose reset gate acts after the product, $n = \tanh(W_{in} x + b_{in} + r \odot
(W_{hn} h + b_{hn}))$, the gate acts on $b_{hn}$ and not on $b_{in}$. So four vectors are what a GRU
can use, and three are enough where the reset gate acts before the product.

With $D$ directions each has weights of its own, and every layer above the first reads all $D$ of
the one below: $d$ becomes $D h$. An LSTM may have peepholes, three numbers for each unit, and a
projection of $h$ to $p$ numbers: the state's matrices are then $h \times p$, there is one of $p
\times h$ more, and $p$ is what the layer above reads.
"""

from dataclasses import dataclass
from typing import Final

from gated.options import check_choice, check_flags, check_projection, check_sizes

BLOCKS: Final = {"rnn": 1, "gru": 3, "lstm": 4}

#: Bias vectors of one layer in one direction.
BIASES: Final = {
    "pytorch": {"rnn": 2, "gru": 6, "lstm": 8},
    "keras": {"rnn": 1, "gru": 6, "lstm": 4},
    "keras-reset-before": {"rnn": 1, "gru": 3, "lstm": 4},
    "flax-linen": {"rnn": 1, "gru": 4, "lstm": 4},
    "flax-nnx": {"rnn": 1, "gru": 3, "lstm": 4},
    "equinox": {"gru": 4, "lstm": 4},
    "onnx": {"rnn": 2, "gru": 6, "lstm": 8},
    "coreml": {"rnn": 1, "gru": 3, "lstm": 4},
    "cudnn": {"rnn": 2, "gru": 6, "lstm": 8},
}


@dataclass(frozen=True)
class Count:
    """The parameters of all layers and directions, by what they are multiplied with."""

    input: int
    recurrent: int
    biases: int
    #: In d = input_size, h = hidden_size and, where there are any, L = num_layers, D directions and
    #: p = proj_size.
    formula: str
    peepholes: int = 0
    projection: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.input + self.recurrent + self.biases + self.peepholes + self.projection


def count(
    cell: str,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    convention: str = "pytorch",
    *,
    peepholes: bool = False,
    proj_size: int = 0,
) -> Count:
    """Count the parameters of a recurrent layer, or of several.

    Args:
        cell: "rnn", "gru" or "lstm".
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        bidirectional: Whether a second direction reads from the last step to the first.
        bias: Whether there are biases.
        convention: "pytorch", "keras" for what Keras builds by default, "keras-reset-before",
            which differs for the GRU alone: `reset_after=False`, "flax-linen", "flax-nnx",
            "equinox", which has no plain RNN, "onnx", "coreml" or "cudnn".
        peepholes: Whether an LSTM's gates see the cell state, as they can in ONNX and CoreML.
        proj_size: Features of an LSTM's projected state, as in PyTorch and cuDNN; 0 for none.

    Raises:
        ValueError: an unknown cell or convention, a size below 1, peepholes or a projection of
            another cell than the LSTM, a projection that is not narrower.
        TypeError: a size that is not an int, a flag that is not a bool.

    Source: the layers of PyTorch, Keras, Flax, Equinox, ONNX and CoreML themselves, built by the
    tests; for cuDNN the documentation of `cudnnRNNBiasMode_t`, whose default has two biases.
    """
    check_choice("cell", cell, BLOCKS)
    check_choice("convention", convention, BIASES)
    check_choice(f"cell with convention={convention!r}", cell, BIASES[convention])
    check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    check_flags(bidirectional=bidirectional, bias=bias, peepholes=peepholes)
    check_projection(proj_size, hidden_size)
    if cell != "lstm" and (peepholes or proj_size):
        raise ValueError(f"only an LSTM has peepholes or a projection, got cell={cell!r}")
    blocks = BLOCKS[cell]
    biases = BIASES[convention][cell] if bias else 0
    directions = 2 if bidirectional else 1
    runs = directions * num_layers
    width = proj_size or hidden_size
    inputs = input_size + (num_layers - 1) * directions * width
    return Count(
        input=directions * blocks * hidden_size * inputs,
        recurrent=runs * blocks * hidden_size * width,
        biases=runs * biases * hidden_size,
        formula=_formula(blocks, biases, num_layers > 1, bidirectional, peepholes, proj_size > 0),
        peepholes=runs * 3 * hidden_size if peepholes else 0,
        projection=runs * proj_size * hidden_size,
    )


def _formula(
    blocks: int, biases: int, stacked: bool, bidirectional: bool, peepholes: bool, projected: bool
) -> str:
    width = "p" if projected else "h"
    each, over = divmod(biases, blocks)
    inside = f"h*{width}"
    if each and not over:
        inside += " + h" if each == 1 else f" + {each}*h"
    beside = [f"{biases}*h"] if over else []
    beside += ["3*h"] if peepholes else []
    beside += ["p*h"] if projected else []

    def one(read: str, factor: str = "") -> str:
        terms = " + ".join([f"{blocks}*({read}*h + {inside})", *beside])
        if not factor:
            return terms
        return f"{factor}*({terms})" if beside else f"{factor}*{terms}"

    first, above = one("d"), one(width, "(L-1)")
    if bidirectional:
        first, above = one("d", "D"), one(f"D*{width}", "(L-1)*D")
    return f"{first} + {above}" if stacked else first
