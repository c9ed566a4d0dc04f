"""Attention equals torch's own and a loop over single numbers, and padding never matters."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from beartype import beartype
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import jaxtyped
from numpy.typing import NDArray
from torch import Tensor, nn, ones, randn, tensor, zeros
from torch.nn.functional import scaled_dot_product_attention

from gated import attention
from gated.attention import (
    AdditiveAttention,
    DotAttention,
    GeneralAttention,
    ScaledDotAttention,
)

SIZE = 3
KINDS = ("additive", "general", "dot", "scaled")
SCORES = ("_additive_scores", "_general_scores", "_dot_scores", "_scaled_dot_scores")


@pytest.fixture(scope="module", autouse=True)
def _scores_with_checked_types() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in SCORES:
            checked = jaxtyped(typechecker=beartype)(getattr(attention, name))
            patch.setattr(attention, name, checked)
        yield


def build(kind: str, query_size: int = SIZE, key_size: int = SIZE, **options: Any) -> nn.Module:
    if kind == "additive":
        return AdditiveAttention(query_size, key_size, 5, **options)
    if kind == "general":
        return GeneralAttention(query_size, key_size, **options)
    return DotAttention() if kind == "dot" else ScaledDotAttention()


def draw(*shape: int, seed: int = 0) -> Tensor:
    return randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def masks(batch: int, time: int) -> st.SearchStrategy[Tensor]:
    row = st.lists(st.booleans(), min_size=time, max_size=time).filter(any)
    return st.lists(row, min_size=batch, max_size=batch).map(tensor)


Array = NDArray[np.float64]


def score(layer: nn.Module, q: Array, k: Array) -> float:
    """Score one query against one key as the papers write it."""
    w = {name: weight.detach().numpy() for name, weight in layer.named_parameters()}
    if isinstance(layer, AdditiveAttention):
        return float(np.dot(w["v"], np.tanh(w["weight_query"] @ q + w["weight_key"] @ k)))
    if isinstance(layer, GeneralAttention):
        return float(np.dot(q, w["weight"] @ k))
    return float(np.dot(q, k)) / (math.sqrt(len(q)) if isinstance(layer, ScaledDotAttention) else 1)


def by_loops(
    layer: nn.Module, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    context = zeros(*query.shape[:2], values.shape[2], dtype=query.dtype)
    weights = zeros(*query.shape[:2], keys.shape[1], dtype=query.dtype)
    for b in range(query.shape[0]):
        real = [t for t in range(keys.shape[1]) if mask[b, t]]
        for q in range(query.shape[1]):
            powers = {
                t: math.exp(score(layer, query[b, q].numpy(), keys[b, t].numpy())) for t in real
            }
            for t in real:
                weights[b, q, t] = powers[t] / sum(powers.values())
                context[b, q] += weights[b, q, t] * values[b, t]
    return context, weights


@pytest.mark.parametrize("kind", KINDS)
@given(mask=masks(batch=2, time=4), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_results_are_those_of_loops_over_single_numbers(kind: str, mask: Tensor, seed: int) -> None:
    torch.manual_seed(seed)
    layer = build(kind, dtype=torch.float64)
    query, keys, values = draw(2, 3, SIZE, seed=seed), draw(2, 4, SIZE), draw(2, 4, 2)
    expected = by_loops(layer, query, keys, values, mask)
    torch.testing.assert_close(layer(query, keys, values, mask), expected, rtol=1e-12, atol=1e-12)


@given(mask=masks(batch=3, time=5), seed=st.integers(0, 2**32))
@settings(max_examples=30)
def test_scaled_is_torch_s_own_in_values_and_gradients(mask: Tensor, seed: int) -> None:
    query, keys, values = inputs = [
        draw(*shape, seed=seed + k).requires_grad_()
        for k, shape in enumerate([(3, 2, SIZE), (3, 5, SIZE), (3, 5, 4)])
    ]
    ours, _ = ScaledDotAttention()(query, keys, values, mask)
    theirs = scaled_dot_product_attention(query, keys, values, attn_mask=mask.unsqueeze(1))
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        torch.autograd.grad(ours.sin().sum(), inputs),
        torch.autograd.grad(theirs.sin().sum(), inputs),
        rtol=1e-10,
        atol=1e-12,
    )


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_dot_is_torch_s_own_with_another_scale(scale: float) -> None:
    query, keys, values = draw(2, 3, SIZE), draw(2, 4, SIZE), draw(2, 4, 2)
    theirs = scaled_dot_product_attention(query, keys, values, scale=scale)
    torch.testing.assert_close(DotAttention()(scale * query, keys, values)[0], theirs)


def test_general_with_the_identity_is_dot() -> None:
    layer = GeneralAttention(SIZE, SIZE, dtype=torch.float64)
    nn.init.eye_(layer.weight)
    query, keys = draw(2, 3, SIZE), draw(2, 4, SIZE)
    torch.testing.assert_close(layer(query, keys), DotAttention()(query, keys))


@pytest.mark.parametrize("kind", ["additive", "general"])
def test_queries_and_keys_may_differ_in_size(kind: str) -> None:
    layer = build(kind, 2, 5, dtype=torch.float64)
    query, keys = draw(3, 1, 2), draw(3, 4, 5)
    expected = by_loops(layer, query, keys, keys, ones(3, 4, dtype=torch.bool))
    torch.testing.assert_close(layer(query, keys), expected)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_right(kind: str, masked: bool) -> None:
    layer = build(kind, dtype=torch.float64)
    mask = tensor([[True, False, True], [False, True, False]]) if masked else None
    inputs = [draw(2, 2, SIZE), draw(2, 3, SIZE), draw(2, 3, 2)]

    def run(query: Tensor, keys: Tensor, values: Tensor, *weights: Tensor) -> Any:
        names = [name for name, _ in layer.named_parameters()]
        state = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(layer, state, (query, keys, values, mask))

    leaves = [value.requires_grad_() for value in inputs]
    assert torch.autograd.gradcheck(run, (*leaves, *layer.parameters()))


@pytest.mark.parametrize("kind", KINDS)
@given(
    mask=masks(batch=3, time=5),
    junk=st.sampled_from([0.0, 1e9, -1e30, math.inf, -math.inf, math.nan]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=30)
def test_padding_never_changes_anything(kind: str, mask: Tensor, junk: float, seed: int) -> None:
    torch.manual_seed(seed)
    layer = build(kind, dtype=torch.float64)
    clean = [draw(3, 2, SIZE, seed=seed), draw(3, 5, SIZE), draw(3, 5, 2)]
    dirty = [clean[0], *(part.masked_fill(~mask.unsqueeze(2), junk) for part in clean[1:])]
    results = []
    for inputs in (clean, dirty):
        leaves = [part.clone().requires_grad_() for part in inputs]
        context, weights = layer(*leaves, mask)
        wanted = [*leaves, *layer.parameters()]
        gradients = torch.autograd.grad(context.square().sum() + weights.cos().sum(), wanted)
        results.append([context, weights, *gradients])
        for gradient in gradients[1:3]:
            assert not gradient[~mask].any()
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=0)


@pytest.mark.parametrize("kind", KINDS)
@given(mask=masks(batch=3, time=5))
@settings(max_examples=20)
def test_a_padded_row_gives_what_its_real_steps_give_alone(kind: str, mask: Tensor) -> None:
    torch.manual_seed(0)
    layer = build(kind, dtype=torch.float64)
    query, keys = draw(3, 2, SIZE), draw(3, 5, SIZE)
    context, weights = layer(query, keys, mask=mask)
    for row, real in enumerate(mask):
        alone = layer(query[row, None], keys[row, None, real])
        got = context[row, None], weights[row, None][..., real]
        torch.testing.assert_close(got, alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_weights_sum_to_one_and_are_exactly_zero_on_padding(kind: str, dtype: torch.dtype) -> None:
    layer = build(kind, dtype=dtype)
    mask = tensor([[True, True, False, False], [False, False, False, True]])
    context, weights = layer(draw(2, 3, SIZE).to(dtype), draw(2, 4, SIZE).to(dtype), mask=mask)
    assert context.dtype == weights.dtype == dtype
    assert not weights.masked_select(~mask.unsqueeze(1)).any()
    torch.testing.assert_close(weights[1, :, 3], ones(3, dtype=dtype), rtol=0, atol=0)
    torch.testing.assert_close(weights.sum(-1), ones(2, 3, dtype=dtype))


def test_padding_gets_no_weight_however_low_the_scores_of_real_steps_are() -> None:
    keys = torch.full((1, 3, 1), 1e3)
    _, weights = DotAttention()(-keys[:, :1] * 1e6, keys, mask=tensor([[True, True, False]]))
    assert weights.tolist() == [[[0.5, 0.5, 0.0]]]


@pytest.mark.parametrize("kind", KINDS)
def test_no_sequence_and_no_query_give_empty_results(kind: str) -> None:
    layer = build(kind)
    for batch, queries in [(0, 2), (2, 0)]:
        mask = ones(batch, 4, dtype=torch.bool)
        context, weights = layer(zeros(batch, queries, SIZE), zeros(batch, 4, SIZE), mask=mask)
        assert context.shape == (batch, queries, SIZE)
        assert weights.shape == (batch, queries, 4)


def test_weights_are_drawn_within_the_bounds_that_are_named() -> None:
    layer = AdditiveAttention(4, 9, 100)
    for name, size in [("weight_query", 4), ("weight_key", 9), ("v", 100)]:
        weight = layer.get_parameter(name)
        assert weight.shape[-1] == size
        assert 0.8 * size**-0.5 < weight.abs().max() <= size**-0.5
    assert GeneralAttention(4, 9).weight.abs().max() <= 1 / 3


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (AdditiveAttention(2, 3, 4), "AdditiveAttention(2, 3, 4)"),
        (GeneralAttention(2, 3), "GeneralAttention(2, 3)"),
        (DotAttention(), "DotAttention()"),
    ],
)
def test_a_layer_shows_its_sizes(layer: nn.Module, shown: str) -> None:
    assert repr(layer) == shown


Call = Callable[[], object]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: AdditiveAttention(0, 3, 4),
            ValueError,
            "query_size must be at least 1, got 0",
        ),
        (
            lambda: AdditiveAttention(2, 3, 4.0),  # type: ignore[arg-type]
            TypeError,
            "hidden_size must be an int, got 4.0 (float)",
        ),
        (lambda: GeneralAttention(2, -1), ValueError, "key_size must be at least 1, got -1"),
        (
            lambda: DotAttention()([1.0], zeros(1, 2, 3)),
            TypeError,
            "DotAttention: query must be a Tensor, got list",
        ),
        (
            lambda: DotAttention()(zeros(1, 3), zeros(1, 2, 3)),
            ValueError,
            "DotAttention: query must be 3D, got 2D of shape (1, 3)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(2, 3)),
            ValueError,
            "DotAttention: keys must be 3D, got 2D of shape (2, 3)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3), zeros(2)),
            ValueError,
            "DotAttention: values must be 3D, got 1D of shape (2,)",
        ),
        (
            lambda: ScaledDotAttention()(zeros(1, 1, 3), zeros(1, 2, 4)),
            RuntimeError,
            "ScaledDotAttention: keys must have shape (batch, time, key_size) = (1, 2, 3), "
            "got (1, 2, 4)",
        ),
        (
            lambda: GeneralAttention(2, 3)(zeros(1, 1, 3), zeros(1, 2, 3)),
            RuntimeError,
            "GeneralAttention: query must have shape (batch, queries, query_size) = (1, 1, 2), "
            "got (1, 1, 3)",
        ),
        (
            lambda: AdditiveAttention(2, 3, 4)(zeros(5, 1, 2), zeros(6, 2, 3)),
            RuntimeError,
            "AdditiveAttention: query must have shape (batch, queries, query_size) = (6, 1, 2), "
            "got (5, 1, 2)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3), zeros(1, 4, 3)),
            RuntimeError,
            "DotAttention: values must have shape (batch, time, value_size) = (1, 2, 3), "
            "got (1, 4, 3)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 0, 3)),
            RuntimeError,
            "DotAttention: keys must have at least one time step, got shape (1, 0, 3)",
        ),
        (
            lambda: GeneralAttention(3, 3)(zeros(1, 1, 3).double(), zeros(1, 2, 3).double()),
            RuntimeError,
            "GeneralAttention: query must be torch.float32 like the weights, got torch.float64",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3).double()),
            RuntimeError,
            "DotAttention: keys must be torch.float32 like the query, got torch.float64",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3).long(), zeros(1, 2, 3).long()),
            RuntimeError,
            "DotAttention: query must be floating-point, got torch.int64",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3), mask=zeros(1, 1, 2)),
            ValueError,
            "DotAttention: mask must be 2D, got 3D of shape (1, 1, 2)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3), mask=zeros(1, 3).bool()),
            RuntimeError,
            "DotAttention: mask must have shape (batch, time) = (1, 2), got (1, 3)",
        ),
        (
            lambda: DotAttention()(zeros(1, 1, 3), zeros(1, 2, 3), mask=ones(1, 2)),
            RuntimeError,
            "DotAttention: mask must be torch.bool, True where a step is real, got torch.float32",
        ),
        (
            lambda: DotAttention()(
                zeros(3, 1, 3),
                zeros(3, 2, 3),
                mask=tensor([[True, True], [False, False], [False, False]]),
            ),
            ValueError,
            "DotAttention: mask must have a real step in every row, got none in row 1",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Call, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
    assert type(raised.value) is error


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_gives_the_dtype_and_the_values_of_torch_s_attention(
    kind: str, masked: bool
) -> None:
    shapes = ((2, 3, SIZE), (2, 4, SIZE), (2, 4, 5))
    query, keys, values = (draw(*shape).float() for shape in shapes)
    mask = tensor([[True] * 4, [True, True, False, False]]) if masked else None
    layer = build(kind)
    expected = layer(query, keys, values, mask)
    low = torch.bfloat16
    with torch.autocast("cpu", dtype=low):
        results = [
            layer(query, keys, values, mask),
            layer(query.to(low), keys, values.to(low), mask),
        ]
        theirs = scaled_dot_product_attention(query, keys, values)
    for context, weights in results:
        assert context.dtype == theirs.dtype
        torch.testing.assert_close(context.to(query.dtype), expected[0], rtol=0.05, atol=0.05)
        torch.testing.assert_close(weights.to(query.dtype), expected[1], rtol=0.05, atol=0.05)
