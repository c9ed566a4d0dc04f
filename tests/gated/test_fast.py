"""The layers made to train fast give what the plain ones give, whose way back is autograd's."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

import gated
from gated import cells, fast

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


def is_by_hand(output: Tensor) -> bool:
    return bool({"_GRUBackward", "_LSTMBackward"} & {*nodes(output)})


def pair(kind: str, *sizes: int, **options: Any) -> tuple[Any, Any]:
    """Build the fast layer and the plain one with the same weights."""
    ours = getattr(fast, kind)(*sizes, **options)
    plain = getattr(gated, kind)(*sizes, **options)
    plain.load_state_dict(ours.state_dict())
    return ours, plain


def run(layer: Any, x: Tensor) -> list[Tensor]:
    """Return outputs, states and all gradients."""
    x = x.clone().requires_grad_()
    output, last = layer(x)
    assert is_by_hand(output) == (type(layer).__module__ == "gated.fast")
    results = [output, *(last if isinstance(last, tuple) else (last,))]
    generator = torch.Generator().manual_seed(1)
    weighted = [
        (value * torch.randn(value.shape, generator=generator, dtype=value.dtype)).sum()
        for value in results
    ]
    loss = torch.stack(weighted).sum()
    return [*results, *torch.autograd.grad(loss, [x, *layer.parameters()])]


@pytest.mark.parametrize(
    ("kind", "options", "step"),
    [
        ("RNN", {}, "_rnn_step"),
        ("GRU", {}, "_gru_step"),
        ("GRU", {}, "_gru_gates"),
        ("GRU", {"reset_after": False}, "_gru_gates_reset_before"),
        ("LSTM", {}, "_lstm_step"),
        ("LSTM", {}, "_lstm_gates"),
        ("LSTM", {"proj_size": 2}, "_lstm_step"),
    ],
)
def test_the_step_that_is_shown_is_the_step_that_runs(
    kind: str, options: dict[str, Any], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("made to fail")

    monkeypatch.setattr(cells, step, broken)
    cell = {} if "proj_size" in options else {kind + "Cell": (1, 3)}
    for name, shape in {kind: (5, 1, 3), **cell}.items():
        module = getattr(gated, name)(3, 4, **options)
        with pytest.raises(ArithmeticError, match="made to fail"):
            module(torch.randn(shape))


@given(
    kind=st.sampled_from(KINDS),
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    time=st.integers(1, 12),
    batch=st.integers(0, 3),
    bias=st.booleans(),
    bidirectional=st.booleans(),
    stretch=st.sampled_from([1, 20, 100, fast.STRETCH]),
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
    options = {"bias": bias, "bidirectional": bidirectional, "dtype": torch.float64}
    ours, plain = pair(kind, *sizes, **options)
    x = torch.randn(time, batch, sizes[0], dtype=torch.float64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "STRETCH", stretch)
        got = run(ours, x)
    torch.testing.assert_close(got, run(plain, x), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("missing", ["bias_ih_l0", "bias_hh_l0"])
@pytest.mark.parametrize("kind", KINDS)
def test_either_bias_may_be_taken_away(kind: str, missing: str) -> None:
    layers = pair(kind, 3, 4, dtype=torch.float64)
    for layer in layers:
        setattr(layer, missing, None)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    got, expected = (run(layer, x) for layer in layers)
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_it_equals_autograd_over_a_long_sequence(kind: str) -> None:
    torch.manual_seed(0)
    layers = pair(kind, 8, 64, dtype=torch.float64)
    x = torch.randn(300, 16, 8, dtype=torch.float64)
    assert fast.STRETCH < 300 * 16 * 3 * 64
    got, expected = (run(layer, x) for layer in layers)
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layer", [fast.GRU(3, 4, reset_after=False), fast.LSTM(3, 4, proj_size=2)])
def test_where_no_pass_is_written_autograd_follows_the_plain_loop(layer: Any) -> None:
    assert not is_by_hand(layer(torch.randn(5, 2, 3))[0])


@pytest.mark.parametrize("name", ["_are_functorch_transforms_active", "_functorch"])
@pytest.mark.parametrize("kind", KINDS)
def test_where_torch_cannot_tell_who_follows_autograd_does(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, plain = pair(kind, 3, 4, dtype=torch.float64)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    expected = run(plain, x)
    monkeypatch.delattr(torch._C, name)
    x.requires_grad_()
    output, last = ours(x)
    assert is_by_hand(output) == (name == "_functorch")
    results = [output, *(last if isinstance(last, tuple) else (last,))]
    torch.testing.assert_close(results, expected[: len(results)])
    generator = torch.Generator().manual_seed(1)
    directions = [torch.randn(r.shape, generator=generator, dtype=r.dtype) for r in results]
    got = torch.autograd.grad(results, [x, *ours.parameters()], directions)
    torch.testing.assert_close(list(got), expected[len(results) :])


@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_stays_as_short_however_long_the_sequence(kind: str) -> None:
    layer = getattr(fast, kind)(3, 4)
    short, long = (nodes(layer(torch.randn(steps, 2, 3))[0]) for steps in (2, 200))
    assert short == long
    assert len(long) < 20


@pytest.mark.parametrize("kind", KINDS)
def test_no_matrix_product_is_missed_by_who_counts_them(kind: str) -> None:
    layer = getattr(fast, kind)(3, 4)
    x = torch.randn(5, 2, 3, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        output, _ = layer(x)
    products = 2 * 5 * 2 * (layer.weight_ih_l0.numel() + layer.weight_hh_l0.numel())
    assert forward.get_total_flops() == products
    with FlopCounterMode(display=False) as back:
        output.sum().backward()
    # One product for the gradient of each factor.
    assert back.get_total_flops() == 2 * products
