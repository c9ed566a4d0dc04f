"""The cells do what torch.nn's do, and obey the laws that their equations promise."""

import inspect
from typing import Any

import pytest
import torch
from beartype.roar import BeartypeCallHintViolation
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch import Tensor

import gated
from gated import cells

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}
KINDS = ("RNNCell", "GRUCell", "LSTMCell")


def run(cell: Any, arguments: list[Tensor]) -> list[Tensor]:
    """Call a cell with an input and no, one or two states; return its states and all gradients."""
    leaves = [argument.clone().requires_grad_() for argument in arguments]
    input, *states = leaves
    result = cell(input, tuple(states)) if len(states) == 2 else cell(input, *states)
    results = list(result) if isinstance(result, tuple) else [result]
    loss = sum((value.square().sum() for value in results), torch.zeros(()))
    gradients = torch.autograd.grad(loss, [*leaves, *cell.parameters()])
    return [*results, *gradients]


@given(
    kind=st.sampled_from(KINDS),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    bias=st.booleans(),
    relu=st.booleans(),
    batch=st.none() | st.integers(0, 4),
    with_state=st.booleans(),
    dtype=st.sampled_from(list(TOLERANCE)),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_values_gradients_and_draws_are_those_of_torch(
    kind: str,
    sizes: tuple[int, int],
    bias: bool,
    relu: bool,
    batch: int | None,
    with_state: bool,
    dtype: torch.dtype,
    seed: int,
) -> None:
    options: dict[str, Any] = {"bias": bias, "dtype": dtype}
    if kind == "RNNCell" and relu:
        options["nonlinearity"] = "relu"
    torch.manual_seed(seed)
    theirs = getattr(torch.nn, kind)(*sizes, **options)
    torch.manual_seed(seed)
    ours = getattr(gated, kind)(*sizes, **options)
    assert repr(ours) == repr(theirs)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    lead = [] if batch is None else [batch]
    shapes = [[*lead, sizes[0]]]
    if with_state:
        shapes += [[*lead, sizes[1]]] * (2 if kind == "LSTMCell" else 1)
    arguments = [torch.randn(shape, dtype=dtype) for shape in shapes]
    tolerance = TOLERANCE[dtype]
    torch.testing.assert_close(
        run(ours, arguments), run(theirs, arguments), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_update_gate_keeps_the_state_when_open_and_takes_the_candidate_when_shut(
    reset_after: bool,
) -> None:
    torch.manual_seed(0)
    cell = gated.GRUCell(3, 4, reset_after=reset_after)
    assert cell.bias_ih is not None
    x, h = torch.randn(2, 3), torch.randn(2, 4)
    cell.bias_ih.data[4:8] = 1e4
    assert torch.equal(cell(x, h), h)
    cell.bias_ih.data[4:8] = -1e4
    first = cell(x, h)
    assert (first.abs() < 1).all()
    assert not torch.equal(first, h)


def test_a_gru_state_within_one_stays_there() -> None:
    torch.manual_seed(0)
    cell, h = gated.GRUCell(3, 4), torch.ones(2, 4)
    for _ in range(100):
        h = cell(10 * torch.randn(2, 3), h)
        assert (h.abs() <= 1).all()


@given(seed=st.integers(0, 2**32), hidden_size=st.integers(2, 6))
@settings(max_examples=30)
def test_both_places_of_the_reset_gate_agree_when_it_is_open_and_else_differ(
    seed: int, hidden_size: int
) -> None:
    torch.manual_seed(seed)
    options: dict[str, Any] = {"dtype": torch.float64}
    after = gated.GRUCell(3, hidden_size, **options)
    before = gated.GRUCell(3, hidden_size, reset_after=False, **options)
    before.load_state_dict(after.state_dict())
    x, h = torch.randn(2, 3, **options), torch.randn(2, hidden_size, **options)
    assert (after(x, h) - before(x, h)).abs().max() > 1e-8
    for cell in (after, before):
        assert cell.bias_ih is not None
        cell.bias_ih.data[:hidden_size] = 1e4
    torch.testing.assert_close(after(x, h), before(x, h), rtol=0, atol=1e-12)


def test_both_places_of_the_reset_gate_agree_for_one_unit_without_bias_inside() -> None:
    torch.manual_seed(0)
    after, before = gated.GRUCell(3, 1), gated.GRUCell(3, 1, reset_after=False)
    before.load_state_dict(after.state_dict())
    x, h = torch.randn(2, 3), torch.randn(2, 1)
    assert not torch.allclose(after(x, h), before(x, h))
    for cell in (after, before):
        assert cell.bias_hh is not None
        cell.bias_hh.data[2] = 0
    torch.testing.assert_close(after(x, h), before(x, h))


def test_an_lstm_with_open_gates_adds_up_without_bound() -> None:
    cell = gated.LSTMCell(1, 1)
    assert cell.bias_ih is not None
    for weight in cell.parameters():
        weight.data.zero_()
    cell.bias_ih.data.fill_(1e4)
    state = torch.zeros(1, 1), torch.zeros(1, 1)
    for step in range(1, 50):
        state = cell(torch.zeros(1, 1), state)
        assert state[1].item() == step
    assert state[0].item() == 1


@pytest.mark.parametrize("kind", [*KINDS, "before"])
def test_gradients_of_first_and_second_order_are_right(kind: str) -> None:
    torch.manual_seed(0)
    options: dict[str, Any] = {"dtype": torch.float64}
    if kind == "before":
        kind, options = "GRUCell", options | {"reset_after": False}
    cell = getattr(gated, kind)(2, 3, **options)
    names, weights = zip(*cell.named_parameters(), strict=True)
    states = [torch.randn(2, 3, dtype=torch.float64) for _ in range(2 if "L" in kind else 1)]

    def step(x: Tensor, *leaves: Tensor) -> Any:
        hx = leaves[:2] if kind == "LSTMCell" else leaves[0]
        inner = dict(zip(names, leaves[len(states) :], strict=True))
        return torch.func.functional_call(cell, inner, (x, hx))

    x = torch.randn(2, 2, dtype=torch.float64)
    leaves = [leaf.detach().requires_grad_() for leaf in (x, *states, *weights)]
    assert torch.autograd.gradcheck(step, leaves)
    assert torch.autograd.gradgradcheck(step, leaves)


@pytest.mark.parametrize("kind", KINDS)
def test_a_constructor_takes_what_torch_s_takes_in_the_same_order(kind: str) -> None:
    ours = inspect.signature(getattr(gated, kind)).parameters
    theirs = inspect.signature(getattr(torch.nn, kind)).parameters
    assert [*ours][: len(theirs)] == [*theirs]
    assert all(ours[name].default == theirs[name].default for name in theirs)


def test_the_reset_before_form_says_so() -> None:
    assert repr(gated.GRUCell(2, 3, reset_after=False)) == "GRUCell(2, 3, reset_after=False)"


def test_the_steps_are_checked_under_test() -> None:
    x, h, w = torch.zeros(2, 12), torch.zeros(2, 4), torch.zeros(12, 4)
    assert cells._gru_step(x, h, w, None).shape == (2, 4)
    for wrong in (torch.zeros(2, 11), torch.zeros(3, 12), torch.zeros(2, 12).long()):
        with pytest.raises((TypeCheckError, BeartypeCallHintViolation)):
            cells._gru_step(wrong, h, w, None)


@pytest.mark.parametrize("kind", KINDS)
@given(
    low=st.sampled_from([torch.bfloat16, torch.float16]),
    data=st.data(),
    batch=st.none() | st.integers(1, 3),
    bias=st.booleans(),
)
@settings(max_examples=40)
def test_a_cell_in_mixed_precision_gives_what_torch_s_gives(
    kind: str, low: torch.dtype, data: st.DataObject, batch: int | None, bias: bool
) -> None:
    floats = st.sampled_from([torch.float32, low])
    torch.manual_seed(0)
    theirs = getattr(torch.nn, kind)(3, 4, bias, dtype=data.draw(floats))
    ours = getattr(gated, kind)(3, 4, bias, dtype=theirs.weight_ih.dtype)
    ours.load_state_dict(theirs.state_dict())
    lead = () if batch is None else (batch,)
    arguments = [torch.randn(*lead, 3, dtype=data.draw(floats))]
    if data.draw(st.booleans()):
        state = torch.randn(*lead, 4, dtype=data.draw(floats))
        arguments += [state, state] if kind == "LSTMCell" else [state]
    with torch.autocast("cpu", dtype=low):
        expected, got = run(theirs, arguments), run(ours, arguments)
    torch.testing.assert_close(got, expected, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(0, 4), (3, 0), (0, 0)])
def test_sizes_of_zero_give_what_torch_gives(kind: str, sizes: tuple[int, int]) -> None:
    torch.manual_seed(0)
    theirs = getattr(torch.nn, kind)(*sizes)
    torch.manual_seed(0)
    ours = getattr(gated, kind)(*sizes)
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    x = torch.randn(2, sizes[0])
    torch.testing.assert_close(run(ours, [x]), run(theirs, [x]))
