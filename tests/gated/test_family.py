"""MGU, coupled-gate LSTM and peephole LSTM do what the equations of their papers say, in loops."""

import copy
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, zeros
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gated
from gated.family import MGU, CoupledLSTM, PeepholeLSTM

Array = NDArray[np.float64]
KINDS: dict[str, Any] = {"MGU": MGU, "CoupledLSTM": CoupledLSTM, "PeepholeLSTM": PeepholeLSTM}

every_kind = pytest.mark.parametrize("kind", KINDS)


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def mgu(x: Array, h: Array, w: dict[str, Array]) -> tuple[Array, ...]:
    """The equations with one matrix for [h, x], as the paper writes them, for one sequence."""
    hidden = len(h)
    W_f, W_h = np.split(np.hstack([w["weight_hh"], w["weight_ih"]]), 2)
    b_f, b_h = np.split(w["bias_ih"] + w["bias_hh"], 2)
    outputs = np.empty((len(x), hidden))
    for t in range(len(x)):
        f = sigmoid(W_f @ np.concatenate([h, x[t]]) + b_f)
        candidate = np.tanh(W_h @ np.concatenate([f * h, x[t]]) + b_h)
        h = (1 - f) * h + f * candidate
        outputs[t] = h
    return outputs, h


def coupled(x: Array, h: Array, c: Array, w: dict[str, Array]) -> tuple[Array, ...]:
    """The paper's i is ours with the sign of its pre-activation turned, and f = 1 - i."""
    W_f, W_g, W_o = np.split(w["weight_ih"], 3)
    R_f, R_g, R_o = np.split(w["weight_hh"], 3)
    b_f, b_g, b_o = np.split(w["bias_ih"] + w["bias_hh"], 3)
    outputs = np.empty((len(x), len(h)))
    for t in range(len(x)):
        i = sigmoid(-W_f @ x[t] - R_f @ h - b_f)
        g = np.tanh(W_g @ x[t] + R_g @ h + b_g)
        o = sigmoid(W_o @ x[t] + R_o @ h + b_o)
        c = g * i + c * (1 - i)
        h = np.tanh(c) * o
        outputs[t] = h
    return outputs, h, c


def peephole(x: Array, h: Array, c: Array, w: dict[str, Array]) -> tuple[Array, ...]:
    """The peepholes as the diagonals of matrices, and the output gate last."""
    W_i, W_f, W_g, W_o = np.split(w["weight_ih"], 4)
    R_i, R_f, R_g, R_o = np.split(w["weight_hh"], 4)
    P_i, P_f, P_o = (np.diag(part) for part in np.split(w["weight_ch"], 3))
    b_i, b_f, b_g, b_o = np.split(w["bias_ih"] + w["bias_hh"], 4)
    outputs = np.empty((len(x), len(h)))
    for t in range(len(x)):
        i = sigmoid(W_i @ x[t] + R_i @ h + P_i @ c + b_i)
        f = sigmoid(W_f @ x[t] + R_f @ h + P_f @ c + b_f)
        c = np.tanh(W_g @ x[t] + R_g @ h + b_g) * i + c * f
        h = sigmoid(W_o @ x[t] + R_o @ h + P_o @ c + b_o) * np.tanh(c)
        outputs[t] = h
    return outputs, h, c


LOOPS: dict[str, Callable[..., tuple[Array, ...]]] = {
    "MGU": mgu,
    "CoupledLSTM": coupled,
    "PeepholeLSTM": peephole,
}


def looped(kind: str, layer: Any, x: Tensor, states: list[Tensor]) -> list[Tensor]:
    """Run all layers, directions and sequences of the batch by the loops."""
    below, finals = x, []
    rows = iter(zip(*states, strict=True))
    for number in range(layer.num_layers):
        outputs = []
        for end in ["", "_reverse"][: 1 + layer.bidirectional]:
            suffix = f"_l{number}{end}"
            w = {
                name.removesuffix(suffix): weight.detach().numpy()
                for name, weight in layer.named_parameters()
                if name.endswith(suffix)
            }
            w = {"bias_ih": np.zeros(len(w["weight_ih"])), **w}
            w = {"bias_hh": np.zeros(len(w["weight_ih"])), **w}
            order = -1 if end else 1
            start = [state.numpy() for state in next(rows)]
            runs = [
                LOOPS[kind](below.numpy()[::order, n], *(state[n] for state in start), w)
                for n in range(x.shape[1])
            ]
            parts = [np.stack(part) for part in zip(*runs, strict=True)]
            outputs.append(torch.from_numpy(parts[0].swapaxes(0, 1)[::order].copy()))
            finals.append([torch.from_numpy(part) for part in parts[1:]])
        below = torch.cat(outputs, -1)
    return [below, *(torch.stack(parts) for parts in zip(*finals, strict=True))]


def call(layer: Any, x: Any, states: list[Tensor]) -> list[Any]:
    """Call a layer with a state alone or a pair; return output and states in a row."""
    hx: Any = None
    if states:
        hx = tuple(states) if len(states) == 2 else states[0]
    output, last = layer(x, hx)
    return [output, *(last if isinstance(last, tuple) else (last,))]


def drawn_states(kind: str, *shape: int) -> list[Tensor]:
    return list(torch.randn(1 if kind == "MGU" else 2, *shape, dtype=torch.float64))


@given(
    kind=st.sampled_from(list(KINDS)),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 2)),
    bias=st.booleans(),
    bidirectional=st.booleans(),
    time=st.integers(1, 5),
    batch=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=100)
def test_a_layer_does_what_the_paper_s_equations_say(
    kind: str,
    sizes: tuple[int, int, int],
    bias: bool,
    bidirectional: bool,
    time: int,
    batch: int,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    layer = KINDS[kind](*sizes, bias, bidirectional=bidirectional, dtype=torch.float64)
    x = 3 * torch.randn(time, batch, sizes[0], dtype=torch.float64)
    states = drawn_states(kind, sizes[2] * (1 + bidirectional), batch, sizes[1])
    expected = looped(kind, layer, x, states)
    torch.testing.assert_close(call(layer, x, states), expected, rtol=1e-12, atol=1e-12)
    layer.batch_first = True
    output, *last = call(layer, x.transpose(0, 1), states)
    torch.testing.assert_close(output, expected[0].transpose(0, 1), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(last, expected[1:], rtol=1e-12, atol=1e-12)


@every_kind
def test_gradients_of_first_and_second_order_are_right(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](2, 2, 2, bidirectional=True, dtype=torch.float64)
    arguments = [torch.randn(3, 1, 2, dtype=torch.float64), *drawn_states(kind, 4, 1, 2)]
    names, weights = zip(*layer.named_parameters(), strict=True)

    def run(*leaves: Tensor) -> list[Any]:
        inner = dict(zip(names, leaves[len(arguments) :], strict=True))
        states = leaves[1 : len(arguments)]
        hx = states[0] if kind == "MGU" else states
        output, last = functional_call(layer, inner, (leaves[0], hx))
        return [output, *(last if isinstance(last, tuple) else (last,))]

    leaves = [leaf.detach().requires_grad_() for leaf in (*arguments, *weights)]
    assert torch.autograd.gradcheck(run, leaves, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, leaves, fast_mode=True)


@given(
    kind=st.sampled_from(list(KINDS)),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    bidirectional=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_each_packed_sequence_is_run_as_if_it_were_alone(
    kind: str, lengths: list[int], bidirectional: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    layer = KINDS[kind](2, 3, 2, bidirectional=bidirectional, dtype=torch.float64)
    x = torch.randn(max(lengths), len(lengths), 2, dtype=torch.float64)
    states = drawn_states(kind, 2 * (1 + bidirectional), len(lengths), 3)
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, *last = call(layer, packed, states)
    padded, _ = pad_packed_sequence(output)
    for n, length in enumerate(lengths):
        alone, *end = call(layer, x[:length, n], [state[:, n] for state in states])
        torch.testing.assert_close(padded[:length, n], alone)
        torch.testing.assert_close([part[:, n] for part in last], end)


def test_without_peepholes_it_is_the_lstm() -> None:
    torch.manual_seed(0)
    layer = PeepholeLSTM(3, 4, 2, bidirectional=True)
    plain = torch.nn.LSTM(3, 4, 2, bidirectional=True)
    left_over = plain.load_state_dict(layer.state_dict(), strict=False)
    assert all(name.startswith("weight_ch_l") for name in left_over.unexpected_keys)
    assert len(left_over.unexpected_keys) == 4
    x = torch.randn(5, 2, 3)
    assert (layer(x)[0] - plain(x)[0]).abs().max() > 1e-3
    with torch.no_grad():
        for name in left_over.unexpected_keys:
            layer.get_parameter(name).zero_()
    torch.testing.assert_close(layer(x), plain(x), rtol=1e-5, atol=1e-6)


def test_the_coupled_lstm_is_the_lstm_whose_input_gate_is_the_forget_gate_turned() -> None:
    torch.manual_seed(0)
    layer = CoupledLSTM(3, 4, dtype=torch.float64)
    plain = torch.nn.LSTM(3, 4, dtype=torch.float64)
    for name, weight in layer.state_dict().items():
        f, g, o = weight.chunk(3)
        plain.state_dict()[name].copy_(torch.cat([-f, f, g, o]))
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x), plain(x), rtol=1e-12, atol=1e-12)


def test_the_mgu_is_the_gru_that_resets_and_writes_by_one_gate() -> None:
    torch.manual_seed(0)
    layer = MGU(3, 4, dtype=torch.float64)
    gru = gated.GRU(3, 4, reset_after=False, dtype=torch.float64)
    for name, weight in layer.state_dict().items():
        f, n = weight.chunk(2)
        gru.state_dict()[name].copy_(torch.cat([f, -f, n]))
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x), gru(x), rtol=1e-12, atol=1e-12)


def test_the_coupled_cell_stays_within_one_where_the_lstm_counts() -> None:
    ones = torch.full((50, 1, 1), 100.0)
    cells = []
    layers: list[Any] = [gated.LSTM(1, 1, bias=False), CoupledLSTM(1, 1, bias=False)]
    for layer in layers:
        with torch.no_grad():
            layer.weight_ih_l0.fill_(1.0)
        cells.append(layer(ones)[1][1].item())
    assert cells[0] == pytest.approx(50)
    assert cells[1] <= 1


@every_kind
def test_weights_are_named_and_drawn_as_in_torch(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, bidirectional=True)
    blocks = {"MGU": 2, "CoupledLSTM": 3, "PeepholeLSTM": 4}[kind]
    plain = torch.nn.LSTM(3, 4, 2, bidirectional=True).state_dict()
    shapes = {name: weight.shape for name, weight in layer.state_dict().items()}
    assert {name for name in shapes if "_ch_" not in name} == set(plain)
    for name, weight in plain.items():
        assert shapes[name] == (len(weight) // 4 * blocks, *weight.shape[1:])
    assert all(0 < weight.abs().max() <= 0.5 for weight in layer.parameters())
    assert [n for n, _ in KINDS[kind](3, 4, bias=False).named_parameters()][:2] == [
        "weight_ih_l0",
        "weight_hh_l0",
    ]


@pytest.mark.usefixtures("unchecked_steps")
@every_kind
def test_a_compiled_layer_gives_what_the_layer_gives(kind: str) -> None:
    torch.manual_seed(0)
    layer = KINDS[kind](3, 4, 2, bidirectional=True)
    x = torch.randn(3, 2, 3)
    torch.compiler.reset()
    compiled: Any = torch.compile(layer, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(call(compiled, x, []), call(layer, x, []))


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


@every_kind
def test_an_empty_batch_gives_an_empty_output(kind: str) -> None:
    output, *last = call(KINDS[kind](3, 4), torch.zeros(5, 0, 3), [])
    assert output.shape == (5, 0, 4)
    assert all(part.shape == (1, 0, 4) for part in last)


ERRORS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: MGU(0, 5), ValueError, "input_size must be at least 1, got 0"),
    (lambda: MGU(3, 5.0), TypeError, "hidden_size must be an int, got 5.0 (float)"),  # type: ignore[arg-type]
    (lambda: MGU(3, 5)(zeros(3)), ValueError, "MGU: input must be 2D or 3D, got 1D of shape (3,)"),
    (
        lambda: MGU(3, 5)(zeros(2, 7, 4)),
        RuntimeError,
        "MGU: input.size(-1) must be equal to input_size = 3, got shape (2, 7, 4)",
    ),
    (
        lambda: CoupledLSTM(3, 5)(zeros(0, 7, 3)),
        RuntimeError,
        "CoupledLSTM: Expected sequence length to be larger than 0 in RNN layers, "
        "got shape (0, 7, 3)",
    ),
    (
        lambda: CoupledLSTM(3, 5)(zeros(2, 7, 3).double()),
        ValueError,
        "CoupledLSTM: input must be torch.float32 like the weights, got torch.float64",
    ),
    (
        lambda: MGU(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 5))),
        TypeError,
        "MGU: hx must be a Tensor, got tuple",
    ),
    (
        lambda: PeepholeLSTM(3, 5)(zeros(2, 7, 3), zeros(1, 7, 5)),
        TypeError,
        "PeepholeLSTM: hx must be a pair of tensors (h, c), got Tensor",
    ),
    (
        lambda: PeepholeLSTM(3, 5)(zeros(2, 7, 3), (zeros(1, 7, 5), zeros(1, 7, 4))),
        RuntimeError,
        "PeepholeLSTM: Expected hidden state hx[1] of shape "
        "(num_layers * directions, batch, hidden_size) = "
        "(1, 7, 5), got (1, 7, 4)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
