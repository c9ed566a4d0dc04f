r"""Relatives of the GRU and the LSTM: one gate less, two gates tied, or gates that see the cell.

The steps are written as in `gated.cells`; layers, directions, time and packed sequences come from
`gated.stack`, and with them the arguments.
"""
# ruff: noqa: F722 (a shape in a type is not Python)

from jaxtyping import Float
from torch import Tensor, lerp, sigmoid, tanh
from torch.nn.functional import linear

from gated.loop import State
from gated.stack import CellLayers, HiddenLayers, Weights


def _mgu_step(
    from_x: Float[Tensor, "batch gates"],
    h: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
) -> Float[Tensor, "batch hidden"]:
    w_hf, w_hn = w_hh.chunk(2)
    b_hf, b_hn = (None, None) if b_hh is None else b_hh.chunk(2)
    x_f, x_n = from_x.chunk(2, dim=-1)
    f = sigmoid(x_f + linear(h, w_hf, b_hf))
    n = tanh(x_n + linear(f * h, w_hn, b_hn))
    return lerp(h, n, f)  # (1 - f) * h + f * n


def _coupled_lstm_step(
    from_x: Float[Tensor, "batch gates"],
    h: Float[Tensor, "batch hidden"],
    c: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    x_f, x_g, x_o = from_x.chunk(3, dim=-1)
    h_f, h_g, h_o = linear(h, w_hh, b_hh).chunk(3, dim=-1)
    f = sigmoid(x_f + h_f)
    g = tanh(x_g + h_g)
    o = sigmoid(x_o + h_o)
    c = lerp(g, c, f)  # f * c + (1 - f) * g
    h = o * tanh(c)
    return h, c


def _peephole_lstm_step(
    from_x: Float[Tensor, "batch gates"],
    h: Float[Tensor, "batch hidden"],
    c: Float[Tensor, "batch hidden"],
    w_hh: Float[Tensor, "gates hidden"],
    b_hh: Float[Tensor, " gates"] | None,
    w_ch: Float[Tensor, " peepholes"],
) -> tuple[Float[Tensor, "batch hidden"], Float[Tensor, "batch hidden"]]:
    x_i, x_f, x_g, x_o = from_x.chunk(4, dim=-1)
    h_i, h_f, h_g, h_o = linear(h, w_hh, b_hh).chunk(4, dim=-1)
    w_ci, w_cf, w_co = w_ch.chunk(3)
    i = sigmoid(x_i + h_i + w_ci * c)
    f = sigmoid(x_f + h_f + w_cf * c)
    g = tanh(x_g + h_g)
    c = f * c + i * g
    o = sigmoid(x_o + h_o + w_co * c)
    h = o * tanh(c)
    return h, c


class MGU(HiddenLayers):
    r"""Minimal gated units: a GRU whose one gate both resets and updates.

    $$\begin{aligned}
    f &= \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf}) \\
    n &= \tanh(W_{in} x + b_{in} + W_{hn} (f \odot h) + b_{hn}) \\
    h' &= (1 - f) \odot h + f \odot n
    \end{aligned}$$

    The paper calls $f$ the forget gate, but it writes: where $f = 0$ the state is kept. That is the
    opposite of the $f$ of an [`LSTM`][gated.LSTM] and of the $z$ of a [`GRU`][gated.GRU]. The gate
    acts before the product with $W_{hn}$.

    Arguments, shapes and errors are those of [`GRU`][gated.GRU], without `reset_after`. Weights are
    named as there, with two blocks, f and n, in place of three.

    Source: Zhou, Wu, Zhang and Zhou, "Minimal gated unit for recurrent neural networks", arXiv
    1603.09420, section 3.
    """

    _gates = 2

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        (h,) = state
        return (_mgu_step(from_x, h, w["weight_hh"], w["bias_hh"]),)


class CoupledLSTM(CellLayers):
    r"""An LSTM that writes where it forgets: its input gate is $1 - f$, as in a GRU.

    $$\begin{aligned}
    f &= \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf}) \\
    g &= \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}) \\
    o &= \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho}) \\
    c' &= f \odot c + (1 - f) \odot g \\
    h' &= o \odot \tanh(c')
    \end{aligned}$$

    The forget gate $f$ keeps the cell state. The cell is now a blend: from zero it stays between
    -1 and 1, so that, unlike an LSTM's, it cannot count without bound.

    Arguments, shapes and errors are those of [`LSTM`][gated.LSTM], without `proj_size`. Weights are
    named as there, with three blocks, f, g and o, in place of four.

    Source: Greff et al., "LSTM: a search space odyssey", arXiv 1503.04069, variant CIFG, which
    learns $i$ and sets $f = 1 - i$: the same function, with the signs of one gate turned. The
    paper's has peepholes, this one has not.
    """

    _gates = 3

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        h, c = state
        return _coupled_lstm_step(from_x, h, c, w["weight_hh"], w["bias_hh"])


class PeepholeLSTM(CellLayers):
    r"""An LSTM whose gates see the cell state itself, and not only what the output gate exposes.

    $$\begin{aligned}
    i &= \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi} + w_{ci} \odot c) \\
    f &= \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf} + w_{cf} \odot c) \\
    g &= \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}) \\
    c' &= f \odot c + i \odot g \\
    o &= \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho} + w_{co} \odot c') \\
    h' &= o \odot \tanh(c')
    \end{aligned}$$

    A peephole is one number for each unit and gate: a unit sees no cell but its own. The input and
    the forget gate see the old cell state, the output gate the new one.

    Arguments, shapes and errors are those of [`LSTM`][gated.LSTM], without `proj_size`. So are the
    weights, and there is one more for each layer and direction: `weight_ch` (3 * hidden_size,),
    with $w_{ci}$, $w_{cf}$ and $w_{co}$ one after the other, named `weight_ch_l0` and so on.

    Source: Gers and Schmidhuber, "Recurrent nets that time and count", IJCNN 2000, section 2; Gers,
    Schraudolph and Schmidhuber, "Learning precise timing with LSTM recurrent networks", JMLR 3,
    2002, section 3. The two tanh are those of today's LSTM.
    """

    _gates = 4

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...] | None]:
        return super()._shapes(input_size) | {"weight_ch": (3 * self.hidden_size,)}

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        h, c = state
        return _peephole_lstm_step(from_x, h, c, w["weight_hh"], w["bias_hh"], w["weight_ch"])
