"""Checks of the tensors given to a call: each error names one, what it is and what it must be.

The kinds of errors are torch.nn's: ValueError for a wrong rank, RuntimeError for a wrong size.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.fx import Proxy


def is_mixed(value: Tensor) -> bool:
    """Say whether torch.autocast is on where a tensor is, so that dtypes may differ."""
    try:
        return torch.is_autocast_enabled(value.device.type)
    except RuntimeError:  # a device that has no autocast, such as "meta"
        return False


def check_tensor(owner: str, name: str, value: object) -> None:
    """Raise TypeError for anything but a tensor."""
    if not isinstance(value, Tensor):
        raise _wrong_kind(owner, f"{name} must be a Tensor", type(value).__name__, value)


def check_rank(owner: str, name: str, value: Tensor, ranks: tuple[int, ...]) -> None:
    """Raise TypeError for anything but a tensor, ValueError for one of another rank."""
    check_tensor(owner, name, value)
    if value.dim() not in ranks:
        expected = " or ".join(f"{rank}D" for rank in ranks)
        raise ValueError(
            f"{owner}: {name} must be {expected}, got {value.dim()}D of shape {tuple(value.shape)}"
        )


def check_features(owner: str, value: Tensor, input_size: int) -> None:
    """Raise RuntimeError for an input whose last dimension is not input_size."""
    if value.shape[-1] != input_size:
        raise RuntimeError(
            f"{owner}: input.size(-1) must be equal to input_size = {input_size}, "
            f"got shape {tuple(value.shape)}"
        )


def check_state(
    owner: str, name: str, value: Tensor, shape: Mapping[str, int], weight: Tensor
) -> None:
    """Raise TypeError for a state that is not a tensor, RuntimeError for one of another shape, or
    unlike the weights.
    """
    check_tensor(owner, name, value)
    if value.shape != (expected := tuple(shape.values())):
        raise RuntimeError(
            f"{owner}: Expected hidden state {name} of shape ({', '.join(shape)}) = {expected}, "
            f"got {tuple(value.shape)}"
        )
    check_like(owner, name, value, weight, RuntimeError)


def check_like(
    owner: str, name: str, value: Tensor, weight: Tensor, error: type[Exception]
) -> None:
    """Raise the error for a tensor of another dtype than the weights, save in mixed precision,
    RuntimeError for one on another device.
    """
    if value.dtype != weight.dtype and not (value.is_floating_point() and is_mixed(value)):
        raise error(f"{owner}: {name} must be {weight.dtype} like the weights, got {value.dtype}")
    if value.device != weight.device:
        raise RuntimeError(
            f"{owner}: {name} must be on {weight.device} like the weights, got {value.device}"
        )


def check_pair(owner: str, value: object) -> None:
    """Raise TypeError for an LSTM's state that is not a pair of tensors."""
    given = list(value) if isinstance(value, tuple | list) else [value]
    if len(given) != 2 or not all(isinstance(part, Tensor) for part in given):
        kinds = ", ".join(type(part).__name__ for part in given)
        got = f"({kinds})" if isinstance(value, tuple | list) else kinds
        raise _wrong_kind(owner, "hx must be a pair of tensors (h, c)", got, *given)


def _wrong_kind(owner: str, expected: str, got: str, *values: object) -> TypeError:
    if any(isinstance(value, Proxy) for value in values):
        return TypeError(
            f"{owner}: torch.fx.symbolic_trace cannot follow it; torch.export.export can, or a "
            f"Tracer whose is_leaf_module returns True for {owner}"
        )
    return TypeError(f"{owner}: {expected}, got {got}")
