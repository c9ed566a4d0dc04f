"""The layers do what torch.nn's do: values, gradients, names, random draws; and obey laws."""

import copy
import inspect
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, get_type_hints

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.overrides import TorchFunctionMode

import gated
import gated.fast

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-5}
RECURRENT = {"rnn_tanh", "rnn_relu", "gru", "lstm"}
KINDS = ("RNN", "GRU", "LSTM", "fast.GRU", "fast.LSTM")


def ours_of(kind: str) -> Any:
    """Return our class of a kind such as "GRU" or "fast.GRU"."""
    return attrgetter(kind)(gated)


def theirs_of(kind: str) -> Any:
    return getattr(torch.nn, kind.removeprefix("fast."))


@dataclass(frozen=True)
class Case:
    kind: str
    sizes: tuple[int, int]
    options: dict[str, Any]
    time: int
    batch: int | None
    with_state: bool
    dtype: torch.dtype
    seed: int = field(default=0)

    def pair(self) -> tuple[Any, Any]:
        """Build torch.nn's layer and ours with the same weights."""
        torch.manual_seed(self.seed)
        theirs = theirs_of(self.kind)(*self.sizes, **self.options, dtype=self.dtype)
        ours = ours_of(self.kind)(*self.sizes, **self.options, dtype=self.dtype)
        ours.load_state_dict(theirs.state_dict())
        return theirs, ours

    def arguments(self) -> list[Tensor]:
        """Draw an input and, if wanted, the one or two initial states."""
        generator = torch.Generator().manual_seed(self.seed)
        rows = self.options["num_layers"] * (1 + self.options["bidirectional"])
        shape = [self.time, self.batch, self.sizes[0]]
        if self.options["batch_first"] and self.batch is not None:
            shape[:2] = [self.batch, self.time]
        shapes = [shape]
        if self.with_state:
            shapes += [[rows, self.batch, self.sizes[1]]] * (2 if self.kind.endswith("LSTM") else 1)
        return [
            torch.randn([n for n in shape if n is not None], generator=generator, dtype=self.dtype)
            for shape in shapes
        ]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(KINDS))
    options: dict[str, Any] = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    if kind == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    return Case(
        kind,
        sizes=(draw(st.integers(1, 6)), draw(st.integers(1, 6))),
        options=options,
        time=draw(st.integers(1, 5)),
        batch=draw(st.none() | st.integers(0, 4)),
        with_state=draw(st.booleans()),
        dtype=draw(st.sampled_from(list(TOLERANCE))),
        seed=draw(st.integers(0, 2**32)),
    )


def call(layer: Any, input: Tensor, *states: Tensor) -> list[Tensor]:
    """Call a layer as it wants it: a state alone, or a pair; return output and states in a row."""
    if not states:
        output, last = layer(input)
    else:
        output, last = layer(input, states if len(states) == 2 else states[0])
    return [output, *(last if isinstance(last, tuple) else (last,))]


def values_and_gradients(layer: Any, arguments: list[Tensor]) -> list[Tensor]:
    leaves = [argument.clone().requires_grad_() for argument in arguments]
    results = call(layer, *leaves)
    generator = torch.Generator().manual_seed(1)
    weighted = [
        (result * torch.randn(result.shape, generator=generator, dtype=result.dtype)).sum()
        for result in results
    ]
    wanted = [*leaves, *layer.parameters()]
    return [*results, *torch.autograd.grad(sum(weighted, torch.zeros(())), wanted)]


@given(cases())
@settings(max_examples=300)
def test_values_and_gradients_are_those_of_torch(case: Case) -> None:
    theirs, ours = case.pair()
    arguments = case.arguments()
    expected = values_and_gradients(theirs, arguments)
    got = values_and_gradients(ours, arguments)
    tolerance = TOLERANCE[case.dtype]
    torch.testing.assert_close(got, expected, rtol=tolerance, atol=tolerance)


@given(cases())
@settings(max_examples=50)
def test_weights_have_the_names_shapes_order_and_draws_of_torch(case: Case) -> None:
    theirs, _ = case.pair()
    torch.manual_seed(case.seed)
    ours = ours_of(case.kind)(*case.sizes, **case.options, dtype=case.dtype)
    assert [name for name, _ in ours.named_parameters()] == list(theirs.state_dict())
    torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    theirs.load_state_dict(ours.state_dict())
    assert repr(ours) == repr(theirs)


@given(cases(), st.floats(0.1, 1.0))
@settings(max_examples=40)
def test_dropout_in_training_draws_what_torch_draws(case: Case, dropout: float) -> None:
    case.options.update(num_layers=3, dropout=dropout)
    theirs, ours = case.pair()
    results = []
    for layer in (theirs, ours):
        torch.manual_seed(case.seed)
        results.append(call(layer, *case.arguments()))
    torch.testing.assert_close(results[1], results[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_only_and_never_on_the_last_layer(kind: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(5, 2, 3)
    dropping = ours_of(kind)(3, 4, 2, dropout=0.5)
    keeping = ours_of(kind)(3, 4, 2)
    keeping.load_state_dict(dropping.state_dict())
    assert not torch.equal(dropping(x)[0], keeping(x)[0])
    assert (dropping(x)[0] != 0).all()
    torch.testing.assert_close(dropping.eval()(x)[0], keeping(x)[0], rtol=0, atol=0)


def test_dropout_with_one_layer_is_warned_of() -> None:
    for kind in gated.RNN, gated.GRU, gated.LSTM, gated.MinGRU:
        with pytest.warns(
            UserWarning, match=r"dropout=0.5 has no effect with num_layers=1"
        ) as seen:
            kind(3, 4, dropout=0.5)
        assert [warning.filename for warning in seen] == [__file__]


@pytest.mark.parametrize(
    "kind", [*KINDS, "MGU", "CoupledLSTM", "PeepholeLSTM", "MinGRU", "MinLSTM"]
)
def test_a_constructor_takes_what_torch_s_takes_in_the_same_order(kind: str) -> None:
    constructor = ours_of(kind)
    ours = inspect.signature(constructor).parameters
    theirs = dict(inspect.signature(torch.nn.RNNBase).parameters)
    del theirs["mode"]
    order = [*theirs]
    if kind == "RNN":
        order.insert(3, "nonlinearity")
    assert [*ours][: len(order)] == order
    assert all(ours[name].default == theirs[name].default for name in theirs)
    assert all(ours[name].kind is inspect.Parameter.KEYWORD_ONLY for name in {*ours} - {*order})
    assert {*get_type_hints(constructor.__init__)} == {*ours, "return"}


@pytest.mark.parametrize("kind", KINDS)
def test_positions_mean_what_they_mean_to_torch(kind: str) -> None:
    positions: tuple[Any, ...] = (3, 4, 2, False, True, 0.1, True, 0, "meta", torch.float64)
    if kind == "RNN":
        positions = (*positions[:3], "relu", *positions[3:])
    ours, theirs = ours_of(kind)(*positions), theirs_of(kind)(*positions)
    assert repr(ours) == repr(theirs)
    assert ours.mode == theirs.mode
    assert ours.weight_ih_l0.dtype == torch.float64
    assert ours.weight_ih_l0.is_meta


def test_a_layer_keeps_neither_device_nor_dtype_so_that_a_subclass_may_say_them() -> None:
    class Placed(gated.GRU):
        @property
        def device(self) -> torch.device:
            return self.weight_ih_l0.device

    assert Placed(3, 4, device="meta").device == torch.device("meta")
    assert not hasattr(gated.GRU(3, 4), "device")
    assert not hasattr(gated.LSTM, "dtype")


@pytest.mark.parametrize("kind", [*KINDS, "GRU, reset before"])
def test_gradients_of_first_and_second_order_are_right(kind: str) -> None:
    torch.manual_seed(0)
    kind, _, before = kind.partition(", ")
    options: dict[str, Any] = {"reset_after": False} if before else {}
    layer = ours_of(kind)(2, 2, 2, bidirectional=True, dtype=torch.float64, **options)
    states = [
        torch.randn(4, 1, 2, dtype=torch.float64) for _ in range(2 if kind.endswith("LSTM") else 1)
    ]
    arguments = [torch.randn(3, 1, 2, dtype=torch.float64), *states]
    names, weights = zip(*layer.named_parameters(), strict=True)

    def run(*leaves: Tensor) -> tuple[Tensor, ...]:
        inner = dict(zip(names, leaves[len(arguments) :], strict=True))
        hx = leaves[1:3] if kind.endswith("LSTM") else leaves[1]
        output, last = torch.func.functional_call(layer, inner, (leaves[0], hx))
        return (output, *(last if isinstance(last, tuple) else (last,)))

    leaves = [leaf.detach().requires_grad_() for leaf in (*arguments, *weights)]
    assert torch.autograd.gradcheck(run, leaves, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, leaves, fast_mode=True)


@given(cases())
@settings(max_examples=40)
def test_a_layer_is_its_cell_step_by_step(case: Case) -> None:
    case.options.update(num_layers=1, bidirectional=False, batch_first=False)
    _, layer = case.pair()
    reset = {}
    if case.kind.endswith("GRU"):
        reset = {"reset_after": bool(case.seed % 2)}
        layer.reset_after = reset["reset_after"]
    if case.kind == "RNN":
        reset = {"nonlinearity": case.options["nonlinearity"]}
    cell = ours_of(case.kind.removeprefix("fast.") + "Cell")(
        *case.sizes, case.options["bias"], dtype=case.dtype, **reset
    )
    cell.load_state_dict({name[:-3]: weight for name, weight in layer.state_dict().items()})
    x, *states = case.arguments()
    results = call(layer, x, *states)
    state: Any = None
    if states:
        state = tuple(s[0] for s in states) if case.kind.endswith("LSTM") else states[0][0]
    for step, output in zip(x, results[0], strict=True):
        state = cell(step, state)
        h = state[0] if case.kind.endswith("LSTM") else state
        torch.testing.assert_close(output, h, rtol=1e-5, atol=1e-6)


@given(cases(), st.integers(1, 4))
@settings(max_examples=40)
def test_a_sequence_may_be_cut_when_the_state_is_carried_over(case: Case, cut: int) -> None:
    case.options.update(bidirectional=False, batch_first=False)
    _, layer = case.pair()
    x, *states = case.arguments()
    whole, *last = call(layer, x, *states)
    if cut >= len(x):
        return
    head, *middle = call(layer, x[:cut], *states)
    tail, *end = call(layer, x[cut:], *middle)
    torch.testing.assert_close(torch.cat([head, tail]), whole, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(end, last, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_the_two_places_of_the_reset_gate_differ(bias: bool, bidirectional: bool) -> None:
    torch.manual_seed(0)
    after = gated.GRU(3, 5, 2, bias=bias, bidirectional=bidirectional)
    before = gated.GRU(3, 5, 2, bias=bias, bidirectional=bidirectional, reset_after=False)
    before.load_state_dict(after.state_dict())
    x = torch.randn(6, 2, 3)
    assert (after(x)[0] - before(x)[0]).abs().max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_torch_s_recurrent_code_is_called(kind: str) -> None:
    class Called(TorchFunctionMode):
        def __init__(self) -> None:
            super().__init__()
            self.names: set[str] = set()

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            self.names.add(getattr(func, "__name__", ""))
            return func(*args, **(kwargs or {}))

    x = torch.randn(3, 1, 2)
    with Called() as ours:
        ours_of(kind)(2, 2)(x)
    with Called() as theirs:
        theirs_of(kind)(2, 2)(x)
    assert theirs.names & RECURRENT
    assert "linear" in ours.names
    assert not ours.names & RECURRENT


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_can_be_copied_moved_to_another_dtype_and_drawn_anew(kind: str) -> None:
    layer = ours_of(kind)(2, 3)
    twin = copy.deepcopy(layer).double()
    x = torch.randn(4, 1, 2)
    torch.testing.assert_close(twin(x.double())[0].float(), layer(x)[0], rtol=1e-5, atol=1e-6)
    twin.reset_parameters()
    assert not torch.equal(twin.weight_hh_l0.float(), layer.weight_hh_l0)
    assert twin.weight_hh_l0.abs().max() <= 3**-0.5


def test_the_reset_before_form_says_so() -> None:
    assert repr(gated.GRU(2, 3, reset_after=False)) == "GRU(2, 3, reset_after=False)"
