"""What cells and layers share: weights named, shaped and drawn as those of torch.nn's modules."""

from __future__ import annotations

import math
import warnings
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
    """A module whose weights come in fours: for the input, for the state, and a bias for each."""

    _gates: ClassVar[int]
    _least_size: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool) -> None:
        check_sizes(self._least_size, input_size=input_size, hidden_size=hidden_size)
        check_flags(bias=bias)
        super().__init__()
        self.input_size = int(input_size)
        self.hidden_size = int(hidden_size)
        self.bias = bias

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

    def _make_weights(
        self,
        suffix: str,
        input_size: int,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
    ) -> None:
        for name, shape in self._shapes(input_size).items():
            weight = None
            if shape is not None:
                weight = Parameter(torch.empty(shape, device=device, dtype=dtype))
            self.register_parameter(name + suffix, weight)


class Cell(Recurrent):
    """A module that takes one step, with a batch or without."""

    _least_size = 0  # as in torch.nn, though not in its layers

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias)
        self._make_weights("", input_size, device, dtype)
        self.reset_parameters()

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")

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
        if given is None:
            state = input.new_zeros(tuple(shape.values()))
        else:
            check_rank(owner, name, given, (1, 2))
            check_state(owner, name, given, shape, self.weight_hh)
            state = given
        return state if input.dim() == 2 else state.unsqueeze(0)
