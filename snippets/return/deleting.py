# %% the GRU
import torch
from torch import sigmoid, tanh
from torch.nn import Linear

torch.manual_seed(0)
width = 64
ir, iz, in_ = (Linear(width, width) for _ in range(3))  # from the input
hr, hz, hn = (Linear(width, width) for _ in range(3))  # from the state


def gru(x, h):
    r = sigmoid(ir(x) + hr(h))
    z = sigmoid(iz(x) + hz(h))
    n = tanh(in_(x) + r * hn(h))
    return (1 - z) * n + z * h


# %% the gates do not see the state
def blind_gates(x, h):
    r = sigmoid(ir(x))
    z = sigmoid(iz(x))
    n = tanh(in_(x) + r * hn(h))
    return (1 - z) * n + z * h


# %% no reset gate
def no_reset(x, h):
    z = sigmoid(iz(x))
    n = tanh(in_(x) + hn(h))
    return (1 - z) * n + z * h


# %% the candidate does not see the state
def blind_candidate(x, h):
    z = sigmoid(iz(x))
    n = tanh(in_(x))
    return (1 - z) * n + z * h


# %% no tanh
def no_tanh(x, h):
    z = sigmoid(iz(x))
    n = in_(x)
    return (1 - z) * n + z * h


# %% z writes
def z_writes(x, h):
    z = sigmoid(iz(x))
    n = in_(x)
    return z * n + (1 - z) * h


# %% a positive candidate
def g(a):
    return torch.where(a >= 0, a + 0.5, sigmoid(a))


def min_gru(x, h):
    z = sigmoid(iz(x))
    n = g(in_(x))
    return z * n + (1 - z) * h


# %% what each step changes
from gated import MinGRU

inputs = torch.randn(50, width)
zeros, ones = torch.zeros(width), torch.ones(width)


def loop(step):
    h, states = zeros, []
    for x in inputs:
        h = step(x, h)
        states.append(h)
    return torch.stack(states)


def scan(keep, write):
    span = 1
    while span < len(keep):
        joined = keep[span:] * write[:-span] + write[span:]
        write = torch.cat([write[:span], joined])
        keep = torch.cat([keep[:span], keep[span:] * keep[:-span]])
        span *= 2
    return write


def parameters(step):
    """Count those that have a gradient: the step uses them."""
    layers = (ir, iz, in_, hr, hz, hn)
    for layer in layers:
        layer.zero_grad()
    step(inputs[0], ones).sum().backward()
    weights = [weight for layer in layers for weight in layer.parameters()]
    return sum(w.numel() for w in weights if w.grad is not None)


def scan_error(step):
    """Read off what each step writes and keeps, as if linear, and scan."""
    write = step(inputs, zeros)
    keep = step(inputs, ones) - write
    return (scan(keep, write) - loop(step)).abs().max().item()


counts, errors = {}, {}
print("                 parameters  scan is off by")
steps = [gru, blind_gates, no_reset, blind_candidate, no_tanh, z_writes]
for step in (*steps, min_gru):
    name = step.__name__
    counts[name], errors[name] = parameters(step), scan_error(step)
    print(f"{name:16} {counts[name]:10,} {errors[name]:15.3f}")

layer = MinGRU(width, width)  # all steps at once
with torch.no_grad():
    layer.weight_ih_l0[:] = torch.cat([iz.weight, in_.weight])
    layer.bias_ih_l0[:] = torch.cat([iz.bias, in_.bias])
difference = (layer(inputs)[0] - loop(min_gru)).abs().max()
print("gated.MinGRU is the last one:", bool(difference < 1e-5))

# %% values check=true
from gated import GRU

assert difference < 1e-5
ours = GRU(width, width)
with torch.no_grad():
    ours.weight_ih_l0[:] = torch.cat([ir.weight, iz.weight, in_.weight])
    ours.bias_ih_l0[:] = torch.cat([ir.bias, iz.bias, in_.bias])
    ours.weight_hh_l0[:] = torch.cat([hr.weight, hz.weight, hn.weight])
    ours.bias_hh_l0[:] = torch.cat([hr.bias, hz.bias, hn.bias])
assert (ours(inputs)[0] - loop(gru)).abs().max() < 1e-5
assert counts["gru"] == sum(weight.numel() for weight in ours.parameters())
assert counts["min_gru"] == sum(w.numel() for w in layer.parameters())
gru_count = counts["gru"]
blind_count = counts["blind_gates"]
min_count = counts["min_gru"]
no_reset_count = counts["no_reset"]
candidate_count = counts["blind_candidate"]
assert (
    3 * candidate_count == 3 * min_count == 2 * no_reset_count == gru_count
)
gru_error, blind_error, no_reset_error = (
    errors[name] for name in ("gru", "blind_gates", "no_reset")
)
candidate_error = errors["blind_candidate"]
assert min(gru_error, blind_error, no_reset_error) > 0.01
scannable = ("blind_candidate", "no_tanh", "z_writes", "min_gru")
assert max(errors[name] for name in scannable) < 5e-6
with torch.no_grad():
    kept, blind = loop(no_tanh), loop(blind_candidate)
    assert loop(min_gru).min() > 0 > kept.min()
    assert blind.abs().max() < 1 < kept.abs().max()
    # The sign of z is a matter of notation.
    for weight in (iz.weight, iz.bias):
        weight.neg_()
    assert torch.allclose(loop(z_writes), kept, atol=1e-5)
    iz.weight.neg_()
    iz.bias.neg_()
    # A GRU whose weights from the state are zero.
    for from_state in (hr, hz, hn):
        from_state.weight.zero_()
        from_state.bias.zero_()
    assert torch.allclose(loop(gru), blind, atol=1e-6)
