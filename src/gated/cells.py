r"""One step of the plain RNN, the GRU and the LSTM: the equations, and the cells that hold weights.

In every step `from_x` is the input's share of all gates, $W_i x + b_i$: it needs no state, so that
a layer computes it for all time steps at once. The weights of the gates stand one below the other
in one matrix, in PyTorch's order: r, z, n for the GRU and i, f, g, o for the LSTM. In the types,
`gates` is the number of all their rows.
"""
# ruff: noqa: F722 (a shape in a type is not Python)

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor, lerp, relu, sigmoid, tanh
from torch.nn.functional import linear

from gated.checks import check_pair
from gated.modules import Cell, CellSizes, Recurrent
from gated.options import check_choice

Nonlinearity = Literal["tanh", "relu"]
NONLINEARITIES = {"tanh": tanh, "relu": relu}


def _rnn_step(
    from_x: Float[Tensor, "batch hidden"],
    h: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "hidden hidden"],
    b_hh: Float[Tensor, " hidden"] | None,
    nonlinearity: Nonlinearity,
) -> Float[Tensor, "batch hidden"]:
    return NONLINEARITIES[nonlinearity](from_x + linear(h, w_hh, b_hh))


def _gru_gates(
    from_x: Float[Tensor, "*batch gates"],
    h: Float[Tensor, "*batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
) -> tuple[Float[Tensor, "*batch hidden"], ...]:
    x_r, x_z, x_n = from_x.chunk(3, dim=-1)
    h_r, h_z, h_n = linear(h, w_hh, b_hh).chunk(3, dim=-1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = tanh(x_n + r * h_n)
    return r, z, n


def _gru_gates_reset_before(
    from_x: Float[Tensor, "*batch gates"],
    h: Float[Tensor, "*batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
) -> tuple[Float[Tensor, "*batch hidden"], ...]:
    w_hr, w_hz, w_hn = w_hh.chunk(3)
    b_hr, b_hz, b_hn = (None, None, None) if b_hh is None else b_hh.chunk(3)
    x_r, x_z, x_n = from_x.chunk(3, dim=-1)
    r = sigmoid(x_r + linear(h, w_hr, b_hr))
    z = sigmoid(x_z + linear(h, w_hz, b_hz))
    n = tanh(x_n + linear(r * h, w_hn, b_hn))
    return r, z, n


def _gru_step(
    from_x: Float[Tensor, "batch gates"],
    h: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
    reset_after: bool = True,
) -> Float[Tensor, "batch hidden"]:
    gates = _gru_gates if reset_after else _gru_gates_reset_before
    _, z, n = gates(from_x, h, w_hh, b_hh)
    return lerp(n, h, z)  # (1 - z) * n + z * h


def _lstm_gates(
    from_x: Float[Tensor, "*batch gates"],
    h: Float[Tensor, "*batch out"],  # narrower than c where it is projected
    w_hh: Float[Tensor, "gates out"],
    b_hh: Float[Tensor, " gates"] | None,
) -> tuple[Float[Tensor, "*batch hidden"], ...]:
    x_i, x_f, x_g, x_o = from_x.chunk(4, dim=-1)
    h_i, h_f, h_g, h_o = linear(h, w_hh, b_hh).chunk(4, dim=-1)
    i = sigmoid(x_i + h_i)
    f = sigmoid(x_f + h_f)
    g = tanh(x_g + h_g)
    o = sigmoid(x_o + h_o)
    return i, f, g, o


def _lstm_step(
    from_x: Float[Tensor, "batch gates"],
    h: Float[Tensor, "batch out"],
    c: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "gates out"],
    b_hh: Float[Tensor, " gates"] | None,
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    i, f, g, o = _lstm_gates(from_x, h, w_hh, b_hh)
    c = f * c + i * g
    h = o * tanh(c)
    return h, c


@dataclass(eq=False, repr=False)
class Nonlinear(Recurrent):
    """The argument that torch.nn's plain RNNs take right after those that come first."""

    nonlinearity: Nonlinearity = "tanh"

    def _check_arguments(self) -> None:
        check_choice("nonlinearity", self.nonlinearity, NONLINEARITIES)
        super()._check_arguments()


@dataclass(eq=False, repr=False)
class RNNCell(Cell, Nonlinear, CellSizes):
    r"""One step of a plain (Elman) RNN: a drop-in for `torch.nn.RNNCell`.

    $$h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})$$

    With `nonlinearity="relu"`, ReLU stands in place of tanh.

    Arguments, shapes and errors are those of [`GRUCell`][gated.GRUCell], with `nonlinearity` after
    `bias` and in place of `reset_after`, and so are the weights, with one block in place of three.

    Source: Elman, "Finding structure in time", Cognitive Science 14, 1990, figure 2.
    """

    _gates = 1

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        from_x, h = self._from_x(input), self._begin("hx", hx, input)
        h = _rnn_step(from_x, h, self.weight_hh, self.bias_hh, self.nonlinearity)
        return h.reshape(*input.shape[:-1], self.hidden_size)


@dataclass(eq=False, repr=False)
class GRUCell(Cell):
    r"""One step of a gated recurrent unit: a drop-in for `torch.nn.GRUCell`.

    $$\begin{aligned}
    r &= \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \\
    z &= \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz}) \\
    n &= \tanh(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})) \\
    h' &= (1 - z) \odot n + z \odot h
    \end{aligned}$$

    The update gate $z$ weights the past: where $z = 1$ the state is kept, as in PyTorch and Keras.
    The reset gate $r$ acts after the product with $W_{hn}$. With `reset_after=False` it acts
    before, which is another function of the same weights:

    $$n = \tanh(W_{in} x + b_{in} + W_{hn} (r \odot h) + b_{hn})$$

    Called with `input` of shape (batch, input_size) or (input_size,), and `hx`, the state $h$, of
    shape (batch, hidden_size) or (hidden_size,), or zeros if it is missing. Returns $h'$, of the
    same shape as `hx`.

    Weights, r, z and n one below the other: `weight_ih` (3 * hidden_size, input_size), `weight_hh`
    (3 * hidden_size, hidden_size), `bias_ih` and `bias_hh` (3 * hidden_size,), the last two None
    without `bias`.

    Raises:
        ValueError: a negative size, a tensor of another rank.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size, dtype or device.

    Source: Cho et al., arXiv 1406.1078, section 2.3: version 1 resets after, version 3 before.
    """

    _gates = 3

    _: KW_ONLY
    reset_after: bool = True

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        from_x, h = self._from_x(input), self._begin("hx", hx, input)
        # In mixed precision the state keeps its own.
        h = _gru_step(from_x.to(h.dtype), h, self.weight_hh, self.bias_hh, self.reset_after)
        return h.reshape(*input.shape[:-1], self.hidden_size)


class LSTMCell(Cell):
    r"""One step of long short-term memory: a drop-in for `torch.nn.LSTMCell`.

    $$\begin{aligned}
    i &= \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi}) \\
    f &= \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf}) \\
    g &= \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}) \\
    o &= \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho}) \\
    c' &= f \odot c + i \odot g \\
    h' &= o \odot \tanh(c')
    \end{aligned}$$

    The forget gate $f$ keeps the cell state $c$, the input gate $i$ writes the candidate $g$ into
    it, and the output gate $o$ exposes it.

    Called with `input` of shape (batch, input_size) or (input_size,), and `hx`, the pair $(h, c)$,
    each of shape (batch, hidden_size) or (hidden_size,), or zeros if it is missing. Returns the
    pair $(h', c')$, of the same shapes.

    Weights, i, f, g and o one below the other: `weight_ih` (4 * hidden_size, input_size),
    `weight_hh` (4 * hidden_size, hidden_size), `bias_ih` and `bias_hh` (4 * hidden_size,), the last
    two None without `bias`.

    Raises:
        ValueError: a negative size, a tensor of another rank.
        TypeError: an argument of another type, a state that is not a pair.
        RuntimeError: a tensor of another size, dtype or device.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997,
    section 4; the forget gate is from Gers, Schmidhuber and Cummins, "Learning to forget", Neural
    Computation 12(10), 2000, section 3.
    """

    _gates = 4

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        if hx is not None:
            check_pair(type(self).__name__, hx)
        from_x = self._from_x(input)
        h, c = (self._begin(f"hx[{k}]", hx and hx[k], input) for k in (0, 1))
        h, c = _lstm_step(from_x, h, c, self.weight_hh, self.bias_hh)
        shape = (*input.shape[:-1], self.hidden_size)
        return h.reshape(shape), c.reshape(shape)
