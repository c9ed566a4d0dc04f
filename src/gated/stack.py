"""Layers one above the other, in one direction or both: all that the kinds of them share."""
# Types are evaluated here and where a kind has arguments of its own: the constructors that
# dataclass writes take them from one module into another.

import warnings
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, fields
from typing import Any, ClassVar

import torch
from torch import Tensor
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
from gated.drop_in import DropIn
from gated.loop import State, unroll
from gated.options import check_flags, check_probability, check_projection, check_sizes

#: The weights of one layer in one direction, named as in `gated.cells`.
Weights = Mapping[str, Any]


@dataclass(eq=False, repr=False)
class Sizes(DropIn):
    """The arguments that come first for every kind of layer."""

    input_size: int
    hidden_size: int
    num_layers: int = 1


@dataclass(eq=False, repr=False)
class Layers(Sizes):
    """Arguments, stacking, directions and time; a kind of layer adds its step.

    The constructor is that of the dataclass, so that a kind with one more argument declares just
    this one, as a field.
    """

    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    device: InitVar[torch.device | str | None] = None
    dtype: InitVar[torch.dtype | None] = None

    _projects: ClassVar[bool] = False

    def __post_init__(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        DropIn.__init__(self, self.input_size, self.hidden_size, self.bias)
        self._check_arguments()
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"dropout={self.dropout} has no effect with num_layers=1: it acts between layers",
                stacklevel=3,  # the line that makes the layer
            )
        self.num_layers = int(self.num_layers)
        self.dropout = float(self.dropout)
        self.proj_size = int(self.proj_size)
        for layer in range(self.num_layers):
            width = self.input_size if layer == 0 else self._widths()[0] * len(self._ends)
            for end in self._ends:
                self._make_weights(f"_l{layer}{end}", width, device, dtype)
        self.reset_parameters()

    def _check_arguments(self) -> None:
        check_sizes(num_layers=self.num_layers)
        flags = [field.name for field in fields(self) if isinstance(field.default, bool)]
        check_flags(**{name: getattr(self, name) for name in flags})
        check_probability("dropout", self.dropout)
        if self.proj_size and not self._projects:
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU or their relatives"
            )
        check_projection(self.proj_size, self.hidden_size)

    def extra_repr(self) -> str:
        # In torch.nn's order, the projection first.
        options = sorted(fields(self)[2:], key=lambda option: option.name != "proj_size")
        shown = f"{self.input_size}, {self.hidden_size}"
        for option in options:
            value = getattr(self, option.name)
            if option.repr and value != option.default:
                shown += f", {option.name}={value}"
        return shown

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


for _name in ("device", "dtype"):  # which a layer does not keep: `layer.to(...)` may change both
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

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        output, (h_n,) = self._run(input, {"hx": hx})
        return output, h_n


class CellLayers(Layers):
    """Layers whose state is the pair (h, c)."""

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
