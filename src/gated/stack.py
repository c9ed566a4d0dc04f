"""Layers one above the other, in one direction or both: all that the kinds of them share."""

import warnings
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear
from torch.nn.utils.rnn import PackedSequence

from gated.checks import (
    check_features,
    check_like,
    check_pair,
    check_rank,
    check_state,
    check_tensor,
    is_mixed,
)
from gated.loop import State, unroll
from gated.modules import Recurrent, suffixes
from gated.options import check_probability, check_projection, check_sizes

#: The weights of one layer in one direction, named as in `gated.cells`.
Weights = Mapping[str, Any]


@dataclass(eq=False, repr=False)
class Sizes(Recurrent):
    """The arguments that come first for every kind of layer."""

    input_size: int
    hidden_size: int
    num_layers: int = 1


@dataclass(eq=False, repr=False)
class Layers(Sizes):
    """Arguments, stacking, directions and time; a kind of layer adds its step.

    Code written for torch.nn's layers finds the attributes and methods of `nn.RNNBase`. To be its
    instances would promise more than holds: its constructor knows the weights of three kinds and no
    others, it keeps a second list of all weights that can fall behind them, and code that finds an
    `nn.RNNBase` may hand these to cuDNN by its `mode`. (What is an `nn.GRU` or an `nn.LSTM`,
    torch.compile refuses.)
    """

    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    device: InitVar[torch.device | str | None] = None
    dtype: InitVar[torch.dtype | None] = None

    _projects: ClassVar[bool] = False

    check_hidden_size = nn.RNNBase.check_hidden_size
    get_expected_hidden_size = nn.RNNBase.get_expected_hidden_size
    get_expected_cell_size = nn.LSTM.get_expected_cell_size

    def __post_init__(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        super().__post_init__(device, dtype)
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"dropout={self.dropout} has no effect with num_layers=1: it acts between layers",
                stacklevel=3,  # the line that makes the layer
            )

    def _check_arguments(self) -> None:
        super()._check_arguments()
        check_sizes(num_layers=self.num_layers)
        check_probability("dropout", self.dropout)
        if self.proj_size and not self._projects:
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU or their relatives"
            )
        check_projection(self.proj_size, self.hidden_size)
        self.num_layers, self.proj_size = int(self.num_layers), int(self.proj_size)
        self.dropout = float(self.dropout)

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The weights of each layer and direction, in torch.nn's order, as they are now."""
        names = [name for name, shape in self._shapes(self.input_size).items() if shape is not None]
        return [
            [getattr(self, name + end) for name in names] for ends in suffixes(self) for end in ends
        ]

    @property
    def _flat_weights(self) -> list[Tensor]:
        return [weight for weights in self.all_weights for weight in weights]

    def flatten_parameters(self) -> None:
        """Do nothing: torch.nn's layers arrange their weights for cuDNN here."""

    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """Raise ValueError for another dtype, RuntimeError for another rank or size.

        As torch.nn has it, the input has a batch; if packed, it is the data, with `batch_sizes`.
        """
        owner, weight = type(self).__name__, self.all_weights[0][0]
        if input.dtype != weight.dtype and not is_mixed(input):
            raise ValueError(f"{owner}: input must be {weight.dtype}, got {input.dtype}")
        rank = 3 if batch_sizes is None else 2
        if input.dim() != rank:
            raise RuntimeError(f"{owner}: input must be {rank}D, got {input.dim()}D")
        check_features(owner, input, self.input_size)

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
        rows = sum(map(len, suffixes(self)))
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
        for layer, ends in enumerate(suffixes(self)):
            if layer > 0:
                x = dropout(x, self.dropout, self.training)
            runs = [self._unroll(x, next(starts), end, sizes) for end in ends]
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


for _name in ("device", "dtype"):  # as in cells
    delattr(Layers, _name)


class AtOnce(Layers):
    """Layers that run all steps at once where they can, and packed sequences step by step."""

    def _runs_at_once(self) -> bool:
        raise NotImplementedError

    def _run_at_once(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        """Return the output of every step and the last state, as for one direction."""
        raise NotImplementedError

    def _unroll(
        self, x: Tensor, state: State, suffix: str, sizes: list[int] | None
    ) -> tuple[Tensor, State]:
        if sizes is not None or not self._runs_at_once():
            return super()._unroll(x, state, suffix, sizes)
        reverse = suffix.endswith("_reverse")
        w = self._weights(suffix, x.shape[-1])
        output, last = self._run_at_once(x.flip(0) if reverse else x, state, w)
        return output.flip(0) if reverse else output, last


class HiddenLayers(Layers):
    """Layers whose state is h alone."""

    check_forward_args = nn.RNNBase.check_forward_args
    permute_hidden = nn.RNNBase.permute_hidden

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n


class CellLayers(Layers):
    """Layers whose state is the pair (h, c)."""

    check_forward_args = nn.LSTM.check_forward_args
    permute_hidden = nn.LSTM.permute_hidden

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


def _rounded(value: Any, dtype: torch.dtype) -> Any:
    """Return floating-point numbers in `dtype`, and anything else as it is."""
    data = value.data if isinstance(value, PackedSequence) else value
    floating = isinstance(data, Tensor) and data.is_floating_point()
    return value.to(dtype) if floating else value
