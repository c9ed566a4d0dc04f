"""What code written for torch.nn relies on: packing, projections, compiling, torch.func, saving."""

import copy
import io
import pickle
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
import torch
import torch.ao.quantization
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.func import functional_call, grad, jvp, vmap
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

import gated
import gated.fast
from gated import attention

KINDS = ("RNN", "GRU", "LSTM", "fast.GRU", "fast.LSTM")
OPTIONS: dict[str, dict[str, Any]] = {
    "RNN": {},
    "GRU": {},
    "LSTM": {},
    "LSTM, projected": {"proj_size": 2},
    "fast.GRU": {},
    "fast.LSTM": {},
    "fast.LSTM, projected": {"proj_size": 2},
}

every_kind = pytest.mark.parametrize("kind", KINDS)


def ours_of(kind: str) -> Any:
    """Return our class of a kind such as "GRU" or "fast.GRU"."""
    return attrgetter(kind)(gated)


def theirs_of(kind: str) -> Any:
    return getattr(nn, kind.removeprefix("fast."))


def pair(kind: str, *sizes: int, seed: int = 0, **options: Any) -> tuple[Any, Any]:
    """Build torch.nn's layer and ours with the same weights."""
    torch.manual_seed(seed)
    theirs = theirs_of(kind)(*sizes, **options)
    ours = ours_of(kind)(*sizes, **options)
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
@settings(max_examples=150)
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
    widths = {"LSTM": (4, 4), "LSTM, projected": (2, 4)}.get(name.removeprefix("fast."), (4,))
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
@settings(max_examples=50)
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
@settings(max_examples=60)
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
@pytest.mark.parametrize(
    ("kind", "options"),
    [*((kind, {}) for kind in KINDS), ("GRU", {"reset_after": False})],
)
def test_a_compiled_layer_gives_what_the_layer_gives(kind: str, options: dict[str, bool]) -> None:
    torch.manual_seed(0)
    layer = ours_of(kind)(3, 4, 2, bidirectional=True, **options)
    x = torch.randn(3, 2, 3)
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
    layer = ours_of(kind)(3, 4, bidirectional=True)
    torch.compiler.reset()
    compiled: Any = torch.compile(layer, backend="aot_eager")
    for in_order in (True, False):
        packed = pack_sequence([torch.randn(n, 3) for n in (3, 1, 1)], enforce_sorted=in_order)
        torch.testing.assert_close(flat(compiled(packed)), flat(layer(packed)))


def loss_of(layer: Any) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
    return lambda weights, x: flat(functional_call(layer, weights, (x,)))[0].square().sum()


@every_kind
def test_gradients_of_each_sequence_come_out_of_vmap_and_grad(kind: str) -> None:
    torch.manual_seed(0)
    layer = ours_of(kind)(3, 4, dtype=torch.float64)
    weights = dict(layer.named_parameters())
    x = torch.randn(6, 5, 3, dtype=torch.float64)
    each = vmap(grad(loss_of(layer)), in_dims=(None, 0))(weights, x)
    for row, sequence in enumerate(x):
        loss = layer(sequence)[0].square().sum()
        expected = torch.autograd.grad(loss, list(weights.values()))
        torch.testing.assert_close([g[row] for g in each.values()], list(expected))


@every_kind
def test_several_seeds_run_as_one_under_vmap(kind: str) -> None:
    layers = [ours_of(kind)(3, 4) for _ in range(3)]
    weights, _ = torch.func.stack_module_state(layers)
    x = torch.randn(5, 2, 3)
    together = vmap(lambda w: flat(functional_call(layers[0], w, (x,)))[0])(weights)
    torch.testing.assert_close(together, torch.stack([layer(x)[0] for layer in layers]))


# torch makes its rules for forward mode with what it has itself deprecated.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
@every_kind
def test_directional_derivatives_work_in_both_styles(kind: str) -> None:
    torch.manual_seed(0)
    layer = ours_of(kind)(3, 4, dtype=torch.float64)
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
    layer = ours_of(kind)(3, 4)
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
    model = Packing(ours_of(kind)(3, 4))
    name = kind.removeprefix("fast.")
    expected = f"^{name}: a packed sequence can be neither traced nor exported, as its lengths"
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
    layer = ours_of(kind)(3, 4, 2)
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
        output, _ = layer(x, (h, 2 * h) if kind.endswith("LSTM") else h)
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
    layer = ours_of(kind)(3, 4, 2, device="meta", dtype=torch.bfloat16)
    assert {(w.device.type, w.dtype) for w in layer.parameters()} == {("meta", torch.bfloat16)}
    output, _ = layer(torch.empty(5, 2, 3, device="meta", dtype=torch.bfloat16))
    assert output.shape == (5, 2, 4)
    assert output.device.type == "meta"


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", OPTIONS)
def test_weights_are_listed_as_in_torch_whatever_they_are_now(
    name: str, bidirectional: bool
) -> None:
    theirs, ours = pair(
        name.partition(",")[0], 3, 4, 2, bidirectional=bidirectional, **OPTIONS[name]
    )
    for layer in (theirs, ours):
        layer.flatten_parameters()
    assert ours.mode == theirs.mode
    assert ours.proj_size == theirs.proj_size
    torch.testing.assert_close(ours.all_weights, theirs.all_weights)
    torch.testing.assert_close(ours._flat_weights, theirs._flat_weights)
    new = torch.nn.Parameter(torch.zeros(ours.weight_hh_l1.shape))
    for layer in (theirs, ours):
        layer.weight_hh_l1 = new
        parametrizations.weight_norm(layer, "weight_ih_l0")
    assert any(weight is new for weight in ours.all_weights[1 + bidirectional])
    torch.testing.assert_close(ours.all_weights, theirs.all_weights)
    assert not isinstance(ours._flat_weights[0], nn.Parameter)


def test_the_function_is_named_as_in_torch_where_torch_has_it() -> None:
    for nonlinearity in ("tanh", "relu"):
        options: dict[str, Any] = {"nonlinearity": nonlinearity}
        assert gated.RNN(3, 4, **options).mode == nn.RNN(3, 4, **options).mode
    assert gated.GRU(3, 4, reset_after=False).mode != nn.GRU(3, 4).mode


#: Arguments of check_forward_args: an input, a state of an LSTM and sizes of batches.
FORWARD_ARGUMENTS = [
    (torch.zeros(5, 2, 3), (torch.zeros(2, 2, 2), torch.zeros(2, 2, 4)), None),
    (torch.zeros(7, 3), (torch.zeros(2, 2, 2), torch.zeros(2, 2, 4)), torch.tensor([2, 2, 2, 1])),
    (torch.zeros(5, 3), (torch.zeros(2, 2, 2), torch.zeros(2, 2, 4)), None),
    (torch.zeros(5, 2, 4), (torch.zeros(2, 2, 2), torch.zeros(2, 2, 4)), None),
    (torch.zeros(5, 2, 3).double(), (torch.zeros(2, 2, 2), torch.zeros(2, 2, 4)), None),
    (torch.zeros(5, 2, 3), (torch.zeros(2, 2, 4), torch.zeros(2, 2, 4)), None),
    (torch.zeros(5, 2, 3), (torch.zeros(2, 2, 2), torch.zeros(2, 1, 4)), None),
]


def outcome(check: Callable[..., object], *arguments: Any) -> type[Exception] | None:
    try:
        check(*arguments)
    except Exception as error:
        return type(error)
    return None


@pytest.mark.parametrize("case", FORWARD_ARGUMENTS)
def test_arguments_are_checked_by_themselves_as_in_torch(case: tuple[Any, Any, Any]) -> None:
    input, hidden, sizes = case
    theirs, ours = pair("LSTM", 3, 4, bidirectional=True, proj_size=2)
    assert outcome(ours.check_forward_args, *case) is outcome(theirs.check_forward_args, *case)
    for name in ("get_expected_hidden_size", "get_expected_cell_size"):
        assert getattr(ours, name)(input, sizes) == getattr(theirs, name)(input, sizes)
    order = torch.tensor([1, 0])[: hidden[1].shape[1]] * 0
    for permutation in (None, order):
        expected = theirs.permute_hidden(hidden, permutation)
        torch.testing.assert_close(ours.permute_hidden(hidden, permutation), expected)
    theirs, ours = pair("GRU", 3, 2, bidirectional=True, batch_first=True)
    case = (input, hidden[0], sizes)
    assert outcome(ours.check_forward_args, *case) is outcome(theirs.check_forward_args, *case)
    expected = theirs.permute_hidden(hidden[0], order)
    torch.testing.assert_close(ours.permute_hidden(hidden[0], order), expected)


@every_kind
def test_arguments_come_in_torch_s_order_and_as_numpy_s_numbers(kind: str) -> None:
    more: list[Any] = ["relu"] if kind == "RNN" else []
    place = [0, torch.device("meta"), torch.float64]
    given = [*map(np.int64, (3, 4, 2)), *more, True, True, np.float32(0.5), True, *place]
    plain = [3, 4, 2, *more, True, True, 0.5, True, *place]
    theirs, ours = theirs_of(kind)(*plain), ours_of(kind)(*given)
    assert repr(ours) == repr(theirs)
    assert ours.weight_ih_l0.dtype == torch.float64
    assert ours.weight_ih_l0.is_meta
    cells: Any = theirs_of(kind + "Cell"), ours_of(kind.removeprefix("fast.") + "Cell")
    more = [True, "relu"] if kind == "RNN" else [True]
    sizes = [np.int64(3), np.int64(4)]
    theirs, ours = (cell(*sizes, *more, *place[1:]) for cell in cells)
    assert repr(ours) == repr(theirs)
    assert ours.weight_ih.dtype == theirs.weight_ih.dtype


@pytest.mark.parametrize("kind", ["RNN", "GRU", "MGU", "MinGRU", "CoupledLSTM"])
def test_only_an_lstm_is_projected(kind: str) -> None:
    with pytest.raises(ValueError, match=r"^proj_size argument is only supported for LSTM, not"):
        ours_of(kind)(3, 4, proj_size=2)


MODULES: dict[str, Callable[[], nn.Module]] = {
    "GRU": lambda: gated.GRU(3, 3),
    "MinLSTM": lambda: gated.MinLSTM(3, 3),
    "LSTMCell": lambda: gated.LSTMCell(3, 3),
    "DotAttention": lambda: attention.DotAttention(),
}

every_module = pytest.mark.parametrize("name", MODULES)
within = pytest.mark.parametrize("within", [False, True])


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@within
@every_module
def test_a_script_is_refused_with_what_can_be_done(name: str, within: bool) -> None:
    module = MODULES[name]()
    message = rf"^{name}: torch.jit.script cannot compile it; torch.jit.trace or torch.export"
    with pytest.raises(TypeError, match=message):
        torch.jit.script(nn.Sequential(module) if within else module)


class Leaves(torch.fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m).__name__ in MODULES or super().is_leaf_module(m, module_qualified_name)


class Around(nn.Module):
    """A model around a module that takes one argument or two."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Any:
        return self.module(x, x) if "Attention" in type(self.module).__name__ else self.module(x)


@within
@every_module
def test_a_symbolic_trace_is_refused_with_what_can_be_done(name: str, within: bool) -> None:
    module = MODULES[name]()
    model = Around(module)
    message = rf"^{name}: torch.fx.symbolic_trace cannot follow it; torch.export.export can, or a"
    with pytest.raises(TypeError, match=message):
        torch.fx.symbolic_trace(model if within else module)
    graph = torch.fx.GraphModule(model, Leaves().trace(model))
    x = torch.randn(2, 3, 3) if name != "LSTMCell" else torch.randn(2, 3)
    torch.testing.assert_close(graph(x), model(x))


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor, torch.quantize_per:UserWarning")
@every_module
def test_what_is_not_quantized_says_so(name: str) -> None:
    model = nn.Sequential(nn.Linear(3, 3), MODULES[name]())
    message = rf"^{name} stays in floating point: torch.ao.quantization knows only"
    with pytest.warns(UserWarning, match=message):
        quantized = torch.ao.quantization.quantize_dynamic(model, dtype=torch.qint8)
    assert type(quantized[1]) is type(model[1])


@every_kind
def test_mixed_precision_leaves_the_recurrence_alone(kind: str) -> None:
    layer = ours_of(kind)(3, 4, 2)
    x = torch.randn(5, 2, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = flat(layer(x.bfloat16(), layer(x)[1]))
        packed = layer(pack_sequence([x[:, 0], x[:, 1]]))[0]
    expected = flat(layer(x.bfloat16().float(), layer(x)[1]))
    torch.testing.assert_close(mixed, expected, rtol=0, atol=0)
    torch.testing.assert_close(packed.data.unflatten(0, (5, 2)), layer(x)[0])
    gradients(layer, mixed)
