"""The backward pass written by hand gives what autograd gives on the plain loop."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

import gated
from gated import backward

KINDS = ("GRU", "LSTM")


def nodes(output: Tensor) -> list[str]:
    """Return the names of all operations that autograd will go back through."""
    found, waiting = set(), [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += [before for before, _ in node.next_functions]
    return sorted(node.name() for node in found)


def run(layer: Any, x: Tensor, by_hand: bool) -> list[Tensor]:
    """Return outputs, states and all gradients, from the pass by hand or from the plain loop."""
    x = x.clone().requires_grad_()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backward, "is_followed", lambda: not by_hand)
        output, last = layer(x)
    assert (f"_{type(layer).__name__}Backward" in nodes(output)) == by_hand
    results = [output, *(last if isinstance(last, tuple) else (last,))]
    generator = torch.Generator().manual_seed(1)
    weighted = [
        (value * torch.randn(value.shape, generator=generator, dtype=value.dtype)).sum()
        for value in results
    ]
    loss = torch.stack(weighted).sum()
    return [*results, *torch.autograd.grad(loss, [x, *layer.parameters()])]


@given(
    kind=st.sampled_from(KINDS),
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    time=st.integers(1, 12),
    batch=st.integers(0, 3),
    bias=st.booleans(),
    bidirectional=st.booleans(),
    stretch=st.sampled_from([1, 20, 100, backward.STRETCH]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_it_equals_autograd_however_the_time_is_cut(
    kind: str,
    sizes: tuple[int, int],
    time: int,
    batch: int,
    bias: bool,
    bidirectional: bool,
    stretch: int,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    layer = getattr(gated, kind)(
        *sizes, bias=bias, bidirectional=bidirectional, dtype=torch.float64
    )
    x = torch.randn(time, batch, sizes[0], dtype=torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backward, "STRETCH", stretch)
        got = run(layer, x, by_hand=True)
    torch.testing.assert_close(got, run(layer, x, by_hand=False), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("missing", ["bias_ih_l0", "bias_hh_l0"])
@pytest.mark.parametrize("kind", KINDS)
def test_either_bias_may_be_taken_away(kind: str, missing: str) -> None:
    layer = getattr(gated, kind)(3, 4, dtype=torch.float64)
    setattr(layer, missing, None)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(run(layer, x, by_hand=True), run(layer, x, by_hand=False))


@pytest.mark.parametrize("kind", KINDS)
def test_it_equals_autograd_over_a_long_sequence(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(8, 64, dtype=torch.float64)
    x = torch.randn(300, 16, 8, dtype=torch.float64)
    assert backward.STRETCH < 300 * 16 * 3 * 64
    expected = run(layer, x, by_hand=False)
    torch.testing.assert_close(run(layer, x, by_hand=True), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "layer", [gated.GRU(3, 4, reset_after=False), gated.LSTM(3, 4, proj_size=2), gated.RNN(3, 4)]
)
def test_where_no_pass_is_written_autograd_follows_the_plain_loop(layer: Any) -> None:
    names = nodes(layer(torch.randn(5, 2, 3))[0])
    assert not {"_GRUBackward", "_LSTMBackward"} & {*names}


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_stays_as_short_however_long_the_sequence(kind: str) -> None:
    layer = getattr(gated, kind)(3, 4)
    short, long = (nodes(layer(torch.randn(steps, 2, 3))[0]) for steps in (2, 200))
    assert short == long
    assert len(long) < 20


@pytest.mark.parametrize("kind", KINDS)
def test_no_matrix_product_is_missed_by_who_counts_them(kind: str) -> None:
    layer = getattr(gated, kind)(3, 4)
    x = torch.randn(5, 2, 3, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        output, _ = layer(x)
    products = 2 * 5 * 2 * (layer.weight_ih_l0.numel() + layer.weight_hh_l0.numel())
    assert forward.get_total_flops() == products
    with FlopCounterMode(display=False) as back:
        output.sum().backward()
    # One product for the gradient of each factor.
    assert back.get_total_flops() == 2 * products
