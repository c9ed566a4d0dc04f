"""Move every random number of torch by one unit in the last place, towards zero.

Run before a snippet's first cell, this changes how all that follows is rounded, as another
processor would. What a page says of a run must not hang on it.
"""

from collections.abc import Callable

import torch

_FUNCTIONS = ("normal", "rand", "rand_like", "randn", "randn_like")
_METHODS = ("exponential_", "log_normal_", "normal_", "uniform_")


def _nudged(draw: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def drawn(*arguments: object, **options: object) -> torch.Tensor:
        numbers = draw(*arguments, **options)
        if numbers.is_floating_point():
            inside = numbers.detach()  # which no gradient sees
            inside.copy_(torch.nextafter(inside, torch.zeros_like(inside)))
        return numbers

    return drawn


for _name in _FUNCTIONS:
    setattr(torch, _name, _nudged(getattr(torch, _name)))
for _name in _METHODS:
    setattr(torch.Tensor, _name, _nudged(getattr(torch.Tensor, _name)))
