r"""Attention: a weighted mean over time, with weights that depend on what is asked for.

A *query* scores every *key*; the scores become weights $a$ by a softmax, and these weight the
*values* $v$, which are the keys themselves unless others are given:

$$a_{qt} = \frac{\exp(\mathrm{score}(q, k_t))}{\sum_{s} \exp(\mathrm{score}(q, k_s))}, \qquad
\mathrm{context}_q = \sum_t a_{qt} \, v_t$$

Kinds of attention differ in the score alone. All are called with

- `query`: (batch, queries, query_size), such as the states of a decoder
- `keys`: (batch, time, key_size), such as the states of an encoder
- `values`, by default the keys: (batch, time, value_size)
- `mask`, by default all True: (batch, time), of dtype bool, True where a step is real

and return

- `context`: (batch, queries, value_size)
- `weights`: (batch, queries, time), which sum to one over the real steps and are zero on padding

What stands on padding, NaN included, reaches neither results nor gradients.

Raises:
    ValueError: a size below 1, a tensor of another rank, a mask with no real step in a row.
    TypeError: an argument of another type.
    RuntimeError: a tensor of another size or dtype, no time step.
"""
# ruff: noqa: F722 (a shape in a type is not Python)

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn, tanh
from torch.nn.functional import linear

from gated.checks import check_rank, is_mixed
from gated.modules import PlainModule
from gated.options import check_sizes


def _additive_scores(
    query: Float[Tensor, "batch queries query_size"],
    keys: Float[Tensor, "batch time key_size"],
    w_query: Float[Tensor, "hidden query_size"],
    w_key: Float[Tensor, "hidden key_size"],
    v: Float[Tensor, " hidden"],
) -> Float[Tensor, "batch queries time"]:
    return tanh(linear(query, w_query).unsqueeze(2) + linear(keys, w_key).unsqueeze(1)) @ v


def _general_scores(
    query: Float[Tensor, "batch queries query_size"],
    keys: Float[Tensor, "batch time key_size"],
    w: Float[Tensor, "query_size key_size"],
) -> Float[Tensor, "batch queries time"]:
    return query @ w @ keys.mT


def _dot_scores(
    query: Float[Tensor, "batch queries size"],
    keys: Float[Tensor, "batch time size"],
) -> Float[Tensor, "batch queries time"]:
    return query @ keys.mT


def _scaled_dot_scores(
    query: Float[Tensor, "batch queries size"], keys: Float[Tensor, "batch time size"]
) -> Float[Tensor, "batch queries time"]:
    return query @ keys.mT / math.sqrt(query.shape[-1])


class _Attention(PlainModule):
    """Checks, masks and the weighted mean, the same for all."""

    def forward(
        self, query: Tensor, keys: Tensor, values: Tensor | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        values = keys if values is None else values
        self._check(query, keys, values, mask)
        if mask is not None:
            # A weight of zero does not stop NaN, and the gradient of a score would bring it back.
            keys, values = (part.masked_fill(~mask.unsqueeze(2), 0) for part in (keys, values))
        scores = self._scores(query, keys)
        if mask is not None:
            scores = scores.masked_fill(~mask.unsqueeze(1), -torch.inf)
        weights = scores.softmax(-1)
        return weights @ values, weights

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        raise NotImplementedError

    def _sizes(self, query: Tensor) -> tuple[int, ...]:
        """Return the query_size and the key_size that are expected."""
        return query.shape[-1], query.shape[-1]

    def _check(self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> None:
        owner = type(self).__name__
        for name, value in [("query", query), ("keys", keys), ("values", values)]:
            check_rank(owner, name, value, (3,))
        batch, time = keys.shape[:2]
        query_size, key_size = self._sizes(query)
        dtype = next((weight.dtype for weight in self.parameters()), query.dtype)
        for name, value, shape in [
            ("query", query, {"batch": batch, "queries": query.shape[1], "query_size": query_size}),
            ("keys", keys, {"batch": batch, "time": time, "key_size": key_size}),
            ("values", values, {"batch": batch, "time": time, "value_size": values.shape[2]}),
        ]:
            _check_shape(owner, name, value, shape)
            if not value.is_floating_point():
                raise RuntimeError(f"{owner}: {name} must be floating-point, got {value.dtype}")
            if value.dtype != dtype and not is_mixed(value):
                like = "the query" if dtype is query.dtype else "the weights"
                raise RuntimeError(
                    f"{owner}: {name} must be {dtype} like {like}, got {value.dtype}"
                )
        if time == 0:
            raise RuntimeError(
                f"{owner}: keys must have at least one time step, got shape {tuple(keys.shape)}"
            )
        if mask is None:
            return
        check_rank(owner, "mask", mask, (2,))
        _check_shape(owner, "mask", mask, {"batch": batch, "time": time})
        if mask.dtype != torch.bool:
            raise RuntimeError(
                f"{owner}: mask must be torch.bool, True where a step is real, got {mask.dtype}"
            )
        empty = (~mask.any(1)).nonzero()
        if len(empty):
            raise ValueError(
                f"{owner}: mask must have a real step in every row, got none in row {int(empty[0])}"
            )


class AdditiveAttention(_Attention):
    r"""Attention by a small network: the first kind, made for a decoder of gated units.

    $$\mathrm{score}(q, k) = v^\top \tanh(W_q \, q + W_k \, k)$$

    Called with `(query, keys, values=None, mask=None)`; returns `(context, weights)`, all with the
    shapes and errors of [`gated.attention`][gated.attention].

    Weights: `weight_query` (hidden_size, query_size), `weight_key` (hidden_size, key_size) and `v`
    (hidden_size,), drawn from $U(-1/\sqrt{s}, 1/\sqrt{s})$ with $s$ the last size of each.

    Args:
        query_size: Features of a query.
        key_size: Features of a key.
        hidden_size: Units of the small network.
        device: Where the weights are.
        dtype: Their type.

    Source: Bahdanau, Cho and Bengio, arXiv 1409.0473, appendix A.1.2.
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        hidden_size: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_sizes(query_size=query_size, key_size=key_size, hidden_size=hidden_size)
        super().__init__()
        self.weight_query = _draw((hidden_size, query_size), device, dtype)
        self.weight_key = _draw((hidden_size, key_size), device, dtype)
        self.v = _draw((hidden_size,), device, dtype)

    def extra_repr(self) -> str:
        hidden_size, query_size = self.weight_query.shape
        return f"{query_size}, {self.weight_key.shape[1]}, {hidden_size}"

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return _additive_scores(query, keys, self.weight_query, self.weight_key, self.v)

    def _sizes(self, query: Tensor) -> tuple[int, ...]:
        return self.weight_query.shape[1], self.weight_key.shape[1]


class GeneralAttention(_Attention):
    r"""Attention by a learned product of query and key, also called bilinear.

    $$\mathrm{score}(q, k) = q^\top W \, k$$

    Called with `(query, keys, values=None, mask=None)`; returns `(context, weights)`, all with the
    shapes and errors of [`gated.attention`][gated.attention].

    Weights: `weight` (query_size, key_size), drawn from $U(-1/\sqrt{s}, 1/\sqrt{s})$ with $s$ the
    key_size. Arguments are those of [`AdditiveAttention`][gated.attention.AdditiveAttention],
    without hidden_size.

    Source: Luong, Pham and Manning, arXiv 1508.04025, section 3.1.
    """

    def __init__(
        self,
        query_size: int,
        key_size: int,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_sizes(query_size=query_size, key_size=key_size)
        super().__init__()
        self.weight = _draw((query_size, key_size), device, dtype)

    def extra_repr(self) -> str:
        return ", ".join(map(str, self.weight.shape))

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return _general_scores(query, keys, self.weight)

    def _sizes(self, query: Tensor) -> tuple[int, ...]:
        return self.weight.shape


class DotAttention(_Attention):
    r"""Attention by the product of query and key, without weights.

    $$\mathrm{score}(q, k) = q^\top k$$

    Called with `(query, keys, values=None, mask=None)`; returns `(context, weights)`, all with the
    shapes and errors of [`gated.attention`][gated.attention]. Queries and keys have the same size.

    Source: Luong, Pham and Manning, arXiv 1508.04025, section 3.1.
    """

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return _dot_scores(query, keys)


class ScaledDotAttention(_Attention):
    r"""The Transformer's attention: the product of query and key over the root of their size $d$.

    $$\mathrm{score}(q, k) = \frac{q^\top k}{\sqrt{d}}$$

    A product of $d$ independent numbers with mean 0 and variance 1 has variance $d$: the root
    keeps large queries and keys from making the softmax pick one step alone.

    Called with `(query, keys, values=None, mask=None)`; returns `(context, weights)`, all with the
    shapes and errors of [`gated.attention`][gated.attention]. Queries and keys have the same size.

    Source: Vaswani et al., arXiv 1706.03762, section 3.2.1.
    """

    def _scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return _scaled_dot_scores(query, keys)


def _draw(
    shape: tuple[int, ...], device: torch.device | str | None, dtype: torch.dtype | None
) -> nn.Parameter:
    bound = 1 / math.sqrt(shape[-1])
    return nn.Parameter(torch.empty(shape, device=device, dtype=dtype).uniform_(-bound, bound))


def _check_shape(owner: str, name: str, value: Tensor, shape: Mapping[str, int]) -> None:
    if value.shape != (expected := tuple(shape.values())):
        raise RuntimeError(
            f"{owner}: {name} must have shape ({', '.join(shape)}) = {expected}, "
            f"got {tuple(value.shape)}"
        )
