"""What code written for torch.nn's layers asks of one beside running it.

That goes by the names of torch.nn. To be instances of `nn.RNNBase`, which has these names too,
would promise more than holds: its constructor knows the weights of three kinds and no others, it
keeps a second list of all weights that can fall behind them, and code that finds an `nn.RNNBase`
may hand these to cuDNN by its `mode`. (What is an `nn.GRU` or an `nn.LSTM`, torch.compile refuses.)
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gated.checks import check_features, is_mixed
from gated.modules import Recurrent, suffixes


class DropIn(Recurrent):
    """Layers, in one direction or both, with the attributes and methods of `nn.RNNBase`."""

    weight_ih_l0: Tensor
    num_layers: int
    batch_first: bool
    bidirectional: bool

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The weights of each layer and direction, in torch.nn's order, as they are now."""
        names = [name for name, shape in self._shapes(self.input_size).items() if shape is not None]
        return [[getattr(self, name + suffix) for name in names] for suffix in self._suffixes()]

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

    def get_expected_hidden_size(
        self, input: Tensor, batch_sizes: Tensor | None
    ) -> tuple[int, int, int]:
        """Return the shape of h."""
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else batch_sizes[0]
        return len(self._suffixes()), int(batch), self._widths()[0]

    def get_expected_cell_size(
        self, input: Tensor, batch_sizes: Tensor | None
    ) -> tuple[int, int, int]:
        """Return the shape of an LSTM's c."""
        return *self.get_expected_hidden_size(input, batch_sizes)[:2], self._widths()[-1]

    def check_hidden_size(
        self,
        hx: Tensor,
        expected_hidden_size: tuple[int, int, int],
        msg: str = "Expected hidden size {}, got {}",
    ) -> None:
        """Raise RuntimeError for a state of another shape."""
        if hx.shape != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.shape)))

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        """Check the input and the state, which is an LSTM's pair or one tensor."""
        self.check_input(input, batch_sizes)
        h_size = self.get_expected_hidden_size(input, batch_sizes)
        if isinstance(hidden, Tensor):
            self.check_hidden_size(hidden, h_size)
            return
        c_size = self.get_expected_cell_size(input, batch_sizes)
        self.check_hidden_size(hidden[0], h_size, "Expected hidden[0] size {}, got {}")
        self.check_hidden_size(hidden[1], c_size, "Expected hidden[1] size {}, got {}")

    def permute_hidden(self, hx: Any, permutation: Tensor | None) -> Any:
        """Return the state, which is an LSTM's pair or one tensor, with its sequences reordered."""
        if permutation is None:
            return hx
        if isinstance(hx, Tensor):
            return hx.index_select(1, permutation)
        return tuple(part.index_select(1, permutation) for part in hx)

    def _suffixes(self) -> list[str]:
        return [end for ends in suffixes(self) for end in ends]

    @property
    def _ends(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def _widths(self) -> tuple[int, ...]:
        """Return the size of each part of the state; the first is that of the output."""
        return (self.hidden_size,)
