r"""Look into a GRU or an LSTM while it runs: gates, gradients over time, and what they consist of.

All functions take a layer of `gated` or of `torch.nn`, a GRU or an LSTM of any number of layers,
and use its weights alone: they run through the input by themselves, step by step as
[`GRUCell`][gated.GRUCell] and [`LSTMCell`][gated.LSTMCell] do, and change nothing. Under
`torch.autocast` they keep the precision of the weights, and under `torch.inference_mode` they
still find gradients.

The input is (time, batch, input_size), or (batch, time, input_size) where the layer is
`batch_first`, and the initial state is as for the layer. In the results time always comes before
the batch. The update gate $z$ KEEPS the past, as the forget gate $f$ does.

Not supported, and refused: two directions, projections, packed sequences and input without a
batch. Dropout between layers is left out, as in evaluation. In a padded batch, what is found at the
real steps is right as long as nothing is asked of the padding: a loss has to leave it out, and the
last state and the products to the end are those of the last step, real or not.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.weight_norm import WeightNorm

from gated import cells
from gated.checks import check_features, check_like, check_pair, check_rank, check_state, is_mixed
from gated.layers import GRU, LSTM

AnyGRU = GRU | nn.GRU
AnyLSTM = LSTM | nn.LSTM
AnyLayer = AnyGRU | AnyLSTM
#: (h,), or (h, c) for the LSTM.
State = tuple[Tensor, ...]
#: An initial state as users give it: h for the GRU, the pair (h, c) for the LSTM.
Start = Tensor | tuple[Tensor, Tensor] | None


@dataclass(frozen=True)
class GRUGates:
    """Every gate of a GRU at every step, each (num_layers, time, batch, hidden_size).

    Attributes:
        r: The reset gate.
        z: The update gate, which keeps the past where it is one.
        n: The candidate.
        h: The state after the step.
    """

    r: Tensor
    z: Tensor
    n: Tensor
    h: Tensor


@dataclass(frozen=True)
class LSTMGates:
    """Every gate of an LSTM at every step, each (num_layers, time, batch, hidden_size).

    Attributes:
        i: The input gate.
        f: The forget gate, which keeps the cell state where it is one.
        g: The candidate.
        o: The output gate.
        h: The hidden state after the step.
        c: The cell state after the step.
    """

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    h: Tensor
    c: Tensor


@dataclass(frozen=True)
class LossGradientNorms:
    """How strongly a loss depends on each state.

    Attributes:
        h: For the hidden state after each step: (num_layers, time, batch).
        c: The same for the LSTM's cell state; None for the GRU.
    """

    h: Tensor
    c: Tensor | None


@dataclass(frozen=True)
class EndGradientNorms:
    """How strongly the last state depends on each input and on each state before.

    Attributes:
        x: For the input of each step: (time, batch).
        h: For the hidden state after each step: (num_layers, time, batch).
        c: The same for the LSTM's cell state; None for the GRU.
    """

    x: Tensor
    h: Tensor
    c: Tensor | None


@dataclass(frozen=True)
class StepJacobians:
    r"""The terms of the Jacobian of each step, which add up to the whole.

    Each is (num_layers, time, batch, S, S), with S the size of the whole state: hidden_size for the
    GRU, and 2 * hidden_size for the LSTM, whose state is $h$ and below it $c$. Rows belong to the
    state after the step, columns to that before.

    Attributes:
        keep: Through what is kept: by $z$, or from $c$ by $f$.
        candidate: Through the candidate, $n$ or $g$.
        gates: Through the gates: "reset" and "update", or "input", "forget" and "output".
        whole: The sum of all.
    """

    keep: Tensor
    candidate: Tensor
    gates: dict[str, Tensor]

    @property
    def whole(self) -> Tensor:
        return self.keep + self.candidate + sum(self.gates.values())


@overload
def record_gates(layer: AnyGRU, input: Tensor, hx: Tensor | None = None) -> GRUGates: ...
@overload
def record_gates(
    layer: AnyLSTM, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
) -> LSTMGates: ...
def record_gates(layer: AnyLayer, input: Tensor, hx: Start = None) -> GRUGates | LSTMGates:
    """Run a layer and record its gates and states at every step; the results have no gradient.

    Args:
        layer: A GRU or an LSTM of `gated` or of `torch.nn`, in one direction.
        input: (time, batch, input_size), or with `batch_first` (batch, time, input_size).
        hx: The initial state, by default zeros: h, or the pair (h, c) for the LSTM, each
            (num_layers, batch, hidden_size).

    Raises:
        TypeError: a layer or a state of another kind, an input that is not a tensor.
        ValueError: a layer with two directions or a projection, an input of another rank or dtype.
        RuntimeError: a tensor of another size or device, no time step, a state of another dtype.
    """
    x, starts = _begin(layer, input, hx)
    with torch.no_grad(), _unmixed(x):
        paths = _follow(layer, x, starts)
        gates = [torch.stack(gate) for gate in zip(*(path.gates() for path in paths), strict=True)]
        states = [torch.stack([path.after(k) for path in paths]) for k in range(len(starts))]
    return (LSTMGates if isinstance(layer, AnyLSTM) else GRUGates)(*gates, *states)


def loss_gradient_norms(
    layer: AnyLayer, input: Tensor, loss: Callable[[Tensor], Tensor], hx: Start = None
) -> LossGradientNorms:
    r"""Return $\lVert \partial L / \partial h_t \rVert$, the length of the gradient, at every step.

    The gradient is the whole one, through the output at that step and through all that follows.
    For the LSTM, that of $c_t$ counts the way through $h_t = o_t \odot \tanh(c_t)$ too, while that
    of $h_t$ holds $c_t$ fixed.

    `loss` takes the layer's output, (time, batch, hidden_size), or with `batch_first` (batch, time,
    hidden_size), to one number, in which no sequence mixes with another if each is to have
    gradients of its own. All else, and the errors, are as for
    [`record_gates`][gated.probes.record_gates], and a loss that is not one number is a ValueError.
    """
    x, starts = _begin(layer, input, hx)
    with _gradients(x):
        x, starts = _fresh(x), tuple(map(_fresh, starts))
        paths = _follow(layer, x.requires_grad_(), starts)
        output = paths[-1].after()
        number = loss(output.transpose(0, 1) if layer.batch_first else output)
        if number.shape != ():
            raise ValueError(f"loss must return one number, got shape {tuple(number.shape)}")
        nodes = _nodes(paths)
        gradients = torch.autograd.grad(number, nodes, allow_unused=True, materialize_grads=True)
    return LossGradientNorms(*_by_part(torch.stack(gradients).norm(dim=-1), paths))


def end_gradient_norms(layer: AnyLayer, input: Tensor, hx: Start = None) -> EndGradientNorms:
    r"""Return $\lVert \partial h_T / \partial x_t \rVert$ and the same for $h_t$ at every step.

    $h_T$ is the last state of the top layer. The norm of a Jacobian is its largest singular value:
    as long as changes are small, $h_T$ moves by at most so many times what $x_t$ moves. It takes
    hidden_size backward passes. For the LSTM, the Jacobian for $c_t$ counts the way through $h_t =
    o_t \odot \tanh(c_t)$ too, while that for $h_t$ holds $c_t$ fixed.

    Arguments and errors are those of [`record_gates`][gated.probes.record_gates].
    """
    x, starts = _begin(layer, input, hx)
    with _gradients(x):
        inputs = [_fresh(x_t).requires_grad_() for x_t in x]
        paths = _follow(layer, torch.stack(inputs), tuple(map(_fresh, starts)))
        end = paths[-1].states[-1][0]
        # One gradient for each unit of the last state, all of them at once.
        units = torch.eye(layer.hidden_size, dtype=end.dtype, device=end.device)
        rows = torch.autograd.grad(
            end,
            [*inputs, *_nodes(paths)],
            units.unsqueeze(1).expand(-1, *end.shape),
            is_grads_batched=True,
        )
    wide = torch.promote_types(end.dtype, torch.float32)  # singular values need as much
    jacobians = [jacobian.transpose(0, 1).to(wide) for jacobian in rows]
    norms = torch.stack([torch.linalg.matrix_norm(one, ord=2) for one in jacobians]).to(end.dtype)
    return EndGradientNorms(norms[: len(inputs)], *_by_part(norms[len(inputs) :], paths))


def step_jacobians(layer: AnyLayer, input: Tensor, hx: Start = None) -> StepJacobians:
    r"""Return the Jacobian of every step, $\partial h_t / \partial h_{t-1}$, term by term.

    Within one layer, with its input held fixed. By the product rule, each place where the old state
    enters the equations gives a term. For the GRU, with $m = W_{hn} h + b_{hn}$:

    $$\begin{aligned}
    \text{keep} &= \mathrm{diag}(z) \\
    \text{candidate} &= \mathrm{diag}((1 - z) (1 - n^2) \, r) \, W_{hn} \\
    \text{update} &= \mathrm{diag}((h - n) \, z (1 - z)) \, W_{hz} \\
    \text{reset} &= \mathrm{diag}((1 - z) (1 - n^2) \, m \, r (1 - r)) \, W_{hr}
    \end{aligned}$$

    With `reset_after=False` two of them are others:

    $$\begin{aligned}
    \text{candidate} &= \mathrm{diag}((1 - z) (1 - n^2)) \, W_{hn} \, \mathrm{diag}(r) \\
    \text{reset} &= \mathrm{diag}((1 - z) (1 - n^2)) \, W_{hn} \,
        \mathrm{diag}(h \, r (1 - r)) \, W_{hr}
    \end{aligned}$$

    For the LSTM, from $h$ and $c$ to $c'$ and on to $h'$ by $\mathrm{diag}(o \, (1 - \tanh^2 c'))$,
    save for the output gate, which acts on $h'$ alone:

    $$\begin{aligned}
    \text{keep} &= \mathrm{diag}(f) \text{ from } c \\
    \text{candidate} &= \mathrm{diag}(i \, (1 - g^2)) \, W_{hg} \text{ from } h \\
    \text{input} &= \mathrm{diag}(g \, i (1 - i)) \, W_{hi} \text{ from } h \\
    \text{forget} &= \mathrm{diag}(c \, f (1 - f)) \, W_{hf} \text{ from } h \\
    \text{output} &= \mathrm{diag}(\tanh(c') \, o (1 - o)) \, W_{ho} \text{ from } h \text{ to } h'
    \end{aligned}$$

    Arguments and errors are those of [`record_gates`][gated.probes.record_gates].
    """
    x, starts = _begin(layer, input, hx)
    with torch.no_grad(), _unmixed(x):
        terms = [path.terms() for path in _follow(layer, x, starts)]
        found = {name: torch.stack([each[name] for each in terms]) for name in terms[0]}
    return StepJacobians(found.pop("keep"), found.pop("candidate"), found)


def products_to_end(jacobians: Tensor) -> Tensor:
    r"""Multiply the Jacobians of all steps from each one to the last.

    $$P_t = J_T \, J_{T-1} \cdots J_t = \frac{\partial h_T}{\partial h_{t-1}}$$

    Of the `whole` of [`step_jacobians`][gated.probes.step_jacobians] this is the gradient within
    the layer; of its `keep` it is what is left when only the kept state passes it on.

    Args:
        jacobians: (..., time, batch, S, S), one for each step.

    Returns:
        The products, of the same shape.

    Raises:
        TypeError: anything but a tensor.
        ValueError: a tensor of fewer than four dimensions.
        RuntimeError: matrices that are not square, no time step.
    """
    if not isinstance(jacobians, Tensor):
        raise TypeError(f"jacobians must be a Tensor, got {type(jacobians).__name__}")
    shape = tuple(jacobians.shape)
    if len(shape) < 4:
        raise ValueError(f"jacobians must be at least 4D, got {len(shape)}D of shape {shape}")
    if shape[-1] != shape[-2] or shape[-4] == 0:
        raise RuntimeError(
            "jacobians must have shape (..., time, batch, S, S) with at least one time step, "
            f"got {shape}"
        )
    products = [*accumulate(reversed(jacobians.unbind(-4)), torch.matmul)]
    return torch.stack(products[::-1], dim=-4)


def geometric_mean(gate: Tensor, dim: int | tuple[int, ...] = -3) -> Tensor:
    r"""Return the geometric mean of a gate, by default over the time of (..., time, batch, hidden).

    What a gate keeps over several steps is the product of its values. The geometric mean is the one
    value that, kept at every step, would give the same product. The usual mean would not: of a gate
    that is 1 and 0 in turn it is a half, but after two steps nothing is left.

    Args:
        gate: Values from 0 to 1.
        dim: The dimensions to take the mean over.

    Returns:
        The mean, with these dimensions removed; 0 where any value is 0.

    Raises:
        TypeError: anything but a tensor.
        ValueError: a value that is not from 0 to 1.
    """
    _check_fraction("gate", gate)
    return gate.log().mean(dim).exp()


def half_life(kept: Tensor) -> Tensor:
    r"""Return after how many steps half of a value is left, if at every step a fraction is kept.

    $$\frac{\log(1/2)}{\log(z)}$$

    It is infinite at $z = 1$ and 0 at $z = 0$. A gate that changes over time has the half-life of
    its [`geometric_mean`][gated.probes.geometric_mean].

    Args:
        kept: The fraction kept at each step, from 0 to 1: $z$ of a GRU, $f$ of an LSTM.

    Returns:
        Steps, of the same shape.

    Raises:
        TypeError: anything but a tensor.
        ValueError: a value that is not from 0 to 1.
    """
    _check_fraction("kept", kept)
    # Not -log, which is minus zero at one, and would turn infinity negative.
    return math.log(2) / kept.log().abs()


def _check_fraction(name: str, value: Tensor) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a Tensor, got {type(value).__name__}")
    wrong = value[~((value >= 0) & (value <= 1))]
    if len(wrong):
        raise ValueError(f"{name} must be from 0 to 1, got {wrong[0].item()}")


def _unmixed(x: Tensor) -> AbstractContextManager[object]:
    """Turn mixed precision off where it is on."""
    return torch.autocast(x.device.type, enabled=False) if is_mixed(x) else nullcontext()


@contextmanager
def _gradients(x: Tensor) -> Iterator[None]:
    """Compute gradients, whatever is switched off outside."""
    with torch.inference_mode(False), torch.enable_grad(), _unmixed(x):
        yield


def _fresh(value: Tensor) -> Tensor:
    """Return a copy with no past, which autograd can keep even if it comes from inference mode."""
    return value.detach().clone()


class _Path:
    """Runs one layer step by step and keeps every state as a tensor of its own."""

    def __init__(self, layer: AnyLayer, k: int, x: Tensor, start: State) -> None:
        self.reset_after = getattr(layer, "reset_after", True)
        self.w_hh: Tensor = getattr(layer, f"weight_hh_l{k}")
        self.b_hh: Tensor | None = getattr(layer, f"bias_hh_l{k}", None)
        w_ih, b_ih = getattr(layer, f"weight_ih_l{k}"), getattr(layer, f"bias_ih_l{k}", None)
        self.from_x = linear(x, w_ih, b_ih)
        #: Before the first step, and after each.
        self.states = [*accumulate(self.from_x, self.step, initial=start)]

    def step(self, state: State, from_x: Tensor) -> State:
        raise NotImplementedError

    def gates(self) -> tuple[Tensor, ...]:
        """Return the gates at all steps, in PyTorch's order."""
        raise NotImplementedError

    def terms(self) -> dict[str, Tensor]:
        """Return the terms of the Jacobian at all steps."""
        raise NotImplementedError

    def before(self, part: int = 0) -> Tensor:
        return torch.stack([state[part] for state in self.states[:-1]])

    def after(self, part: int = 0) -> Tensor:
        return torch.stack([state[part] for state in self.states[1:]])


class _GRUPath(_Path):
    def step(self, state: State, from_x: Tensor) -> State:
        return (cells._gru_step(from_x, state[0], self.w_hh, self.b_hh, self.reset_after),)

    def gates(self) -> tuple[Tensor, ...]:
        gates = cells._gru_gates if self.reset_after else cells._gru_gates_reset_before
        return gates(self.from_x, self.before(), self.w_hh, self.b_hh)

    def terms(self) -> dict[str, Tensor]:
        h, (r, z, n) = self.before(), self.gates()
        w_hr, w_hz, w_hn = self.w_hh.chunk(3)
        slope_n = (1 - z) * (1 - n * n)
        if self.reset_after:
            h_n = linear(h, self.w_hh, self.b_hh).chunk(3, dim=-1)[2]
            candidate = _scale_rows(slope_n * r, w_hn)
            reset = _scale_rows(slope_n * h_n * r * (1 - r), w_hr)
        else:
            to_n = _scale_rows(slope_n, w_hn)
            candidate = to_n * r.unsqueeze(-2)
            reset = to_n @ _scale_rows(h * r * (1 - r), w_hr)
        update = _scale_rows((h - n) * z * (1 - z), w_hz)
        return {"keep": z.diag_embed(), "candidate": candidate, "reset": reset, "update": update}


class _LSTMPath(_Path):
    def step(self, state: State, from_x: Tensor) -> State:
        h, c = state
        return cells._lstm_step(from_x, h, c, self.w_hh, self.b_hh)

    def gates(self) -> tuple[Tensor, ...]:
        return cells._lstm_gates(self.from_x, self.before(), self.w_hh, self.b_hh)

    def terms(self) -> dict[str, Tensor]:
        c, tanh_c = self.before(1), self.after(1).tanh()
        i, f, g, o = self.gates()
        w_hi, w_hf, w_hg, w_ho = self.w_hh.chunk(4)
        size = self.w_hh.shape[1]

        def with_h(to_c: Tensor) -> Tensor:
            return torch.cat([_scale_rows(o * (1 - tanh_c * tanh_c), to_c), to_c], dim=-2)

        # Padding makes the columns of c, on the right of those of h, and for keep those of h.
        return {
            "keep": pad(with_h(f.diag_embed()), (size, 0)),
            "candidate": pad(with_h(_scale_rows(i * (1 - g * g), w_hg)), (0, size)),
            "input": pad(with_h(_scale_rows(g * i * (1 - i), w_hi)), (0, size)),
            "forget": pad(with_h(_scale_rows(c * f * (1 - f), w_hf)), (0, size)),
            "output": pad(_scale_rows(tanh_c * o * (1 - o), w_ho), (0, size, 0, size)),
        }


def _scale_rows(factors: Tensor, matrix: Tensor) -> Tensor:
    """Return diag(factors) @ matrix."""
    return factors.unsqueeze(-1) * matrix


def _follow(layer: AnyLayer, x: Tensor, starts: State) -> list[_Path]:
    """Run all layers, one above the other."""
    kind: type[_Path] = _LSTMPath if isinstance(layer, AnyLSTM) else _GRUPath
    paths = []
    for k in range(layer.num_layers):
        paths.append(kind(layer, k, x, tuple(start[k] for start in starts)))
        x = paths[-1].after()
    return paths


def _nodes(paths: list[_Path]) -> list[Tensor]:
    """List the states after every step: h of all layers and steps, then c."""
    return [
        state[part]
        for part in range(len(paths[0].states[0]))
        for path in paths
        for state in path.states[1:]
    ]


def _by_part(norms: Tensor, paths: list[_Path]) -> tuple[Tensor, Tensor | None]:
    """Bring the norms of all nodes, one for each sequence, into (num_layers, time, batch)."""
    parts = norms.unflatten(0, (-1, len(paths), len(paths[0].from_x)))
    return parts[0], parts[1] if len(parts) == 2 else None


def _begin(layer: AnyLayer, input: Tensor, hx: Start) -> tuple[Tensor, State]:
    """Check what came in; return the input with time first, and the parts of the initial state.

    Both have the precision of the weights.
    """
    owner = type(layer).__name__
    if not isinstance(layer, AnyLayer):
        raise TypeError(f"layer must be a GRU or an LSTM of gated or torch.nn, got {owner}")
    if layer.bidirectional:
        raise ValueError("layer must have one direction, got bidirectional=True")
    if isinstance(layer, AnyLSTM) and layer.proj_size:
        raise ValueError(f"layer must have no projection, got proj_size={layer.proj_size}")
    for hook in layer._forward_pre_hooks.values():
        if isinstance(hook, BasePruningMethod | WeightNorm):
            hook(layer, ())  # computes a weight anew, as it does before each call of the layer
    weight = next(layer.parameters())
    check_rank(owner, "input", input, (3,))
    check_features(owner, input, layer.input_size)
    check_like(owner, "input", input, weight, ValueError)
    x = (input.transpose(0, 1) if layer.batch_first else input).to(weight.dtype)
    if len(x) == 0:
        raise RuntimeError(
            f"{owner}: input must have at least one time step, got shape {tuple(input.shape)}"
        )
    shape = {"num_layers": layer.num_layers, "batch": x.shape[1], "hidden_size": layer.hidden_size}
    if hx is None:
        return x, (x.new_zeros(*shape.values()),) * (2 if isinstance(layer, AnyLSTM) else 1)
    if isinstance(layer, AnyLSTM):
        check_pair(owner, hx)
    starts = tuple(hx) if isinstance(layer, AnyLSTM) else (hx,)
    for k, start in enumerate(starts):
        name = f"hx[{k}]" if isinstance(layer, AnyLSTM) else "hx"
        check_state(owner, name, start, shape, weight)
    return x, tuple(start.to(weight.dtype) for start in starts)
