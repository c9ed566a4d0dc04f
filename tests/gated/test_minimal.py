"""minGRU and minLSTM: the scan is the loop, with a given state and without, however long."""

import copy
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, zeros
from torch.func import functional_call, jvp, vmap
from torch.nn.functional import logsigmoid
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gated.minimal import MinGRU, MinLSTM, _join, _join_any_number, _scan

Array = NDArray[np.float64]
KINDS: dict[str, Any] = {"MinGRU": MinGRU, "MinLSTM": MinLSTM}

every_kind = pytest.mark.parametrize("kind", KINDS)
both_ways = pytest.mark.parametrize("parallel", [False, True])


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def positive(a: Array) -> Array:
    return np.where(a >= 0, a + 0.5, sigmoid(a))


def min_gru(x: Array, h: Array, w_ih: Array, b_ih: Array) -> tuple[Array, Array]:
    """The paper's equations for one sequence."""
    (W_z, W_h), (b_z, b_h) = np.split(w_ih, 2), np.split(b_ih, 2)
    outputs = np.empty((len(x), len(h)))
    for t in range(len(x)):
        z = sigmoid(W_z @ x[t] + b_z)
        candidate = positive(W_h @ x[t] + b_h)
        h = (1 - z) * h + z * candidate
        outputs[t] = h
    return outputs, h


def min_lstm(x: Array, h: Array, w_ih: Array, b_ih: Array) -> tuple[Array, Array]:
    """The paper's equations for one sequence."""
    (W_i, W_f, W_h), (b_i, b_f, b_h) = np.split(w_ih, 3), np.split(b_ih, 3)
    outputs = np.empty((len(x), len(h)))
    for t in range(len(x)):
        f = sigmoid(W_f @ x[t] + b_f)
        i = sigmoid(W_i @ x[t] + b_i)
        candidate = positive(W_h @ x[t] + b_h)
        h = f / (f + i) * h + i / (f + i) * candidate
        outputs[t] = h
    return outputs, h


LOOPS = {"MinGRU": min_gru, "MinLSTM": min_lstm}


def looped(kind: str, layer: Any, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Run all layers, directions and sequences of the batch by the loops."""
    below = x.numpy()
    finals: list[Array] = []
    for number in range(layer.num_layers):
        outputs = []
        for end in ["", "_reverse"][: 1 + layer.bidirectional]:
            w_ih = getattr(layer, f"weight_ih_l{number}{end}").detach().numpy()
            b_ih = getattr(layer, f"bias_ih_l{number}{end}")
            b_ih = np.zeros(len(w_ih)) if b_ih is None else b_ih.detach().numpy()
            h, order = state[len(finals)].numpy(), -1 if end else 1
            runs = [LOOPS[kind](below[::order, n], h[n], w_ih, b_ih) for n in range(x.shape[1])]
            outputs.append(np.stack([output for output, _ in runs], axis=1)[::order])
            finals.append(np.stack([last for _, last in runs]))
        below = np.concatenate(outputs, axis=-1)
    return torch.from_numpy(below.copy()), torch.from_numpy(np.stack(finals))


def both(layer: Any, x: Any, h: Tensor | None = None) -> tuple[Any, Any]:
    """Run the layer step by step and at once."""
    results = []
    for parallel in (False, True):
        layer.parallel = parallel
        results.append(layer(x, h))
    return results[0], results[1]


def gradients(layer: Any, result: tuple[Tensor, Tensor], *more: Tensor) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    loss = zeros(())
    for value in result:
        noise = torch.randn(value.shape, generator=generator)
        loss = loss + (noise.to(value.dtype) * value).sum()
    return list(torch.autograd.grad(loss, [*layer.parameters(), *more]))


#: How a state is given: not at all, or as zeros, positive or of both signs.
STATES: dict[str, Callable[[Tensor], Tensor] | None] = {
    "none": None,
    "zero": torch.zeros_like,
    "positive": torch.abs,
    "any": torch.clone,
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Any, Tensor, Tensor | None]:
    """Draw a layer of float64, an input for it, and a state or none."""
    kind = draw(st.sampled_from(list(KINDS)))
    torch.manual_seed(draw(st.integers(0, 2**32)))
    inputs, hidden = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    layer = KINDS[kind](
        inputs,
        hidden,
        draw(st.integers(1, 2)),
        draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        dtype=torch.float64,
    )
    batch = draw(st.integers(1, 3))
    scale = draw(st.sampled_from([0, 1, 20]))
    x = scale * torch.randn(draw(st.integers(1, 20)), batch, inputs, dtype=torch.float64)
    rows = layer.num_layers * (1 + layer.bidirectional)
    make = STATES[draw(st.sampled_from(list(STATES)))]
    h = None if make is None else make(torch.randn(rows, batch, hidden, dtype=torch.float64))
    return kind, layer, x, h


@given(cases())
@settings(max_examples=60)
def test_both_ways_do_what_the_paper_s_equations_say(
    case: tuple[str, Any, Tensor, Tensor | None],
) -> None:
    kind, layer, x, h = case
    rows = layer.num_layers * (1 + layer.bidirectional)
    start = torch.zeros(rows, x.shape[1], layer.hidden_size, dtype=x.dtype) if h is None else h
    expected = looped(kind, layer, x, start)
    for result in both(layer, x, h):
        torch.testing.assert_close(result, expected, rtol=1e-11, atol=1e-12)


@given(cases())
@settings(max_examples=60)
def test_values_and_gradients_at_once_are_those_step_by_step(
    case: tuple[str, Any, Tensor, Tensor | None],
) -> None:
    _, layer, x, h = case
    leaves = [leaf.requires_grad_() for leaf in (x, h) if leaf is not None]
    steps, at_once = both(layer, *leaves)
    torch.testing.assert_close(at_once, steps, rtol=1e-11, atol=1e-12)
    expected, got = (gradients(layer, result, *leaves) for result in (steps, at_once))
    torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-11)


@every_kind
@both_ways
@pytest.mark.parametrize("state", STATES)
def test_gradients_of_first_and_second_order_are_right(
    kind: str, parallel: bool, state: str
) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](2, 2, bidirectional=True, parallel=parallel, dtype=torch.float64)
    names, weights = zip(*layer.named_parameters(), strict=True)
    make = STATES[state]
    arguments = [torch.randn(4, 1, 2, dtype=torch.float64)]
    if make is not None:
        arguments.append(make(torch.randn(2, 1, 2, dtype=torch.float64)))

    def run(*leaves: Tensor) -> tuple[Tensor, Tensor]:
        inner = dict(zip(names, leaves[len(arguments) :], strict=True))
        result: tuple[Tensor, Tensor] = functional_call(layer, inner, leaves[: len(arguments)])
        return result

    leaves = [leaf.detach().requires_grad_() for leaf in (*arguments, *weights)]
    assert torch.autograd.gradcheck(run, leaves, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, leaves, fast_mode=True)


@every_kind
@pytest.mark.parametrize(("length", "state"), [(1000, "none"), (1000, "positive"), (2500, "any")])
def test_long_sequences_keep_their_digits_in_float32(kind: str, length: int, state: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](4, 8)
    exact = copy.deepcopy(layer).double()
    make = STATES[state]
    x = 5 * torch.randn(length, 2, 4)
    leaves = [x] if make is None else [x, make(torch.randn(1, 2, 8))]
    doubles = [leaf.double().requires_grad_() for leaf in leaves]
    leaves = [leaf.requires_grad_() for leaf in leaves]
    exact.parallel = False
    expected = exact(*doubles)
    expected_gradients = gradients(exact, expected, *doubles)
    for result in both(layer, *leaves):
        got = [part.double() for part in result]
        torch.testing.assert_close(got, list(expected), rtol=2e-6, atol=1e-6)
        for mine, right in zip(gradients(layer, result, *leaves), expected_gradients, strict=True):
            assert (mine - right).abs().max() <= 1e-5 * right.abs().max()


def test_the_scan_keeps_digits_that_sums_of_logarithms_lose() -> None:
    torch.manual_seed(0)
    a = torch.randn(4096, 1, 50)
    log_keep, log_write = logsigmoid(a), logsigmoid(-a) + torch.randn(a.shape)
    h, outputs = torch.ones(1, 50).double(), []
    for keep, write in zip(log_keep.double().exp(), log_write.double().exp(), strict=True):
        h = keep * h + write
        outputs.append(h)
    right = torch.stack(outputs)
    total = log_keep.cumsum(0)
    log_values = torch.cat([zeros(1, 1, 50), log_write - total])
    summed = (total + log_values.logcumsumexp(0)[1:]).exp()
    scanned = _scan(log_keep, log_write, torch.ones(1, 50))
    errors = [((result - right) / right).abs().max().item() for result in (summed, scanned)]
    assert errors[0] > 1e-4
    assert errors[1] < 2e-6


@every_kind
@both_ways
def test_a_state_is_carried_over_from_one_part_to_the_next(kind: str, parallel: bool) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, parallel=parallel, dtype=torch.float64)
    x, h = torch.randn(9, 2, 3, dtype=torch.float64), -torch.rand(2, 2, 4, dtype=torch.float64)
    whole, last = layer(x, h)
    for cut in range(1, 9):
        head, middle = layer(x[:cut], h)
        tail, end = layer(x[cut:], middle)
        torch.testing.assert_close((torch.cat([head, tail]), end), (whole, last))


@every_kind
def test_a_given_state_of_zeros_is_no_given_state(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4)
    x = torch.randn(9, 2, 3)
    torch.testing.assert_close(layer(x, zeros(1, 2, 4)), layer(x), rtol=0, atol=0)


@every_kind
@both_ways
def test_shut_gates_neither_lose_the_state_nor_give_nan(kind: str, parallel: bool) -> None:
    layer = KINDS[kind](1, 1, bias=False, parallel=parallel)
    for gate in range(-1, 2):
        with torch.no_grad():
            layer.weight_ih_l0.fill_(1000.0 * gate)
        for sign in (-1.0, 1.0):
            x = torch.full((1000, 1, 1), sign, requires_grad=True)
            h = torch.tensor([[[3.0]]], requires_grad=True)
            output, h_n = layer(x, h)
            found = torch.autograd.grad(output.sum() + h_n.sum(), [x, h, *layer.parameters()])
            assert all(part.isfinite().all() for part in (output, *found))
    with torch.no_grad():
        layer.weight_ih_l0.copy_(
            torch.tensor([[-200.0], [200.0], [0.0]])[: len(layer.weight_ih_l0)]
        )
    assert layer(torch.ones(1000, 1, 1), h)[1].item() == 3


@given(
    kind=st.sampled_from(list(KINDS)),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    bidirectional=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=20)
def test_each_packed_sequence_is_run_as_if_it_were_alone(
    kind: str, lengths: list[int], bidirectional: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = KINDS[kind](2, 3, 2, bidirectional=bidirectional, dtype=torch.float64)
    x = torch.randn(max(lengths), len(lengths), 2, dtype=torch.float64)
    h = torch.randn(2 * (1 + bidirectional), len(lengths), 3, dtype=torch.float64)
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, h_n = layer(packed, h)
    padded, _ = pad_packed_sequence(output)
    for n, length in enumerate(lengths):
        alone, end = layer(x[:length, n], h[:, n])
        torch.testing.assert_close(padded[:length, n], alone)
        torch.testing.assert_close(h_n[:, n], end)


@every_kind
@both_ways
def test_batch_first_is_the_same_turned(kind: str, parallel: bool) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, bidirectional=True, parallel=parallel)
    x, h = torch.randn(5, 2, 3), torch.randn(2, 2, 4)
    output, h_n = layer(x, h)
    layer.batch_first = True
    turned, end = layer(x.transpose(0, 1), h)
    torch.testing.assert_close((turned.transpose(0, 1), end), (output, h_n), rtol=0, atol=0)


# torch makes its rules for forward mode with what it has itself deprecated.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")
@every_kind
@both_ways
def test_transforms_of_torch_func_go_through(kind: str, parallel: bool) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, parallel=parallel, dtype=torch.float64)
    x = torch.randn(2, 5, 3, dtype=torch.float64)
    batched, _ = vmap(layer)(x)
    torch.testing.assert_close(batched[1], layer(x[1])[0])
    slope = jvp(lambda value: layer(value)[0], (x[0],), (torch.ones_like(x[0]),))[1]
    step = 1e-6
    difference = layer(x[0] + step)[0] - layer(x[0] - step)[0]
    torch.testing.assert_close(slope, difference / (2 * step), rtol=1e-6, atol=1e-6)


@pytest.mark.usefixtures("unchecked_steps")
@every_kind
@both_ways
def test_a_compiled_layer_gives_what_the_layer_gives(kind: str, parallel: bool) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, bidirectional=True, parallel=parallel)
    x = torch.randn(3, 2, 3)
    torch.compiler.reset()
    compiled: Any = torch.compile(layer, backend="aot_eager", fullgraph=True)
    got, expected = compiled(x), layer(x)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(gradients(layer, got), gradients(layer, expected))


@given(length=st.integers(1, 70), seed=st.integers(0, 2**32))
@settings(max_examples=30)
def test_a_program_for_all_lengths_joins_the_same_steps(length: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logs = -5 * torch.rand(2, length, 2, 3, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(_join_any_number(*logs), _join(*logs), rtol=1e-12, atol=1e-12)


def exported(layer: Any, x: Tensor, strict: bool) -> Any:
    free = ({0: torch.export.Dim("time")},)
    return torch.export.export(layer, (x,), dynamic_shapes=free, strict=strict).module()


def through_onnx(layer: Any, x: Tensor) -> Callable[[Tensor], Any]:
    free = {"input": {0: torch.export.Dim("time")}}
    program = torch.onnx.export(layer.eval(), (x,), dynamo=True, dynamic_shapes=free, verbose=False)
    assert program is not None
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    return lambda x: tuple(
        torch.from_numpy(found) for found in session.run(None, {"input": x.numpy()})
    )


#: Ways to make a program of a layer from one run that leave the time free.
PROGRAMS: dict[str, Callable[[Any, Tensor], Any]] = {
    "traced": lambda layer, x: torch.jit.trace(layer, (x,)),
    "exported": lambda layer, x: exported(layer, x, strict=False),
    "exported line by line": lambda layer, x: exported(layer, x, strict=True),
    "exported to ONNX": through_onnx,
}


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@pytest.mark.usefixtures("unchecked_steps")
@pytest.mark.parametrize("program", PROGRAMS)
@every_kind
def test_a_program_with_free_time_is_right_at_every_length(kind: str, program: str) -> None:
    layer = KINDS[kind](2, 3)
    run = PROGRAMS[program](layer, torch.randn(5, 2, 2))
    for length in (1, 2, 5, 9, 70):
        x = torch.randn(length, 2, 2)
        torch.testing.assert_close(run(x), layer(x), rtol=1e-5, atol=1e-6)


@every_kind
def test_weights_are_named_and_drawn_as_in_torch(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, bidirectional=True)
    rows = 8 if kind == "MinGRU" else 12
    assert {name: tuple(weight.shape) for name, weight in layer.state_dict().items()} == {
        f"{name}_l{number}{end}": shape
        for number, width in enumerate((3, 8))
        for end in ("", "_reverse")
        for name, shape in (("weight_ih", (rows, width)), ("bias_ih", (rows,)))
    }
    assert all(0 < weight.abs().max() <= 0.5 for weight in layer.parameters())
    assert list(KINDS[kind](3, 4, bias=False).state_dict()) == ["weight_ih_l0"]


@every_kind
def test_a_layer_is_copied_saved_and_printed(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, batch_first=True)
    x = torch.randn(2, 5, 3)
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    for twin in (copy.deepcopy(layer), torch.load(file, weights_only=False)):
        torch.testing.assert_close(twin(x), layer(x), rtol=0, atol=0)
    assert repr(layer) == f"{kind}(3, 4, num_layers=2, batch_first=True)"
    assert repr(KINDS[kind](3, 4, parallel=False)) == f"{kind}(3, 4, parallel=False)"


@every_kind
@both_ways
def test_an_empty_batch_gives_an_empty_output(kind: str, parallel: bool) -> None:
    output, h_n = KINDS[kind](3, 4, parallel=parallel)(zeros(5, 0, 3))
    assert output.shape == (5, 0, 4)
    assert h_n.shape == (1, 0, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: MinGRU(3, 0), ValueError, "hidden_size must be at least 1, got 0"),
        (
            lambda: MinGRU(3, 4, parallel=1),  # type: ignore[arg-type]
            TypeError,
            "parallel must be True or False, got 1 (int)",
        ),
        (
            lambda: MinGRU(3, 5)(zeros(3)),
            ValueError,
            "MinGRU: input must be 2D or 3D, got 1D of shape (3,)",
        ),
        (
            lambda: MinLSTM(3, 5)(zeros(2, 7, 4)),
            RuntimeError,
            "MinLSTM: input.size(-1) must be equal to input_size = 3, got shape (2, 7, 4)",
        ),
        (
            lambda: MinLSTM(3, 5, batch_first=True)(zeros(7, 0, 3)),
            RuntimeError,
            "MinLSTM: Expected sequence length to be larger than 0 in RNN layers, "
            "got shape (7, 0, 3)",
        ),
        (
            lambda: MinGRU(3, 5)(zeros(2, 7, 3).double()),
            ValueError,
            "MinGRU: input must be torch.float32 like the weights, got torch.float64",
        ),
        (
            lambda: MinGRU(3, 5)(zeros(2, 7, 3), zeros(7, 5)),
            RuntimeError,
            "MinGRU: Expected hidden state hx of shape "
            "(num_layers * directions, batch, hidden_size) = (1, 7, 5), "
            "got (7, 5)",
        ),
        (
            lambda: MinLSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 5))),
            TypeError,
            "MinLSTM: hx must be a Tensor, got tuple",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
