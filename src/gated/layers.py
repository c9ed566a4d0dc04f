"""The steps of `gated.cells` over time, in one direction or both, in layers one above the other."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import dropout, linear

from gated import cells
from gated.cells import NONLINEARITIES, Nonlinearity
from gated.checks import check_dtype, check_features, check_pair, check_rank, check_state
from gated.modules import Recurrent
from gated.options import check_choice, check_flags, check_probability, check_sizes

#: What a step carries to the next: (h,), or (h, c) for the LSTM. The first is also its output.
State = tuple[Tensor, ...]


class _Layers(Recurrent):
    """Stacking, directions and time, the same for all three."""

    weight_hh_l0: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_sizes(num_layers=num_layers)
        check_flags(batch_first=batch_first, bidirectional=bidirectional)
        check_probability("dropout", dropout)
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"dropout={dropout} has no effect with num_layers=1: it acts between layers",
                stacklevel=2,
            )
        super().__init__(input_size, hidden_size, bias)
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self._ends = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * len(self._ends)
            for end in self._ends:
                self._make_weights(f"_l{layer}{end}", width, device, dtype)
        self.reset_parameters()

    def extra_repr(self) -> str:
        defaults = {
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        changed = [name for name in defaults if getattr(self, name) != defaults[name]]
        shown = [f", {name}={getattr(self, name)}" for name in changed]
        return f"{self.input_size}, {self.hidden_size}" + "".join(shown)

    def _step(self, from_x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None) -> State:
        raise NotImplementedError

    def _run(self, input: Tensor, hx: Mapping[str, Tensor | None]) -> tuple[Tensor, State]:
        """Check what came in; run it with time first and the batch second, as the steps need it."""
        self._check_input(input)
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = x.transpose(0, 1)
        states = [self._begin(name, given, x.shape[1], batched) for name, given in hx.items()]
        output, finals = self._stack(x, states)
        if not batched:
            return output.squeeze(1), tuple(final.squeeze(1) for final in finals)
        return output.transpose(0, 1) if self.batch_first else output, finals

    def _check_input(self, input: Tensor) -> None:
        owner = type(self).__name__
        check_rank(owner, "input", input, (2, 3))
        check_features(owner, input, self.input_size)
        check_dtype(owner, "input", input, self.weight_hh_l0.dtype, ValueError)
        if input.shape[1 if self.batch_first and input.dim() == 3 else 0] == 0:
            raise RuntimeError(
                f"{owner}: input must have at least one time step, got shape {tuple(input.shape)}"
            )

    def _begin(self, name: str, given: Tensor | None, batch: int, batched: bool) -> Tensor:
        """Return the given state or zeros, with a batch."""
        rows, hidden_size = self.num_layers * len(self._ends), self.hidden_size
        if given is None:
            return self.weight_hh_l0.new_zeros(rows, batch, hidden_size)
        shape = {"num_layers * directions": rows, "batch": batch, "hidden_size": hidden_size}
        if not batched:
            del shape["batch"]
        check_state(type(self).__name__, name, given, shape, self.weight_hh_l0.dtype)
        return given if batched else given.unsqueeze(1)

    def _stack(self, x: Tensor, states: list[Tensor]) -> tuple[Tensor, State]:
        """Run all layers over `x`; a state has one row for each layer and direction."""
        starts = zip(*(state.unbind(0) for state in states), strict=True)
        finals = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training)
            runs = [self._unroll(x, next(starts), f"_l{layer}{end}") for end in self._ends]
            x = torch.cat([outputs for outputs, _ in runs], dim=-1)
            finals += [final for _, final in runs]
        return x, tuple(torch.stack(rows) for rows in zip(*finals, strict=True))

    def _unroll(self, x: Tensor, state: State, suffix: str) -> tuple[Tensor, State]:
        """Run one layer in one direction over `x` of shape (time, batch, features)."""
        w_ih, w_hh, b_ih, b_hh = (
            getattr(self, name + suffix)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        # What comes from the input needs no state: one product for all steps is much faster.
        steps = linear(x, w_ih, b_ih).unbind(0)
        order = -1 if suffix.endswith("_reverse") else 1
        outputs = []
        for from_x in steps[::order]:
            state = self._step(from_x, state, w_hh, b_hh)
            outputs.append(state[0])
        return torch.stack(outputs[::order]), state


class RNN(_Layers):
    r"""A plain (Elman) RNN over whole sequences: a drop-in for `torch.nn.RNN`.

    At every step the equation of [`RNNCell`][gated.RNNCell]. Called with `input` and, if there is
    one, the initial state `hx`; returns `(output, h_n)`. With L time steps, a batch of N and D
    directions:

    - `input`: (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size)
      without a batch
    - `hx`, by default zeros, and `h_n`, the states after the last step: (D * num_layers, N,
      hidden_size), or (D * num_layers, hidden_size) without a batch
    - `output`, the states of the last layer at every step: as `input`, with D * hidden_size
      features

    Args:
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        nonlinearity: "tanh" or "relu".
        bias: Whether there are biases.
        batch_first: Whether the batch comes first in `input` and `output`, and not the time.
        dropout: Probability of dropout between layers in training.
        bidirectional: Whether a second direction reads from the last step to the first.
        device: Where the weights are.
        dtype: Their type.

    Raises:
        ValueError: a size below 1, an unknown nonlinearity, an input of another rank or dtype.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size, no time step, a state of another dtype.

    Source: Elman, "Finding structure in time", Cognitive Science 14, 1990, figure 2.
    """

    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_choice("nonlinearity", nonlinearity, NONLINEARITIES)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )
        self.nonlinearity: Nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n

    def _step(self, from_x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None) -> State:
        (h,) = state
        return (cells._rnn_step(from_x, h, w_hh, b_hh, self.nonlinearity),)


class GRU(_Layers):
    r"""Gated recurrent units over whole sequences: a drop-in for `torch.nn.GRU`.

    At every step the equations of [`GRUCell`][gated.GRUCell]: the update gate $z$ weights the past,
    and the reset gate acts after the product, or before it with `reset_after=False`. Called with
    `input` and, if there is one, the initial state `hx`; returns `(output, h_n)`. With L time
    steps, a batch of N and D directions:

    - `input`: (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size)
      without a batch
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
        reset_after: Whether the reset gate acts after the product with the state's weights.
        device: Where the weights are.
        dtype: Their type.

    Raises:
        ValueError: a size below 1, an input of another rank or dtype.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size, no time step, a state of another dtype.

    Source: Cho et al., arXiv 1406.1078, section 2.3: version 1 resets after, version 3 before.
    """

    _gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        reset_after: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_flags(reset_after=reset_after)
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
        )
        self.reset_after = reset_after

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n

    def _step(self, from_x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None) -> State:
        (h,) = state
        step = cells._gru_step if self.reset_after else cells._gru_step_reset_before
        return (step(from_x, h, w_hh, b_hh),)


class LSTM(_Layers):
    r"""Long short-term memory over whole sequences: a drop-in for `torch.nn.LSTM`.

    At every step the equations of [`LSTMCell`][gated.LSTMCell]. Called with `input` and, if there
    is one, the initial state `hx`, the pair $(h, c)$; returns `(output, (h_n, c_n))`. With L time
    steps, a batch of N and D directions:

    - `input`: (L, N, input_size), or (N, L, input_size) with `batch_first`, or (L, input_size)
      without a batch
    - `hx`, by default zeros, and `h_n` and `c_n`, the states after the last step: each
      (D * num_layers, N, hidden_size), or (D * num_layers, hidden_size) without a batch
    - `output`, the $h$ of the last layer at every step: as `input`, with D * hidden_size features

    Args:
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        bias: Whether there are biases.
        batch_first: Whether the batch comes first in `input` and `output`, and not the time.
        dropout: Probability of dropout between layers in training.
        bidirectional: Whether a second direction reads from the last step to the first.
        device: Where the weights are.
        dtype: Their type.

    Raises:
        ValueError: a size below 1, an input of another rank or dtype.
        TypeError: an argument of another type, a state that is no pair.
        RuntimeError: a tensor of another size, no time step, a state of another dtype.

    Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997,
    section 4; the forget gate is from Gers, Schmidhuber and Cummins, "Learning to forget", Neural
    Computation 12(10), 2000, section 3.
    """

    _gates = 4

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if hx is not None:
            check_pair(type(self).__name__, hx)
        h, c = hx or (None, None)
        output, (h_n, c_n) = self._run(input, {"hx[0]": h, "hx[1]": c})
        return output, (h_n, c_n)

    def _step(self, from_x: Tensor, state: State, w_hh: Tensor, b_hh: Tensor | None) -> State:
        h, c = state
        return cells._lstm_step(from_x, h, c, w_hh, b_hh)
