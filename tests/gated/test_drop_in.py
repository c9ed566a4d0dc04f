"""What code written for torch.nn relies on: packing, projections, compiling, torch.func, saving."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.func import functional_call, grad, jvp, vmap
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

import gated

KINDS = ("RNN", "GRU", "LSTM")
OPTIONS: dict[str, dict[str, Any]] = {
    "RNN": {},
    "GRU": {},
    "LSTM": {},
    "LSTM, projected": {"proj_size": 2},
}

every_kind = pytest.mark.parametrize("kind", KINDS)


def pair(kind: str, *sizes: int, seed: int = 0, **options: Any) -> tuple[Any, Any]:
    """Build torch.nn's layer and ours with the same weights."""
    torch.manual_seed(seed)
    theirs = getattr(nn, kind)(*sizes, **options)
    ours = getattr(gated, kind)(*sizes, **options)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def flat(result: Any) -> list[Tensor]:
    """Put output and states in a row."""
    output, last = result
    states = last if isinstance(last, tuple) else (last,)
    return [output.data if isinstance(output, PackedSequence) else output, *states]


def gradients(layer: Any, results: list[Tensor], *more: Tensor) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    loss = sum(
        (
            (value * torch.randn(value.shape, generator=generator, dtype=value.dtype)).sum()
            for value in results
        ),
        torch.zeros(()),
    )
    return list(torch.autograd.grad(loss, [*layer.parameters(), *more]))


lengths_of_batches = st.lists(st.integers(1, 6), min_size=1, max_size=5)


@given(
    name=st.sampled_from(list(OPTIONS)),
    lengths=lengths_of_batches,
    sorted_first=st.booleans(),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    batch_first=st.booleans(),
    with_state=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150, deadline=None)
def test_packed_sequences_give_what_torch_gives(
    name: str,
    lengths: list[int],
    sorted_first: bool,
    num_layers: int,
    bidirectional: bool,
    bias: bool,
    batch_first: bool,
    with_state: bool,
    seed: int,
) -> None:
    options = {
        **OPTIONS[name],
        "num_layers": num_layers,
        "bidirectional": bidirectional,
        "bias": bias,
        "batch_first": batch_first,
        "dtype": torch.float64,
    }
    theirs, ours = pair(name.partition(",")[0], 3, 4, seed=seed, **options)
    if sorted_first:
        lengths = sorted(lengths, reverse=True)
    x = torch.randn(len(lengths), max(lengths), 3, dtype=torch.float64, requires_grad=True)
    rows = num_layers * (1 + bidirectional)
    widths = {"LSTM": (4, 4), "LSTM, projected": (2, 4)}.get(name, (4,))
    states = [torch.randn(rows, len(lengths), width, dtype=torch.float64) for width in widths]
    hx = (tuple(states) if len(states) > 1 else states[0]) if with_state else None
    results = []
    for layer in (theirs, ours):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=sorted_first)
        output, last = layer(packed, hx)
        assert isinstance(output, PackedSequence)
        row = flat((output, last))
        results.append([*row, *gradients(layer, row, x)])
        assert [None if i is None else i.tolist() for i in output[1:]] == [
            None if i is None else i.tolist() for i in packed[1:]
        ]
    torch.testing.assert_close(results[1], results[0], rtol=1e-10, atol=1e-10)


@given(name=st.sampled_from(list(OPTIONS)), lengths=lengths_of_batches, seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_a_packed_sequence_gives_what_it_gives_alone(
    name: str, lengths: list[int], seed: int
) -> None:
    options = OPTIONS[name] | {"bidirectional": True, "dtype": torch.float64}
    _, layer = pair(name.partition(",")[0], 3, 4, 2, seed=seed, **options)
    sequences = [torch.randn(length, 3, dtype=torch.float64) for length in lengths]
    output, last = layer(pack_sequence(sequences, enforce_sorted=False))
    padded, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
    for row, sequence in enumerate(sequences):
        alone = flat(layer(sequence))
        together = [padded[row, : len(sequence)], *(s[:, row] for s in flat((output, last))[1:])]
        torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)


@every_kind
def test_dropout_falls_on_packed_sequences_as_in_torch(kind: str) -> None:
    results = []
    for layer in pair(kind, 3, 4, 3, dropout=0.4):
        torch.manual_seed(0)
        packed = pack_sequence([torch.ones(5, 3), torch.ones(2, 3)])
        results.append(flat(layer(packed)))
    torch.testing.assert_close(results[1], results[0])


@given(
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    batch=st.none() | st.integers(0, 3),
    with_state=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_projections_give_what_torch_gives(
    num_layers: int,
    bidirectional: bool,
    bias: bool,
    batch: int | None,
    with_state: bool,
    seed: int,
) -> None:
    options = {"num_layers": num_layers, "bidirectional": bidirectional, "bias": bias}
    theirs, ours = pair("LSTM", 3, 5, seed=seed, proj_size=2, dtype=torch.float64, **options)
    assert repr(ours) == repr(theirs)
    torch.manual_seed(seed)
    drawn = gated.LSTM(3, 5, proj_size=2, dtype=torch.float64, **options)  # type: ignore[arg-type]
    torch.testing.assert_close(drawn.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    assert list(drawn.state_dict()) == list(theirs.state_dict())
    lead = [] if batch is None else [batch]
    x = torch.randn(4, *lead, 3, dtype=torch.float64, requires_grad=True)
    rows = num_layers * (1 + bidirectional)
    hx = tuple(torch.randn(rows, *lead, n, dtype=torch.float64) for n in (2, 5))
    results = []
    for layer in (theirs, ours):
        row = flat(layer(x, hx) if with_state else layer(x))
        results.append([*row, *gradients(layer, row, x)])
    torch.testing.assert_close(results[1], results[0], rtol=1e-10, atol=1e-10)


@pytest.mark.usefixtures("unchecked_steps")
@pytest.mark.parametrize("reset_after", [True, False])
@every_kind
def test_a_compiled_layer_gives_what_the_layer_gives(kind: str, reset_after: bool) -> None:
    options = {} if reset_after or kind != "GRU" else {"reset_after": False}
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 4, 2, bidirectional=True, **options)
    x = torch.randn(5, 2, 3)
    torch.compiler.reset()
    compiled: Any = torch.compile(layer, backend="aot_eager", fullgraph=True)
    row, expected = flat(compiled(x)), flat(layer(x))
    torch.testing.assert_close(row, expected)
    torch.testing.assert_close(gradients(layer, row), gradients(layer, expected))


# The compiler itself looks at what it hands from one graph to the next.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
@pytest.mark.usefixtures("unchecked_steps")
@every_kind
def test_a_compiled_layer_takes_packed_sequences(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 4, bidirectional=True)
    torch.compiler.reset()
    compiled: Any = torch.compile(layer, backend="aot_eager")
    for in_order in (True, False):
        packed = pack_sequence([torch.randn(n, 3) for n in (5, 2, 2)], enforce_sorted=in_order)
        torch.testing.assert_close(flat(compiled(packed)), flat(layer(packed)))


def loss_of(layer: Any) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
    return lambda weights, x: flat(functional_call(layer, weights, (x,)))[0].square().sum()


@every_kind
def test_gradients_of_each_sequence_come_out_of_vmap_and_grad(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 4, dtype=torch.float64)
    weights = dict(layer.named_parameters())
    x = torch.randn(6, 5, 3, dtype=torch.float64)
    each = vmap(grad(loss_of(layer)), in_dims=(None, 0))(weights, x)
    for row, sequence in enumerate(x):
        loss = layer(sequence)[0].square().sum()
        expected = torch.autograd.grad(loss, list(weights.values()))
        torch.testing.assert_close([g[row] for g in each.values()], list(expected))


@every_kind
def test_several_seeds_run_as_one_under_vmap(kind: str) -> None:
    layers = [getattr(gated, kind)(3, 4) for _ in range(3)]
    weights, _ = torch.func.stack_module_state(layers)
    x = torch.randn(5, 2, 3)
    together = vmap(lambda w: flat(functional_call(layers[0], w, (x,)))[0])(weights)
    torch.testing.assert_close(together, torch.stack([layer(x)[0] for layer in layers]))


# torch makes its rules for forward mode with what it has itself deprecated.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
@every_kind
def test_directional_derivatives_work_in_both_styles(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 4, dtype=torch.float64)
    x, direction = torch.randn(2, 5, 2, 3, dtype=torch.float64).unbind(0)
    slope = jvp(lambda value: layer(value)[0], (x,), (direction,))[1]
    with forward_ad.dual_level():
        dual = layer(forward_ad.make_dual(x, direction))[0]
        torch.testing.assert_close(forward_ad.unpack_dual(dual).tangent, slope)
    step = 1e-6
    difference = (layer(x + step * direction)[0] - layer(x - step * direction)[0]) / (2 * step)
    torch.testing.assert_close(slope, difference, rtol=1e-6, atol=1e-8)


@pytest.mark.usefixtures("unchecked_steps")
@every_kind
def test_a_traced_layer_takes_other_batches(kind: str) -> None:
    layer = getattr(gated, kind)(3, 4)
    program = torch.export.export(
        layer, (torch.randn(5, 2, 3),), dynamic_shapes=({1: torch.export.Dim("batch")},)
    )
    x = torch.randn(5, 7, 3)
    torch.testing.assert_close(flat(program.module()(x)), flat(layer(x)))


class Packing(nn.Module):
    """A model that is given lengths, as those are that get exported."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, lengths: Tensor) -> Any:
        return self.layer(pack_padded_sequence(x, lengths, enforce_sorted=False))


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("program", [torch.jit.trace, torch.export.export])
@every_kind
def test_packed_sequences_get_into_no_program(kind: str, program: Callable[..., Any]) -> None:
    model = Packing(getattr(gated, kind)(3, 4))
    expected = f"^{kind}: a packed sequence can be neither traced nor exported, as its lengths"
    with pytest.raises(RuntimeError, match=expected):
        program(model, (torch.randn(5, 2, 3), torch.tensor([5, 3])))


@every_kind
def test_an_output_may_be_changed_in_place(kind: str) -> None:
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    results = []
    for layer in pair(kind, 3, 4, dtype=torch.float64):
        output, _ = layer(x)
        output *= 2
        output[0] = 0
        results.append([output, *gradients(layer, [output])])
    torch.testing.assert_close(results[1], results[0])


@every_kind
def test_only_what_is_asked_for_gets_a_gradient(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(gated, kind)(3, 4, 2)
    for name, weight in layer.named_parameters():
        weight.requires_grad_("l1" in name)
    x = torch.randn(5, 2, 3)
    layer(x)[0].sum().backward()
    assert {name for name, w in layer.named_parameters() if w.grad is not None} == {
        name for name, _ in layer.named_parameters() if "l1" in name
    }
    with torch.no_grad():
        assert not layer(x)[0].requires_grad


@every_kind
def test_a_gradient_can_be_asked_for_twice(kind: str) -> None:
    results = []
    for layer in pair(kind, 3, 4):
        total = layer(torch.ones(5, 2, 3))[0].sum()
        total.backward(retain_graph=True)
        total.backward()
        results.append([weight.grad for weight in layer.parameters()])
    torch.testing.assert_close(results[1], results[0])


@every_kind
def test_second_derivatives_are_right_where_the_state_depends_on_the_input(kind: str) -> None:
    results = []
    for layer in pair(kind, 4, 4, dtype=torch.float64):
        torch.manual_seed(0)
        x = torch.randn(3, 2, 4, dtype=torch.float64, requires_grad=True)
        h = x[:1].tanh()
        output, _ = layer(x, (h, 2 * h) if kind == "LSTM" else h)
        (first,) = torch.autograd.grad(output.square().sum(), x, create_graph=True)
        second = torch.autograd.grad(first.square().sum(), [x, *layer.parameters()])
        results.append([first, *second])
    torch.testing.assert_close(results[1], results[0], rtol=1e-9, atol=1e-9)


def batch_of_gradients(layer: Any, x: Tensor) -> list[Tensor]:
    """Ask for the gradients of several outputs at once, in each way that torch offers."""
    output = layer(x)[0]
    leaves = [x, *layer.parameters()]
    directions = torch.eye(output.numel(), dtype=x.dtype).unflatten(1, output.shape)
    together = torch.autograd.grad(
        output, leaves, directions, is_grads_batched=True, retain_graph=True
    )
    mapped = vmap(lambda d: torch.autograd.grad(output, leaves, d, retain_graph=True))(directions)
    once = torch.autograd.functional.jacobian(lambda value: layer(value)[0], x, vectorize=True)
    twice = torch.autograd.functional.hessian(
        lambda value: layer(value)[0].square().sum(), x, vectorize=True
    )
    return [*together, *mapped, once, twice]


@pytest.mark.parametrize("name", OPTIONS)
def test_gradients_can_be_asked_for_by_the_batch(name: str) -> None:
    options = OPTIONS[name] | {"bidirectional": True, "dtype": torch.float64}
    layers = pair(name.partition(",")[0], 3, 4, **options)
    x = torch.randn(3, 2, 3, dtype=torch.float64, requires_grad=True)
    expected, got = (batch_of_gradients(layer, x) for layer in layers)
    torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-10)
    assert torch.autograd.gradcheck(lambda v: layers[1](v)[0], x, check_batched_grad=True)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_layer_survives_copying_pickling_and_saving(name: str) -> None:
    kind = name.partition(",")[0]
    options = OPTIONS[name] | {"bidirectional": True, "dtype": torch.float64}
    theirs, layer = pair(kind, 3, 4, 2, **options)
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    expected = flat(layer(x))
    buffer = io.BytesIO()
    torch.save(layer, buffer)
    buffer.seek(0)
    twins = [
        copy.deepcopy(layer),
        pickle.loads(pickle.dumps(layer)),
        torch.load(buffer, weights_only=False),
    ]
    for twin in twins:
        torch.testing.assert_close(flat(twin(x)), expected, rtol=0, atol=0)
        assert repr(twin) == repr(layer)
    weights = io.BytesIO()
    torch.save(layer.state_dict(), weights)
    weights.seek(0)
    theirs.load_state_dict(torch.load(weights))
    torch.testing.assert_close(flat(theirs(x)), expected)


@every_kind
def test_device_and_dtype_are_where_the_weights_are_made(kind: str) -> None:
    layer = getattr(gated, kind)(3, 4, 2, device="meta", dtype=torch.bfloat16)
    assert {(w.device.type, w.dtype) for w in layer.parameters()} == {("meta", torch.bfloat16)}
    output, _ = layer(torch.empty(5, 2, 3, device="meta", dtype=torch.bfloat16))
    assert output.shape == (5, 2, 4)
    assert output.device.type == "meta"


@every_kind
def test_code_that_flattens_parameters_for_cudnn_runs(kind: str) -> None:
    getattr(gated, kind)(3, 4).flatten_parameters()


@every_kind
def test_mixed_precision_leaves_the_recurrence_alone(kind: str) -> None:
    layer = getattr(gated, kind)(3, 4, 2)
    x = torch.randn(5, 2, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = flat(layer(x.bfloat16(), layer(x)[1]))
        packed = layer(pack_sequence([x[:, 0], x[:, 1]]))[0]
    expected = flat(layer(x.bfloat16().float(), layer(x)[1]))
    torch.testing.assert_close(mixed, expected, rtol=0, atol=0)
    torch.testing.assert_close(packed.data.unflatten(0, (5, 2)), layer(x)[0])
    gradients(layer, mixed)
