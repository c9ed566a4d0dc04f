"""The steps of `gated.cells` over time, in one direction or both, in layers one above the other."""

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import linear

from gated import cells
from gated.cells import Nonlinear, Nonlinearity
from gated.loop import State
from gated.stack import CellLayers, HiddenLayers, Sizes, Weights


@dataclass(eq=False, repr=False)
class RNN(HiddenLayers, Nonlinear, Sizes):
    r"""A plain (Elman) RNN over whole sequences: a drop-in for `torch.nn.RNN`.

    At every step the equation of [`RNNCell`][gated.RNNCell]. Arguments, shapes and errors are those
    of [`GRU`][gated.GRU], with `nonlinearity` after `num_layers` and in place of `reset_after`:
    "tanh" or "relu", and anything else is a ValueError.

    Source: Elman, "Finding structure in time", Cognitive Science 14, 1990, figure 2.
    """

    nonlinearity: Nonlinearity = field(default="tanh", repr=False)  # torch.nn does not show it
    _gates = 1

    @property
    def mode(self) -> str:
        """torch.nn's name of the function."""
        return f"RNN_{self.nonlinearity.upper()}"

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        (h,) = state
        return (cells._rnn_step(from_x, h, w["weight_hh"], w["bias_hh"], self.nonlinearity),)


@dataclass(eq=False, repr=False)
class GRU(HiddenLayers):
    r"""Gated recurrent units over whole sequences: a drop-in for `torch.nn.GRU`.

    At every step the equations of [`GRUCell`][gated.GRUCell]: the update gate $z$ weights the past,
    and the reset gate acts after the product, or before it with `reset_after=False`. Called with
    `input` and, if there is one, the initial state `hx`; returns `(output, h_n)`. With L time
    steps, a batch of N and D directions:

    - `input`: (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size)
      without a batch; or a PackedSequence, and then `output` is one too
    - `hx`, by default zeros, and `h_n`, the states after the last step: (D * num_layers, N,
      hidden_size), or (D * num_layers, hidden_size) without a batch
    - `output`, the states of the last layer at every step: as `input`, with D * hidden_size
      features

    Args:
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        bias: Whether there are biases.
        batch_first: Whether the batch comes first in `input` and `output`, and not the time.
        dropout: Probability of dropout between layers in training.
        bidirectional: Whether a second direction reads from the last step to the first.
        proj_size: 0: only an LSTM has projections.
        device: Where the weights are.
        dtype: Their type.
        reset_after: Whether the reset gate acts after the product with the state's weights.

    Raises:
        ValueError: a size below 1, a projection, an input of another rank or dtype.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size or device, no time step, a state of another dtype.

    Source: Cho et al., arXiv 1406.1078, section 2.3: version 1 resets after, version 3 before.
    """

    _gates = 3

    _: KW_ONLY
    reset_after: bool = True

    @property
    def mode(self) -> str:
        """torch.nn's name of the function, and where torch.nn has none, one of its kind."""
        return "GRU" if self.reset_after else "GRU_RESET_BEFORE"

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        (h,) = state
        return (cells._gru_step(from_x, h, w["weight_hh"], w["bias_hh"], self.reset_after),)


class LSTM(CellLayers):
    r"""Long short-term memory over whole sequences: a drop-in for `torch.nn.LSTM`.

    At every step the equations of [`LSTMCell`][gated.LSTMCell]. Called with `input` and, if there
    is one, the initial state `hx`, the pair $(h, c)$; returns `(output, (h_n, c_n))`. With L time
    steps, a batch of N and D directions:

    - `input`: (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size)
      without a batch; or a PackedSequence, and then `output` is one too
    - `hx`, by default zeros, and `h_n` and `c_n`, the states after the last step of each sequence:
      each (D * num_layers, N, hidden_size), or (D * num_layers, hidden_size) without a batch
    - `output`, the $h$ of the last layer at every step: as `input`, with D * hidden_size features

    With `proj_size`, every step ends in a product that makes $h$ narrower, $h' = W_{hr} (o \odot
    \tanh(c'))$, and `h_n` and `output` have proj_size features, fewer than hidden_size; 0, the
    default, is for no projection. The other arguments are those of [`GRU`][gated.GRU], without
    `reset_after`.

    Raises:
        ValueError: a size below 1, a projection that is not narrower, an input of another rank or
            dtype.
        TypeError: an argument of another type, a state that is not a pair.
        RuntimeError: a tensor of another size or device, no time step, a state of another dtype.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997,
    section 4; the forget gate is from Gers, Schmidhuber and Cummins, "Learning to forget", Neural
    Computation 12(10), 2000, section 3; the projection from Sak, Senior and Beaufays, arXiv
    1402.1128.
    """

    #: torch.nn's name of the function.
    mode: ClassVar[str] = "LSTM"
    _gates = 4
    _projects = True

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...] | None]:
        shapes = super()._shapes(input_size)
        if self.proj_size:
            shapes["weight_hh"] = (self._gates * self.hidden_size, self.proj_size)
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        h, c = state
        h, c = cells._lstm_step(from_x, h, c, w["weight_hh"], w["bias_hh"])
        return (linear(h, w["weight_hr"]) if self.proj_size else h), c
