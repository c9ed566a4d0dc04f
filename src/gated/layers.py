"""The steps of `gated.cells` over time, in one direction or both, in layers one above the other."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import dropout, linear
from torch.nn.utils.rnn import PackedSequence

from gated import cells
from gated.cells import NONLINEARITIES, Nonlinearity
from gated.checks import (
    check_features,
    check_like,
    check_pair,
    check_rank,
    check_state,
    check_tensor,
    is_mixed,
)
from gated.drop_in import DropIn
from gated.loop import State, unroll
from gated.options import (
    check_choice,
    check_flags,
    check_probability,
    check_projection,
    check_sizes,
)

#: The weights of one layer in one direction, named as in `gated.cells`.
Weights = Mapping[str, Any]


class _Layers(DropIn):
    """Stacking, directions and time, the same for all."""

    weight_ih_l0: Tensor
    _projects: ClassVar[bool] = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        check_sizes(num_layers=num_layers)
        check_flags(batch_first=batch_first, bidirectional=bidirectional)
        check_probability("dropout", dropout)
        if proj_size and not self._projects:
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU or their relatives"
            )
        check_projection(proj_size, hidden_size)
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"dropout={dropout} has no effect with num_layers=1: it acts between layers",
                # Up to the line that makes the layer, past a constructor with arguments of its own.
                stacklevel=2 if type(self).__init__ is _Layers.__init__ else 3,
            )
        self.num_layers = int(num_layers)
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = int(proj_size)
        for layer in range(self.num_layers):
            width = self.input_size if layer == 0 else self._widths()[0] * len(self._ends)
            for end in self._ends:
                self._make_weights(f"_l{layer}{end}", width, device, dtype)
        self.reset_parameters()

    def extra_repr(self) -> str:
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
        }
        changed = [name for name in defaults if getattr(self, name) != defaults[name]]
        shown = [f", {name}={getattr(self, name)}" for name in changed]
        return f"{self.input_size}, {self.hidden_size}" + "".join(shown)

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        raise NotImplementedError

    def _run(
        self, input: Tensor | PackedSequence, hx: Mapping[str, Tensor | None]
    ) -> tuple[Tensor | PackedSequence, State]:
        """Check what came in; run it with time first and the batch second, as the steps need it."""
        if not isinstance(input, PackedSequence):
            check_tensor(type(self).__name__, "input", input)
        weight = self.weight_ih_l0
        if is_mixed(weight):
            # Rounding errors add up over time, so the recurrence keeps the weights' precision.
            with torch.autocast(weight.device.type, enabled=False):
                states = {name: _rounded(state, weight.dtype) for name, state in hx.items()}
                return self._run(_rounded(input, weight.dtype), states)
        if isinstance(input, PackedSequence):
            return self._run_packed(input, hx)
        self._check_input(input, (2, 3))
        batched = input.dim() == 3
        x = input if batched else input.unsqueeze(1)
        if batched and self.batch_first:
            x = x.transpose(0, 1)
        output, finals = self._stack(x, self._begin(hx, x.shape[1], batched))
        if not batched:
            return output.squeeze(1), tuple(final.squeeze(1) for final in finals)
        return output.transpose(0, 1) if self.batch_first else output, finals

    def _run_packed(
        self, input: PackedSequence, hx: Mapping[str, Tensor | None]
    ) -> tuple[PackedSequence, State]:
        """Run sequences of several lengths, the longest first: fewer and fewer take a step."""
        traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
        if traced or torch.compiler.is_exporting():
            raise RuntimeError(
                f"{type(self).__name__}: a packed sequence can be neither traced nor exported, as "
                "its lengths would be built in; torch.jit.trace follows the layer of torch.nn that "
                "gated.convert.to_torch returns"
            )
        self._check_input(input.data, (2,))
        sizes: list[int] = input.batch_sizes.tolist()
        states = self._begin(hx, sizes[0], batched=True)
        if input.sorted_indices is not None:
            states = [state.index_select(1, input.sorted_indices) for state in states]
        data, finals = self._stack(input.data, states, sizes)
        if input.unsorted_indices is not None:
            finals = tuple(final.index_select(1, input.unsorted_indices) for final in finals)
        return PackedSequence(data, *input[1:]), finals

    def _check_input(self, input: Tensor, ranks: tuple[int, ...]) -> None:
        owner = type(self).__name__
        check_rank(owner, "input", input, ranks)
        check_features(owner, input, self.input_size)
        check_like(owner, "input", input, self.weight_ih_l0, ValueError)
        if input.shape[1 if self.batch_first and input.dim() == 3 else 0] == 0:
            raise RuntimeError(
                f"{owner}: Expected sequence length to be larger than 0 in RNN layers, "
                f"got shape {tuple(input.shape)}"
            )

    def _begin(self, hx: Mapping[str, Tensor | None], batch: int, batched: bool) -> list[Tensor]:
        """Return the given states or zeros, with a batch."""
        rows = self.num_layers * len(self._ends)
        states = []
        for (name, given), width in zip(hx.items(), self._widths(), strict=True):
            if given is None:
                states.append(self.weight_ih_l0.new_zeros(rows, batch, width))
                continue
            size = "hidden_size" if width == self.hidden_size else "proj_size"
            shape = {"num_layers * directions": rows, "batch": batch, size: width}
            if not batched:
                del shape["batch"]
            check_state(type(self).__name__, name, given, shape, self.weight_ih_l0)
            states.append(given if batched else given.unsqueeze(1))
        return states

    def _stack(
        self, x: Tensor, states: list[Tensor], sizes: list[int] | None = None
    ) -> tuple[Tensor, State]:
        """Run all layers over `x`; a state has one row for each layer and direction.

        With `sizes` the steps of `x` lie one after another in its first dimension, and these are
        how many sequences take each.
        """
        starts = zip(*(state.unbind(0) for state in states), strict=True)
        finals = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training)
            runs = [self._unroll(x, next(starts), f"_l{layer}{end}", sizes) for end in self._ends]
            x = torch.cat([outputs for outputs, _ in runs], dim=-1)
            finals += [final for _, final in runs]
        return x, tuple(torch.stack(rows) for rows in zip(*finals, strict=True))

    def _unroll(
        self, x: Tensor, state: State, suffix: str, sizes: list[int] | None
    ) -> tuple[Tensor, State]:
        """Run one layer in one direction over `x`."""
        w = self._weights(suffix, x.shape[-1])
        # What comes from the input needs no state: one product for all steps is much faster.
        from_x = linear(x, w["weight_ih"], w["bias_ih"])
        steps = from_x.unbind(0) if sizes is None else from_x.split(sizes)
        order = -1 if suffix.endswith("_reverse") else 1
        outputs, last = unroll(lambda x, h: self._step(x, h, w), steps[::order], state)
        join = torch.stack if sizes is None else torch.cat
        return join(outputs[::order]), last

    def _weights(self, suffix: str, input_size: int) -> Weights:
        """Return the weights of one layer in one direction."""
        return {name: getattr(self, name + suffix) for name in self._shapes(input_size)}


def _rounded(value: Any, dtype: torch.dtype) -> Any:
    """Return what mixed precision may hand over in `dtype`; what is no such value as it is."""
    data = value.data if isinstance(value, PackedSequence) else value
    floating = isinstance(data, Tensor) and data.is_floating_point()
    return value.to(dtype) if floating else value


class RNN(_Layers):
    r"""A plain (Elman) RNN over whole sequences: a drop-in for `torch.nn.RNN`.

    At every step the equation of [`RNNCell`][gated.RNNCell]. Called with `input` and, if there is
    one, the initial state `hx`; returns `(output, h_n)`. With L time steps, a batch of N and D
    directions:

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
        nonlinearity: "tanh" or "relu".
        bias: Whether there are biases.
        batch_first: Whether the batch comes first in `input` and `output`, and not the time.
        dropout: Probability of dropout between layers in training.
        bidirectional: Whether a second direction reads from the last step to the first.
        proj_size: 0: only an LSTM has projections.
        device: Where the weights are.
        dtype: Their type.

    Raises:
        ValueError: a size below 1, a projection, an unknown nonlinearity, an input of another rank
            or dtype.
        TypeError: an argument of another type.
        RuntimeError: a tensor of another size or device, no time step, a state of another dtype.

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
        proj_size: int = 0,
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
            proj_size,
            device,
            dtype,
        )
        self.nonlinearity: Nonlinearity = nonlinearity

    @property
    def mode(self) -> str:
        """torch.nn's name of the function."""
        return f"RNN_{self.nonlinearity.upper()}"

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        (h,) = state
        return (cells._rnn_step(from_x, h, w["weight_hh"], w["bias_hh"], self.nonlinearity),)


class GRU(_Layers):
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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        reset_after: bool = True,
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
            proj_size,
            device,
            dtype,
        )
        self.reset_after = reset_after

    @property
    def mode(self) -> str:
        """torch.nn's name of the function, and where torch.nn has none, one of its kind."""
        return "GRU" if self.reset_after else "GRU_RESET_BEFORE"

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n

    def _step(self, from_x: Tensor, state: State, w: Weights) -> State:
        (h,) = state
        return (cells._gru_step(from_x, h, w["weight_hh"], w["bias_hh"], self.reset_after),)


class LSTM(_Layers):
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
    \tanh(c'))$, and `h_n` and `output` have proj_size features where they had hidden_size.

    Args:
        input_size: Features of the input.
        hidden_size: Units of the state, in each direction.
        num_layers: Layers, each of which reads the output of the one below.
        bias: Whether there are biases.
        batch_first: Whether the batch comes first in `input` and `output`, and not the time.
        dropout: Probability of dropout between layers in training.
        bidirectional: Whether a second direction reads from the last step to the first.
        proj_size: Features of a projected $h$, fewer than hidden_size; 0 for no projection.
        device: Where the weights are.
        dtype: Their type.

    Raises:
        ValueError: a size below 1, a projection that is not narrower, an input of another rank or
            dtype.
        TypeError: an argument of another type, a state that is no pair.
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

    def forward(
        self, input: Tensor | PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor | PackedSequence, tuple[Tensor, Tensor]]:
        if hx is not None:
            check_pair(type(self).__name__, hx)
        h, c = hx or (None, None)
        output, (h_n, c_n) = self._run(input, {"hx[0]": h, "hx[1]": c})
        return output, (h_n, c_n)

    def _widths(self) -> tuple[int, ...]:
        return (self.proj_size or self.hidden_size, self.hidden_size)

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
