"""Probes see what equations written out see, and their gradients are autograd's."""

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn, sigmoid, tanh, zeros
from torch.autograd.functional import jacobian
from torch.nn.utils import parametrizations, prune, weight_norm
from torch.nn.utils.rnn import pack_sequence

import gated
from gated.probes import (
    GRUGates,
    LSTMGates,
    StepJacobians,
    end_gradient_norms,
    geometric_mean,
    half_life,
    loss_gradient_norms,
    products_to_end,
    record_gates,
    step_jacobians,
)

PROBES: list[Callable[..., object]] = [
    record_gates,
    lambda layer, input, hx=None: loss_gradient_norms(layer, input, torch.sum, hx),
    end_gradient_norms,
    step_jacobians,
]

#: Which parts of a step may pass a gradient on to the state before; "" stands for the kept state.
PARTS = {
    "GRU": ("keep", "candidate", "reset", "update"),
    "LSTM": ("keep", "candidate", "input", "forget", "output"),
}


def step_by_hand(
    layer: Any, k: int, x: Tensor, h: Tensor, c: Tensor | None, open_part: str = "all"
) -> dict[str, Tensor]:
    """Take one step, each gate from matrices of its own; block the gradient of all other parts."""

    def part(name: str, value: Tensor) -> Tensor:
        return value if open_part in ("all", name) else value.detach()

    def blocks(name: str, count: int) -> list[Any]:
        weight = getattr(layer, f"{name}_l{k}", None)
        return [0.0] * count if weight is None else list(weight.chunk(count))

    count = 3 if c is None else 4
    wi, wh, bi, bh = (
        blocks(name, count) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    x_in = [x @ wi[gate].T + bi[gate] for gate in range(count)]

    def from_h(gate: int, h: Tensor) -> Any:
        return h @ wh[gate].T + bh[gate]

    if c is None:
        r = part("reset", sigmoid(x_in[0] + from_h(0, h)))
        z = part("update", sigmoid(x_in[1] + from_h(1, h)))
        if getattr(layer, "reset_after", True):
            n = tanh(x_in[2] + r * part("candidate", from_h(2, h)))
        else:
            n = tanh(x_in[2] + from_h(2, r * part("candidate", h)))
        return {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * part("keep", h)}
    i = part("input", sigmoid(x_in[0] + from_h(0, h)))
    f = part("forget", sigmoid(x_in[1] + from_h(1, h)))
    g = part("candidate", tanh(x_in[2] + from_h(2, h)))
    o = part("output", sigmoid(x_in[3] + from_h(3, h)))
    c = f * part("keep", c) + i * g
    return {"i": i, "f": f, "g": g, "o": o, "h": o * tanh(c), "c": c}


@dataclass(frozen=True)
class Case:
    kind: str
    module: Any
    options: dict[str, Any]
    with_state: bool
    seed: int

    def build(self) -> tuple[Any, Tensor, Any]:
        """Build a layer, an input and an initial state or None."""
        torch.manual_seed(self.seed)
        layer = getattr(self.module, self.kind)(2, 3, **self.options, dtype=torch.float64)
        shape = (2, 4, 2) if layer.batch_first else (4, 2, 2)
        start = [torch.randn(layer.num_layers, 2, 3, dtype=torch.float64) for _ in range(2)]
        hx = None
        if self.with_state:
            hx = start[0] if self.kind == "GRU" else tuple(start)
        return layer, torch.randn(shape, dtype=torch.float64), hx


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(["GRU", "LSTM"]))
    module = draw(st.sampled_from([gated, torch.nn]))
    options = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
    }
    if kind == "GRU" and module is gated:
        options["reset_after"] = draw(st.booleans())
    return Case(kind, module, options, draw(st.booleans()), draw(st.integers(0, 2**32)))


def starts(layer: Any, input: Tensor, hx: Any) -> tuple[Tensor, list[Tensor]]:
    """Return the input with time first, and the parts of the initial state."""
    x = input.transpose(0, 1) if layer.batch_first else input
    if hx is None:
        empty = x.new_zeros(layer.num_layers, x.shape[1], layer.hidden_size)
        return x, [empty] * (2 if isinstance(layer, gated.LSTM | nn.LSTM) else 1)
    return x, list(hx) if isinstance(hx, tuple) else [hx]


def run_by_hand(
    layer: Any, input: Tensor, hx: Any, nudges: dict[str, Tensor] | None = None
) -> dict[str, Tensor]:
    """Run all layers; nudges, one for each layer and step, are added to states once computed."""
    x, parts = starts(layer, input, hx)
    layers = []
    for k in range(layer.num_layers):
        h, c = parts[0][k], parts[1][k] if len(parts) == 2 else None
        steps = []
        for t in range(len(x)):
            step = step_by_hand(layer, k, x[t], h, c)
            if nudges is not None and c is not None:
                step["c"] = step["c"] + nudges["c"][k, t]
                step["h"] = step["o"] * tanh(step["c"])
            if nudges is not None:
                step["h"] = step["h"] + nudges["h"][k, t]
            h, c = step["h"], step.get("c")
            steps.append(step)
        layers.append({name: torch.stack([step[name] for step in steps]) for name in steps[0]})
        x = layers[-1]["h"]
    return {name: torch.stack([found[name] for found in layers]) for name in layers[0]}


def no_nudges(layer: Any, input: Tensor) -> dict[str, Tensor]:
    time, batch = input.shape[:2] if not layer.batch_first else input.shape[1::-1]
    shape = (layer.num_layers, time, batch, layer.hidden_size)
    return {name: zeros(shape, dtype=input.dtype, requires_grad=True) for name in ("h", "c")}


@given(cases())
@settings(max_examples=60)
def test_every_gate_is_that_of_steps_by_hand(case: Case) -> None:
    layer, input, hx = case.build()
    record = record_gates(layer, input, hx)
    expected = run_by_hand(layer, input, hx)
    assert type(record) is (GRUGates if case.kind == "GRU" else LSTMGates)
    assert {*vars(record)} == {*expected}
    for name, value in vars(record).items():
        torch.testing.assert_close(value, expected[name], rtol=1e-12, atol=1e-12)
        assert not value.requires_grad


@given(cases())
@settings(max_examples=30)
def test_recorded_states_are_those_that_the_layer_returns(case: Case) -> None:
    layer, input, hx = case.build()
    record = record_gates(layer, input, hx)
    output, last = layer(input, hx)
    got = record.h[-1].transpose(0, 1) if layer.batch_first else record.h[-1]
    torch.testing.assert_close(got, output, rtol=1e-12, atol=1e-12)
    finals = last if isinstance(record, LSTMGates) else (last,)
    kept = (record.h, record.c) if isinstance(record, LSTMGates) else (record.h,)
    for states, final in zip(kept, finals, strict=True):
        torch.testing.assert_close(states[:, -1], final, rtol=1e-12, atol=1e-12)


def test_cells_of_gated_take_the_recorded_steps() -> None:
    torch.manual_seed(0)
    gru, lstm = torch.nn.GRU(2, 3), torch.nn.LSTM(2, 3)
    gru_cell, lstm_cell = gated.GRUCell(2, 3), gated.LSTMCell(2, 3)
    for cell, layer in ((gru_cell, gru), (lstm_cell, lstm)):
        cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x = torch.randn(6, 4, 2)
    states = record_gates(gru, x).h[0]
    both = record_gates(lstm, x)
    for t in range(1, 6):
        torch.testing.assert_close(gru_cell(x[t], states[t - 1]), states[t])
        after = lstm_cell(x[t], (both.h[0, t - 1], both.c[0, t - 1]))
        torch.testing.assert_close(after, (both.h[0, t], both.c[0, t]))


@given(cases())
@settings(max_examples=40)
def test_loss_gradients_are_those_of_a_nudge_to_each_state(case: Case) -> None:
    layer, input, hx = case.build()

    def loss(output: Tensor) -> Tensor:
        output = output.transpose(0, 1) if layer.batch_first else output
        return output.square().sum() + output[1].sin().sum()

    norms = loss_gradient_norms(layer, input, loss, hx)
    nudges = no_nudges(layer, input)
    output = run_by_hand(layer, input, hx, nudges)["h"][-1]
    number = loss(output.transpose(0, 1) if layer.batch_first else output)
    for name in ("h", "c") if case.kind == "LSTM" else ("h",):
        (gradient,) = torch.autograd.grad(number, nudges[name], retain_graph=True)
        expected = gradient.square().sum(-1).sqrt()
        torch.testing.assert_close(getattr(norms, name), expected, rtol=1e-10, atol=1e-12)
    assert (norms.c is None) == (case.kind == "GRU")


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_a_loss_knows_nothing_of_the_steps_after_the_one_it_reads(kind: str) -> None:
    layer = getattr(gated, kind)(2, 3, 2)
    norms = loss_gradient_norms(layer, torch.randn(6, 4, 2), lambda output: output[2].sum())
    assert norms.h.shape == (2, 6, 4)
    assert norms.h[:, :3].all()
    assert not norms.h[:, 3:].any()


@given(cases())
@settings(max_examples=25)
def test_end_gradients_are_those_of_a_nudge_to_each_input_and_state(case: Case) -> None:
    layer, input, hx = case.build()
    norms = end_gradient_norms(layer, input, hx)
    nudges = no_nudges(layer, input)

    def end(input: Tensor, h: Tensor, c: Tensor) -> Tensor:
        return run_by_hand(layer, input, hx, {"h": h, "c": c})["h"][-1, -1]

    from_x, from_h, from_c = jacobian(end, (input, nudges["h"], nudges["c"]))
    if layer.batch_first:
        from_x = from_x.transpose(2, 3)
    for name, found in [("x", from_x[:, :, None]), ("h", from_h), ("c", from_c)]:
        got = getattr(norms, name)
        if name == "c" and case.kind == "GRU":
            assert got is None
            continue
        # (batch, hidden, layers, time, batch, features): only a sequence's own is not zero.
        own = torch.stack([found[b, :, :, :, b] for b in range(2)]).permute(2, 3, 0, 1, 4)
        expected = torch.linalg.svdvals(own)[..., 0]
        expected = expected[0] if name == "x" else expected
        torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-12)


def whole_step(layer: Any, k: int, x: Tensor, open_part: str = "all") -> Callable[..., Tensor]:
    """Return the step from the whole state, h and for the LSTM c beside it, to the next."""

    def step(state: Tensor) -> Tensor:
        h, *c = state.split(layer.hidden_size, dim=-1)
        after = step_by_hand(layer, k, x, h, c[0] if c else None, open_part)
        return torch.cat([after["h"], after["c"]] if c else [after["h"]], dim=-1)

    return step


@given(cases())
@settings(max_examples=30)
def test_each_term_of_a_jacobian_is_autograd_s_and_they_add_up(case: Case) -> None:
    layer, input, hx = case.build()
    found = step_jacobians(layer, input, hx)
    terms = {"keep": found.keep, "candidate": found.candidate, **found.gates}
    assert sorted(terms) == sorted(PARTS[case.kind])
    record = run_by_hand(layer, input, hx)
    x, parts = starts(layer, input, hx)
    for k in range(layer.num_layers):
        for t in (0, 1, 3):
            names = ("h", "c")[: len(parts)]
            before = [
                record[name][k, t - 1] if t else part[k]
                for name, part in zip(names, parts, strict=True)
            ]
            state = torch.cat(before, dim=-1)
            below = x[t] if k == 0 else record["h"][k - 1, t]
            for b in range(2):
                for name, term in [*terms.items(), ("all", found.whole)]:
                    expected = jacobian(whole_step(layer, k, below[b], name), state[b])
                    torch.testing.assert_close(term[k, t, b], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_the_product_of_all_jacobians_is_the_gradient_of_the_layer_of_torch(kind: str) -> None:
    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(2, 3, dtype=torch.float64)
    x = torch.randn(7, 1, 2, dtype=torch.float64)
    products = products_to_end(step_jacobians(layer, x).whole)
    record = record_gates(layer, x)
    for t in range(1, 7):

        def end(state: Tensor, t: int = t) -> Any:
            h, *c = state.split(3)
            if not c:
                return layer(x[t:], h.view(1, 1, 3))[1].flatten()
            _, last = layer(x[t:], (h.view(1, 1, 3), c[0].view(1, 1, 3)))
            return torch.cat([part.flatten() for part in last])

        names = ("h", "c")[: 1 if kind == "GRU" else 2]
        state = torch.cat([getattr(record, name)[0, t - 1, 0] for name in names])
        torch.testing.assert_close(products[0, t, 0], jacobian(end, state), rtol=1e-10, atol=1e-14)


def test_norms_at_the_end_are_those_of_the_products() -> None:
    torch.manual_seed(0)
    layer = gated.GRU(2, 3, dtype=torch.float64)
    x = torch.randn(7, 4, 2, dtype=torch.float64)
    products = products_to_end(step_jacobians(layer, x).whole)
    norms = end_gradient_norms(layer, x).h
    torch.testing.assert_close(norms[:, :-1], torch.linalg.matrix_norm(products[:, 1:], ord=2))
    torch.testing.assert_close(norms[:, -1], torch.ones(1, 4, dtype=torch.float64))


def test_what_is_kept_to_the_end_is_the_product_of_the_gates_that_keep() -> None:
    torch.manual_seed(0)
    x = torch.randn(7, 4, 2, dtype=torch.float64)
    gru, lstm = (getattr(gated, kind)(2, 3, 2, dtype=torch.float64) for kind in ("GRU", "LSTM"))
    kept_h = products_to_end(step_jacobians(gru, x).keep)
    kept_c = products_to_end(step_jacobians(lstm, x).keep)[..., 3:, 3:]
    for kept, gate in [(kept_h, record_gates(gru, x).z), (kept_c, record_gates(lstm, x).f)]:
        expected = gate.flip(1).cumprod(1).flip(1).diag_embed()
        torch.testing.assert_close(kept, expected, rtol=1e-12, atol=1e-15)


def test_padding_at_the_end_leaves_what_is_found_before_it() -> None:
    torch.manual_seed(0)
    layer = gated.LSTM(2, 3, 2)
    x = torch.randn(6, 1, 2)
    short = (*astuple(record_gates(layer, x[:4])), step_jacobians(layer, x[:4]).whole)
    padded = (*astuple(record_gates(layer, x)), step_jacobians(layer, x).whole)
    for alone, part in zip(short, padded, strict=True):
        torch.testing.assert_close(part[:, :4], alone)


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_a_probe_changes_nothing_and_works_on_frozen_weights(kind: str) -> None:
    layer = getattr(torch.nn, kind)(2, 3, 2, dropout=0.5)
    x = torch.randn(5, 2, 2)
    expected = [probe(layer, x) for probe in PROBES]
    before = torch.random.get_rng_state()
    layer.requires_grad_(False)
    with torch.no_grad():
        found = [probe(layer, x) for probe in PROBES]
    for probed, same in zip(found, expected, strict=True):
        torch.testing.assert_close(vars(probed), vars(same), rtol=0, atol=0)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not x.requires_grad
    assert layer.training


def test_a_probe_leaves_the_gradients_of_weights_and_input_alone() -> None:
    layer, x = gated.LSTM(2, 3), torch.randn(5, 2, 2, requires_grad=True)
    for probe in PROBES:
        probe(layer, x * 2)
    assert [part.grad for part in (x, *layer.parameters())] == [None] * 5


@pytest.mark.parametrize("kind", ["torch.nn.GRU", "torch.nn.LSTM", "gated.GRU", "gated.LSTM"])
def test_neither_mixed_precision_nor_inference_mode_changes_what_is_found(kind: str) -> None:
    torch.manual_seed(0)
    library, _, name = kind.rpartition(".")
    layer = getattr(nn if library == "torch.nn" else gated, name)(2, 3, 2)
    x, h = torch.randn(5, 2, 2).bfloat16(), torch.randn(2, 2, 3)
    hx = (h, h) if name == "LSTM" else h
    for probe in PROBES:
        expected: Any = probe(layer, x.float(), hx)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed: Any = probe(layer, x, hx)
        with torch.inference_mode():
            made_here = (h.clone(), h.clone()) if name == "LSTM" else h.clone()
            inferred: Any = probe(layer, x.float(), made_here)
        torch.testing.assert_close(vars(mixed), vars(expected), rtol=0, atol=0)
        torch.testing.assert_close(vars(inferred), vars(expected))


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm`:FutureWarning")
@pytest.mark.parametrize("kind", ["torch.nn.GRU", "torch.nn.LSTM", "gated.GRU", "gated.LSTM"])
@pytest.mark.parametrize(
    "compute",
    [
        lambda layer, name: prune.l1_unstructured(layer, name, 0.5),
        lambda layer, name: weight_norm(layer, name),
        lambda layer, name: parametrizations.weight_norm(layer, name),
    ],
    ids=["pruned", "norm by hook", "norm"],
)
def test_computed_weights_are_probed_as_the_layer_will_compute_them(
    kind: str, compute: Callable[..., object]
) -> None:
    library, _, name = kind.rpartition(".")
    layer = getattr(nn if library == "torch.nn" else gated, name)(2, 3)
    compute(layer, "weight_hh_l0")
    with torch.no_grad():
        for weight in layer.parameters():
            weight *= 2
    x = torch.randn(5, 2, 2)
    torch.testing.assert_close(record_gates(layer, x).h[0], layer(x)[0])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_a_layer_in_half_precision_can_be_probed(kind: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    layer, x = getattr(gated, kind)(2, 3).to(dtype), torch.randn(5, 2, 2).to(dtype)
    found = [vars(probe(layer, x)) for probe in PROBES]
    expected = [vars(probe(layer.float(), x.float())) for probe in PROBES]
    torch.testing.assert_close(found, expected, rtol=0.1, atol=0.05, check_dtype=False)
    assert found[2]["x"].dtype == dtype


def test_dropout_is_left_out() -> None:
    layer, x = nn.GRU(2, 3, 2, dropout=0.5), torch.randn(5, 2, 2)
    states = record_gates(layer, x).h[-1]
    torch.testing.assert_close(states, layer.eval()(x)[0])


def test_no_sequences_give_empty_results() -> None:
    layer, x = gated.LSTM(2, 3), zeros(4, 0, 2)
    assert record_gates(layer, x).f.shape == (1, 4, 0, 3)
    assert end_gradient_norms(layer, x).x.shape == (4, 0)
    assert loss_gradient_norms(layer, x, torch.sum).h.shape == (1, 4, 0)
    assert step_jacobians(layer, x).whole.shape == (1, 4, 0, 6, 6)


@given(st.floats(0.001, 0.999))
def test_after_its_half_life_half_of_a_value_is_left(z: float) -> None:
    steps = half_life(torch.tensor(z, dtype=torch.float64)).item()
    assert z**steps == pytest.approx(0.5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_gate_that_is_wide_open_keeps_for_ever_and_a_closed_one_for_no_step(
    dtype: torch.dtype,
) -> None:
    assert half_life(torch.tensor([0.0, 0.5, 1.0], dtype=dtype)).tolist() == [0.0, 1.0, math.inf]


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=8))
def test_the_geometric_mean_kept_at_every_step_keeps_what_the_gate_keeps(z: list[float]) -> None:
    gate = torch.tensor(z, dtype=torch.float64)
    mean = geometric_mean(gate.view(-1, 1, 1))
    assert mean.shape == (1, 1)
    assert mean.item() ** len(z) == pytest.approx(gate.prod().item())


def test_the_geometric_mean_is_over_time_unless_told_otherwise() -> None:
    gate = torch.rand(2, 5, 3, 4)
    assert geometric_mean(gate).shape == (2, 3, 4)
    torch.testing.assert_close(geometric_mean(gate), gate.prod(1) ** (1 / 5))
    torch.testing.assert_close(geometric_mean(gate, (1, 2)), gate.prod(1).prod(1) ** (1 / 15))
    assert geometric_mean(torch.tensor([1.0, 0.0]), 0) == 0


def test_a_record_cannot_be_changed() -> None:
    record = record_gates(gated.GRU(2, 3), zeros(4, 1, 2))
    with pytest.raises(AttributeError):
        record.z = zeros(1)  # type: ignore[misc]


def test_jacobians_name_their_gates() -> None:
    gru = step_jacobians(gated.GRU(2, 3), zeros(4, 1, 2))
    lstm = step_jacobians(gated.LSTM(2, 3), zeros(4, 1, 2))
    assert isinstance(gru, StepJacobians)
    assert [*gru.gates] == ["reset", "update"]
    assert [*lstm.gates] == ["input", "forget", "output"]


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize(
    ("build", "arguments", "error", "message"),
    [
        (
            lambda: nn.RNN(2, 3),
            (zeros(4, 1, 2),),
            TypeError,
            "layer must be a GRU or an LSTM of gated or torch.nn, got RNN",
        ),
        (
            lambda: gated.GRUCell(2, 3),
            (zeros(4, 1, 2),),
            TypeError,
            "layer must be a GRU or an LSTM of gated or torch.nn, got GRUCell",
        ),
        (
            lambda: gated.GRU(2, 3, bidirectional=True),
            (zeros(4, 1, 2),),
            ValueError,
            "layer must have one direction, got bidirectional=True",
        ),
        (
            lambda: nn.LSTM(2, 3, proj_size=1),
            (zeros(4, 1, 2),),
            ValueError,
            "layer must have no projection, got proj_size=1",
        ),
        (
            lambda: gated.GRU(2, 3),
            (pack_sequence([zeros(4, 2)]),),
            TypeError,
            "GRU: input must be a Tensor, got PackedSequence",
        ),
        (
            lambda: gated.GRU(2, 3),
            (zeros(4, 2),),
            ValueError,
            "GRU: input must be 3D, got 2D of shape (4, 2)",
        ),
        (
            lambda: nn.LSTM(2, 3),
            (zeros(4, 1, 3),),
            RuntimeError,
            "LSTM: input.size(-1) must be equal to input_size = 2, got shape (4, 1, 3)",
        ),
        (
            lambda: gated.LSTM(2, 3),
            (zeros(4, 1, 2).double(),),
            ValueError,
            "LSTM: input must be torch.float32 like the weights, got torch.float64",
        ),
        (
            lambda: nn.GRU(2, 3, batch_first=True),
            (zeros(1, 0, 2),),
            RuntimeError,
            "GRU: input must have at least one time step, got shape (1, 0, 2)",
        ),
        (
            lambda: gated.GRU(2, 3),
            (zeros(4, 1, 2), (zeros(1, 1, 3), zeros(1, 1, 3))),
            TypeError,
            "GRU: hx must be a Tensor, got tuple",
        ),
        (
            lambda: gated.GRU(2, 3, 2),
            (zeros(4, 1, 2), zeros(1, 1, 3)),
            RuntimeError,
            "GRU: Expected hidden state hx of shape "
            "(num_layers, batch, hidden_size) = (2, 1, 3), got (1, 1, 3)",
        ),
        (
            lambda: nn.LSTM(2, 3),
            (zeros(4, 1, 2), zeros(2, 1, 3)),
            TypeError,
            "LSTM: hx must be a pair of tensors (h, c), got Tensor",
        ),
        (
            lambda: nn.LSTM(2, 3),
            (zeros(4, 1, 2), (zeros(1, 1, 3), zeros(1, 1, 3).double())),
            RuntimeError,
            "LSTM: hx[1] must be torch.float32 like the weights, got torch.float64",
        ),
    ],
)
def test_every_probe_refuses_what_it_does_not_support(
    probe: Callable[..., object],
    build: Callable[[], nn.Module],
    arguments: tuple[Any, ...],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error) as raised:
        probe(build(), *arguments)
    assert str(raised.value) == message
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: loss_gradient_norms(gated.GRU(2, 3), zeros(4, 1, 2), lambda h: h.sum(-1)),
            ValueError,
            "loss must return one number, got shape (4, 1)",
        ),
        (
            lambda: products_to_end([zeros(4, 1, 2, 2)]),  # type: ignore[arg-type]
            TypeError,
            "jacobians must be a Tensor, got list",
        ),
        (
            lambda: products_to_end(zeros(4, 2, 2)),
            ValueError,
            "jacobians must be at least 4D, got 3D of shape (4, 2, 2)",
        ),
        (
            lambda: products_to_end(zeros(4, 1, 2, 3)),
            RuntimeError,
            "jacobians must have shape (..., time, batch, S, S) with at least one time step, "
            "got (4, 1, 2, 3)",
        ),
        (
            lambda: products_to_end(zeros(0, 1, 2, 2)),
            RuntimeError,
            "jacobians must have shape (..., time, batch, S, S) with at least one time step, "
            "got (0, 1, 2, 2)",
        ),
        (
            lambda: half_life(0.5),  # type: ignore[arg-type]
            TypeError,
            "kept must be a Tensor, got float",
        ),
        (
            lambda: half_life(torch.tensor([0.5, -0.25])),
            ValueError,
            "kept must be from 0 to 1, got -0.25",
        ),
        (
            lambda: geometric_mean(torch.tensor([[1.5, math.nan]])),
            ValueError,
            "gate must be from 0 to 1, got 1.5",
        ),
        (
            lambda: half_life(torch.tensor(math.nan)),
            ValueError,
            "kept must be from 0 to 1, got nan",
        ),
    ],
)
def test_an_error_says_what_came_and_what_was_expected(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        call()
    assert str(raised.value) == message
    assert type(raised.value) is error
