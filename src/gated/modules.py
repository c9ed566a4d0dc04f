"""What cells and layers share: weights named, shaped and drawn as those of torch.nn's modules."""

# Types must not become texts (`from __future__ import annotations`), here or where a kind has
# arguments of its own: the constructors that dataclass writes take them into other modules.

import math
import warnings
from dataclasses import Field, InitVar, dataclass, fields
from typing import Any, ClassVar, NoReturn

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.nn.functional import linear

from gated.checks import check_features, check_like, check_rank, check_state
from gated.options import check_flags, check_sizes


class PlainModule(nn.Module):
    """A module that runs as it is written, and says so to what would compile or replace it."""

    def __prepare_scriptable__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__}: torch.jit.script cannot compile it; torch.jit.trace or "
            "torch.export.export can follow it"
        )

    def __setattr__(self, name: str, value: Tensor | nn.Module) -> None:
        if name == "qconfig":  # torch.ao.quantization marks every module, and passes over some
            warnings.warn(
                f"{type(self).__name__} stays in floating point: torch.ao.quantization knows only "
                "the layers of torch.nn, such as gated.convert.to_torch returns",
                stacklevel=2,
            )
        super().__setattr__(name, value)


def suffixes(layer: Any) -> list[list[str]]:
    """Return the ends of the weights' names, by layer and direction; those of a cell have none."""
    if not hasattr(layer, "num_layers"):
        return [[""]]
    ends = ("", "_reverse") if layer.bidirectional else ("",)
    return [[f"_l{number}{end}" for end in ends] for number in range(layer.num_layers)]


class Recurrent(PlainModule):
    """A module whose weights come in fours: for the input, for the state, and a bias for each.

    Each kind is a dataclass, whose fields are its arguments: one more is declared in one line.
    """

    input_size: int
    hidden_size: int
    bias: bool
    weight_ih_l0: Tensor  # of layers
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _gates: ClassVar[int]
    _least_size: ClassVar[int] = 1

    def __post_init__(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        super().__init__()
        self._check_arguments()
        self.input_size, self.hidden_size = int(self.input_size), int(self.hidden_size)
        for number, ends in enumerate(suffixes(self)):
            width = self.input_size if number == 0 else self._widths()[0] * len(ends)
            for end in ends:
                for name, shape in self._shapes(width).items():
                    weight = None
                    if shape is not None:
                        weight = Parameter(torch.empty(shape, device=device, dtype=dtype))
                    self.register_parameter(name + end, weight)
        self.reset_parameters()

    def _check_arguments(self) -> None:
        sizes = {"input_size": self.input_size, "hidden_size": self.hidden_size}
        check_sizes(self._least_size, **sizes)
        flags = [field.name for field in fields(self) if isinstance(field.default, bool)]
        check_flags(**{name: getattr(self, name) for name in flags})

    def extra_repr(self) -> str:
        # In torch.nn's order, the projection first.
        options = sorted(fields(self)[2:], key=lambda option: option.name != "proj_size")
        shown = f"{self.input_size}, {self.hidden_size}"
        for option in options:
            value = getattr(self, option.name)
            if option.repr and value != option.default:
                shown += f", {option.name}={value}"
        return shown

    def _widths(self) -> tuple[int, ...]:
        """Return the size of each part of the state; the first is that of the output."""
        return (self.hidden_size,)

    def reset_parameters(self) -> None:
        r"""Draw all weights and biases from $U(-1/\sqrt{h}, 1/\sqrt{h})$, $h$ the hidden size."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            nn.init.uniform_(weight, -bound, bound)

    def _shapes(self, input_size: int) -> dict[str, tuple[int, ...] | None]:
        """Return the shape of each weight by name, in torch.nn's order; None for one left out."""
        rows = self._gates * self.hidden_size
        biases = (rows,) if self.bias else None
        return {
            "weight_ih": (rows, input_size),
            "weight_hh": (rows, self.hidden_size),
            "bias_ih": biases,
            "bias_hh": biases,
        }


@dataclass(eq=False, repr=False)
class CellSizes(Recurrent):
    """The arguments that come first for every kind of cell."""

    input_size: int
    hidden_size: int
    bias: bool = True


@dataclass(eq=False, repr=False)
class CellArguments(CellSizes):
    """The arguments of every kind of cell."""

    device: InitVar[torch.device | str | None] = None
    dtype: InitVar[torch.dtype | None] = None


for _name in ("device", "dtype"):  # which no module keeps: `module.to(...)` may change both
    delattr(CellArguments, _name)


class Cell(CellArguments):
    """A module that takes one step, with a batch or without."""

    _least_size = 0  # as in torch.nn, though not in its layers

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def _from_x(self, input: Tensor) -> Tensor:
        """Return the input's share of all gates, with a batch."""
        owner = type(self).__name__
        check_rank(owner, "input", input, (1, 2))
        check_features(owner, input, self.input_size)
        check_like(owner, "input", input, self.weight_ih, RuntimeError)
        from_x = linear(input, self.weight_ih, self.bias_ih)
        return from_x if input.dim() == 2 else from_x.unsqueeze(0)

    def _begin(self, name: str, given: Tensor | None, input: Tensor) -> Tensor:
        """Return the given state or zeros, with a batch."""
        owner = type(self).__name__
        shape = {"batch": len(input)} if input.dim() == 2 else {}
        shape["hidden_size"] = self.hidden_size
        if given is not None:
            check_rank(owner, name, given, (1, 2))
            check_state(owner, name, given, shape, self.weight_hh)
        state = input.new_zeros(tuple(shape.values())) if given is None else given
        return state if input.dim() == 2 else state.unsqueeze(0)
