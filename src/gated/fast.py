r"""The GRU and the LSTM made to train fast: a backward pass through time written by hand.

    from gated.fast import GRU, LSTM

Autograd follows `gated.cells` operation by operation and keeps what each of them made. The backward
pass written out needs far fewer: all input products before the loop in one matrix product, in the
loop only what the recurrence forces into it, and all weight gradients after the loop in one
product again. The names are those of the equations; `d_h` is the gradient of the loss with respect
to $h$, and a gate's slope is what its gradient is multiplied with on the way to its
pre-activation.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn.functional import linear, pad

from gated import cells, layers
from gated.loop import State, unroll
from gated.stack import AtOnce, Weights

#: Numbers in all gates of the steps that are worked on together.
STRETCH = 2**18


class GRU(AtOnce, layers.GRU):
    """A GRU that trains faster than [`gated.GRU`][gated.GRU] and is the same otherwise.

    With `reset_after=False` it runs as `gated.GRU` does.

    Source: Werbos, "Backpropagation through time", Proceedings of the IEEE 78(10), 1990.
    """

    def _runs_at_once(self) -> bool:
        return self.reset_after and not _is_traced()

    def _run_at_once(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        output: Tensor = _GRU.apply(x, *state, *w.values())  # type: ignore[no-untyped-call]
        return output, (output[-1],)


class LSTM(AtOnce, layers.LSTM):
    """An LSTM that trains faster than [`gated.LSTM`][gated.LSTM] and is the same otherwise.

    With `proj_size` it runs as `gated.LSTM` does.

    Source: Werbos, "Backpropagation through time", Proceedings of the IEEE 78(10), 1990.
    """

    def _runs_at_once(self) -> bool:
        return not self.proj_size and not _is_traced()

    def _run_at_once(self, x: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        output, c_n = _LSTM.apply(x, *state, *w.values())  # type: ignore[no-untyped-call]
        return output, (output[-1], c_n)


def _is_traced() -> bool:
    """Return whether something follows each operation by itself, so that the plain loop must run.

    Where a version of torch cannot tell, it may.
    """
    try:
        return (
            torch.compiler.is_compiling()
            or torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
            or torch._C._are_functorch_transforms_active()  # torch.func's grad, vmap and the rest
            or forward_ad._current_level >= 0
        )
    except AttributeError:
        return True


def _are_traced(gradients: Sequence[Tensor]) -> bool:
    """Return whether gradients are to be differentiated again, or come as a batch of several."""
    try:
        return (
            torch.is_grad_enabled()
            or torch._C._are_functorch_transforms_active()
            # is_grads_batched has a vmap of its own, of an older make
            or any(map(torch._C._functorch.is_legacy_batchedtensor, gradients))
        )
    except AttributeError:
        return True


def _gru_forward(
    x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return states, h0 first; r, z and the state's share of n; and n."""
    hidden = h0.shape[-1]
    b_hr_hz = None if b_hh is None else pad(b_hh[: 2 * hidden], (0, hidden))
    gates = linear(x, w_ih, _added(b_ih, b_hr_hz))
    n = gates[..., 2 * hidden :].clone()
    gates[..., 2 * hidden :] = 0 if b_hh is None else b_hh[2 * hidden :]
    states = n.new_empty(len(n) + 1, *h0.shape)
    states[0] = h0
    w_hh = w_hh.t()
    rz, h_n = gates[..., : 2 * hidden], gates[..., 2 * hidden :]
    r, z = gates[..., :hidden], gates[..., hidden : 2 * hidden]
    for h, new, gates_t, rz_t, r_t, z_t, h_n_t, n_t in _steps(
        states[:-1], states[1:], gates, rz, r, z, h_n, n
    ):
        torch.addmm(gates_t, h, w_hh, out=gates_t)
        rz_t.sigmoid_()
        n_t.addcmul_(r_t, h_n_t).tanh_()
        torch.lerp(n_t, h, z_t, out=new)
    return states, gates, n


def _gru_backward(
    d_output: Tensor,
    states: Tensor,
    gates: Tensor,
    candidates: Tensor,
    w_hh: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return gradients of h0, of the state's share of all gates, of a_n."""
    d_h = torch.cat([torch.zeros_like(states[:1]), d_output])
    d_gates = torch.empty_like(gates)
    blocks = d_gates.unflatten(-1, (3, states.shape[-1]))
    for some in _stretches(gates):
        r, z, h_n = gates[some].chunk(3, dim=-1)
        h, n, slopes = states[:-1][some], candidates[some], blocks[some]
        # What gradients are multiplied with is known before the loop.
        slope_n = (1 - z) * (1 - n * n)
        slopes[:, :, 0] = slope_n * h_n * r * (1 - r)
        slopes[:, :, 1] = (h - n) * z * (1 - z)
        slopes[:, :, 2] = slope_n * r
        d_before, d_after = d_h[:-1][some], d_h[1:][some]
        for before, after, z_t, slopes_t, d_gates_t in _steps(
            d_before, d_after, z, slopes, d_gates[some], backwards=True
        ):
            slopes_t.mul_(after.unsqueeze(1))
            before.addcmul_(after, z_t)
            torch.addmm(before, d_gates_t, w_hh, out=before)
        d_after.mul_(slope_n)
    return d_h[0], d_gates, d_h[1:]


def _lstm_forward(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the states h and c, each with the first one in front, and the gates i, f, g and o."""
    hidden = h0.shape[-1]
    gates = linear(x, w_ih, _added(b_ih, b_hh))
    h_states, c_states = (gates.new_empty(len(x) + 1, *h0.shape) for _ in range(2))
    h_states[0], c_states[0] = h0, c0
    w_hh = w_hh.t()
    i, f, g, o = gates.chunk(4, dim=-1)
    i_and_f = gates[..., : 2 * hidden]
    for h, h_new, c, c_new, gates_t, i_and_f_t, i_t, f_t, g_t, o_t in _steps(
        h_states[:-1], h_states[1:], c_states[:-1], c_states[1:], gates, i_and_f, i, f, g, o
    ):
        torch.addmm(gates_t, h, w_hh, out=gates_t)
        i_and_f_t.sigmoid_()
        g_t.tanh_()
        o_t.sigmoid_()
        torch.mul(f_t, c, out=c_new).addcmul_(i_t, g_t)
        torch.mul(o_t, c_new.tanh(), out=h_new)
    return h_states, c_states, gates


def _lstm_backward(
    d_output: Tensor,
    d_c: Tensor,
    c_states: Tensor,
    gates: Tensor,
    w_hh: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return gradients of h0, of c0, and of all pre-activations."""
    d_h = torch.cat([torch.zeros_like(d_output[:1]), d_output])
    d_c = d_c.clone()
    d_gates = torch.empty_like(gates)
    blocks = d_gates.unflatten(-1, (4, d_c.shape[-1]))
    for some in _stretches(gates):
        i, f, g, o = gates[some].chunk(4, dim=-1)
        c, tanh_c = c_states[:-1][some], c_states[1:][some].tanh()
        slopes = blocks[some]
        # What gradients are multiplied with is known before the loop.
        slope_c = o * (1 - tanh_c * tanh_c)
        slopes[:, :, 0] = g * i * (1 - i)
        slopes[:, :, 1] = c * f * (1 - f)
        slopes[:, :, 2] = i * (1 - g * g)
        slopes[:, :, 3] = tanh_c * o * (1 - o)
        d_before, d_after = d_h[:-1][some], d_h[1:][some]
        d_ifg, d_o = slopes[:, :, :3], slopes[:, :, 3]
        taken = d_before, d_after, f, slope_c, d_ifg, d_o, d_gates[some]
        steps = _steps(*taken, backwards=True)
        for before, after, f_t, slope_t, d_ifg_t, d_o_t, d_gates_t in steps:
            d_c.addcmul_(after, slope_t)
            d_ifg_t.mul_(d_c.unsqueeze(1))
            d_o_t.mul_(after)
            d_c.mul_(f_t)
            torch.addmm(before, d_gates_t, w_hh, out=before)
    return d_h[0], d_c, d_gates


def _added(b_ih: Tensor | None, b_hh: Tensor | None) -> Tensor | None:
    """Add two biases, each of which may be missing."""
    if b_ih is None or b_hh is None:
        return b_hh if b_ih is None else b_ih
    return b_ih + b_hh


def _stretches(gates: Tensor) -> Iterable[slice]:
    """Cut the time, last part first, into stretches short enough to stay in the cache."""
    length = max(1, STRETCH // max(1, gates[0].numel()))
    for start in reversed(range(0, len(gates), length)):
        yield slice(start, start + length)


def _steps(*tensors: Tensor, backwards: bool = False) -> Iterable[tuple[Tensor, ...]]:
    """Give the tensors' time steps side by side; to make all views at once costs less."""
    views = list(zip(*(tensor.unbind(0) for tensor in tensors), strict=True))
    return reversed(views) if backwards else views


def _weight_gradient(d_gates: Tensor, factor: Tensor) -> Tensor:
    """Add up a weight's gradient over time and batch: one product."""
    return d_gates.flatten(0, 1).t() @ factor.flatten(0, 1)


def _gradients(
    d_gates: Tensor, factor: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Return the gradients of a weight matrix and of the bias beside it, where there is one."""
    return _weight_gradient(d_gates, factor), None if bias is None else d_gates.sum((0, 1))


def _by_autograd(
    ctx: Any, step: Callable[..., State], inputs: Sequence[Any], d_outputs: Sequence[Tensor]
) -> tuple[Tensor | None, ...]:
    """Return the gradients of all inputs from the plain loop, where each operation is followed."""
    again = torch.is_grad_enabled()
    with torch.enable_grad():
        # New views, because one input may depend on another, and its gradient must leave that out.
        inputs = [None if value is None else value.view_as(value) for value in inputs]
        needs = zip(inputs, ctx.needs_input_grad, strict=True)
        wanted = [value for value, need in needs if need]
        x, *start, w_ih, w_hh, b_ih, b_hh = inputs
        outputs, last = unroll(
            lambda from_x, state: step(from_x, *state, w_hh, b_hh), linear(x, w_ih, b_ih), (*start,)
        )
        results = (torch.stack(outputs), *last[1:])
    found = iter(torch.autograd.grad(results, wanted, d_outputs, create_graph=again))
    return tuple(next(found) if need else None for need in ctx.needs_input_grad)


class _GRU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Any:
        states, gates, n = _gru_forward(*inputs)
        ctx.save_for_backward(*inputs, states, gates, n)
        # A copy, so that changing the output in place leaves alone what the backward pass needs.
        return states[1:].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        *inputs, states, gates, n = ctx.saved_tensors
        if _are_traced(gradients):
            return _by_autograd(ctx, lambda *now: (cells._gru_step(*now),), inputs, gradients)
        x, _, w_ih, w_hh, b_ih, b_hh = inputs
        d_h, d_gates, d_n = _gru_backward(gradients[0], states, gates, n, w_hh)
        d_w_hh, d_b_hh = _gradients(d_gates, states[:-1], b_hh)
        # The input's share of r and z has the gradient of the state's; that of n does not meet r.
        d_gates[..., -d_n.shape[-1] :] = d_n
        d_w_ih, d_b_ih = _gradients(d_gates, x, b_ih)
        d_x = d_gates @ w_ih if ctx.needs_input_grad[0] else None
        return d_x, d_h, d_w_ih, d_w_hh, d_b_ih, d_b_hh


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Any:
        h_states, c_states, gates = _lstm_forward(*inputs)
        ctx.save_for_backward(*inputs, h_states, c_states, gates)
        # Copies, so that changing a result in place leaves alone what the backward pass needs.
        return h_states[1:].clone(), c_states[-1].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        *inputs, h_states, c_states, gates = ctx.saved_tensors
        if _are_traced(gradients):
            return _by_autograd(ctx, cells._lstm_step, inputs, gradients)
        x, _, _, w_ih, w_hh, b_ih, b_hh = inputs
        d_output, d_c = gradients
        d_h, d_c, d_gates = _lstm_backward(d_output, d_c, c_states, gates, w_hh)
        d_w_ih, d_b_ih = _gradients(d_gates, x, b_ih)
        d_w_hh, d_b_hh = _gradients(d_gates, h_states[:-1], b_hh)
        d_x = d_gates @ w_ih if ctx.needs_input_grad[0] else None
        return d_x, d_h, d_c, d_w_ih, d_w_hh, d_b_ih, d_b_hh
