"""Two tasks in which a cell needs more than a place to keep a mark.

*Parity* has to be tracked: one bit of state that every input may turn. *Associative recall* has to
be looked up: pairs of a key and a value go by, then one of the keys is asked for.
"""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import one_hot

from gated.tasks import Task

BITS = 40  # over which parity is trained
KEYS, VALUES = 32, 8


def _parity(length: int, sequences: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Say after every bit whether the ones so far are odd in number."""
    bits = torch.randint(2, (length, sequences), generator=generator)
    return one_hot(bits, 2).float(), bits.cumsum(0) % 2


def _recall(pairs: int, sequences: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Name the value of one key, out of ``pairs`` keys that all differ; each pair is one step."""
    keys = torch.rand(sequences, KEYS, generator=generator).argsort(1)[:, :pairs].T
    values = torch.randint(VALUES, (pairs, sequences), generator=generator)
    asked = torch.randint(pairs, (1, sequences), generator=generator)
    read = torch.cat([keys, keys.gather(0, asked)])
    seen = torch.cat([one_hot(values, VALUES), torch.zeros(1, sequences, VALUES)])
    return torch.cat([one_hot(read, KEYS), seen], dim=-1).float(), values.gather(0, asked)


STATE_TASKS = {
    "parity": Task(input_size=2, output_size=2, asked=BITS, batch=_parity, trivial=1 / 2),
    "lookup": Task(
        input_size=KEYS + VALUES,
        output_size=VALUES,
        asked=1,
        batch=_recall,
        trivial=1 - 1 / VALUES,
    ),
}


class Attention(nn.Module):
    """One causal Transformer block of PyTorch's, with four heads and sinusoids for the positions.

    Called like a recurrent layer, with ``x`` (time, batch, input_size); returns (time, batch,
    width) and None in the place of a state. Source: Vaswani et al. 2017, sections 3.1 to 3.5.
    """

    HEADS = 4

    def __init__(self, input_size: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Linear(input_size, width)
        self.block = nn.TransformerEncoderLayer(width, self.HEADS, 2 * width, dropout=0.0)
        self.width = width

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Return the block's output at every step, and None."""
        mask = nn.Transformer.generate_square_subsequent_mask(len(x), device=x.device)
        output: Tensor = self.block(self.embed(x) + self._positions(x), mask, is_causal=True)
        return output, None

    def _positions(self, x: Tensor) -> Tensor:
        half = torch.arange(self.width // 2, device=x.device)
        rates = torch.exp(-math.log(10_000) * half / half.numel())
        angles = torch.arange(len(x), device=x.device)[:, None] * rates
        return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, None]
