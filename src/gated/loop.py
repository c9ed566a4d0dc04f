"""A step applied along time, autograd following each operation: slow, plain, and always right."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

#: What a step carries to the next: (h,), or (h, c) for the LSTM. The first is also its output.
State = tuple[Tensor, ...]


def unroll(
    step: Callable[[Tensor, State], State], inputs: Iterable[Tensor], state: State
) -> tuple[list[Tensor], State]:
    """Return the output of every step and the last state.

    An input may be for fewer sequences than there are, as where some have ended already or, read
    backwards, have not begun: the first ones take the step, and the others keep their state.
    """
    outputs = []
    for x in inputs:
        active = x.shape[0]  # not len(), which would tie an exported program to it
        if active == state[0].shape[0]:
            state = step(x, state)
            outputs.append(state[0])
        else:
            moved = step(x, tuple(part[:active] for part in state))
            outputs.append(moved[0])
            state = tuple(
                torch.cat([new, part[active:]]) for new, part in zip(moved, state, strict=True)
            )
    return outputs, state
