# %% there and back
from math import exp, tanh

W_hr, W_hz, W_hn = 2.0, 2.0, 2.0


def sigmoid(a):
    return 1 / (1 + exp(-a))


h, steps = 0.0, []
for mark in (1, 0, 0, 0, 0):
    h_n = W_hn * h
    r = sigmoid(W_hr * h)
    z = sigmoid(W_hz * h - 8 * mark)
    n = tanh(4 * mark + r * h_n)
    steps.append((h, r, z, n, h_n))
    h = (1 - z) * n + z * h

d_h, d_W_hn, shares = 1.0, 0.0, []
for h, r, z, n, h_n in reversed(steps):
    d_a_n = d_h * (1 - z) * (1 - n**2)
    d_a_r = d_a_n * h_n * r * (1 - r)
    d_a_z = d_h * (h - n) * z * (1 - z)
    share = d_a_n * r * h
    shares.append((d_h, share))
    d_W_hn += share
    d_h = d_h * z + d_a_n * r * W_hn + d_a_r * W_hr + d_a_z * W_hz

print("step   d_h   share of d_W_hn")
for number, (gradient, share) in enumerate(reversed(shares), start=1):
    print(f"{number:4} {gradient:6.3f} {share:9.4f}")
print(f"sum         {d_W_hn:9.4f}")

# %% against autograd
import torch

from gated import GRU

gru = GRU(input_size=1, hidden_size=1, bias=False).double()
gru.weight_ih_l0.data[:] = torch.tensor([[0.0], [-8.0], [4.0]])
gru.weight_hh_l0.data[:] = torch.tensor([[W_hr], [W_hz], [W_hn]])
_, last = gru(
    torch.tensor([[1.0], [0.0], [0.0], [0.0], [0.0]], dtype=torch.float64)
)
last.sum().backward()
print(f"autograd    {gru.weight_hh_l0.grad[2].item():9.4f}")

# %% equal check=true
assert abs(d_W_hn - gru.weight_hh_l0.grad[2].item()) < 1e-12
d_first, d_last = shares[-1][0], shares[0][0]
share_first, share_last = shares[-1][1], shares[0][1]
assert share_first == 0 < shares[-2][1] < share_last
