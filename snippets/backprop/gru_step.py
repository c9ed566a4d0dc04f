# %% one step
from math import exp, tanh

W_hr, W_hz, W_hn = 2.0, 2.0, 2.0


def sigmoid(a):
    return 1 / (1 + exp(-a))


def step(h):
    h_n = W_hn * h
    r = sigmoid(W_hr * h)
    z = sigmoid(W_hz * h)
    n = tanh(r * h_n)
    return (1 - z) * n + z * h, r, z, n, h_n


h = 0.5
h_new, r, z, n, h_n = step(h)
d_h = 1.0

# %% keep
keep = d_h * z

# %% candidate
d_n = d_h * (1 - z)
d_a_n = d_n * (1 - n**2)
candidate = d_a_n * r * W_hn

# %% reset
d_r = d_a_n * h_n
d_a_r = d_r * r * (1 - r)
reset = d_a_r * W_hr

# %% update
d_z = d_h * (h - n)
d_a_z = d_z * z * (1 - z)
update = d_a_z * W_hz

# %% against autograd
import torch

from gated import GRUCell

cell = GRUCell(input_size=1, hidden_size=1, bias=False).double()
cell.weight_hh.data[:] = torch.tensor([[W_hr], [W_hz], [W_hn]])
before = torch.tensor([[h]], dtype=torch.float64, requires_grad=True)
cell(torch.zeros(1, 1, dtype=torch.float64), before).backward()

terms = {
    "keep": keep,
    "candidate": candidate,
    "reset": reset,
    "update": update,
}
for name, value in terms.items():
    print(f"{name:10} {value:7.4f}")
total = sum(terms.values())
print(f"{'sum':10} {total:7.4f}")
print(f"{'autograd':10} {before.grad.item():7.4f}")

# %% equal, and a small change says the same check=true
assert abs(total - before.grad.item()) < 1e-12
nudge = 0.01
moved = step(h + nudge)[0] - h_new
assert abs(moved / nudge - total) < 0.005
taken = -update
assert keep > candidate > reset > 0 > update > -reset

# %% it latches check=true
state = 0.5
for _ in range(1000):
    state = step(state)[0]
assert 0.8 < state < 1 and abs(step(state)[0] - state) < 1e-9
held = state
