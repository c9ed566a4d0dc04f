# %% one step
from math import exp, tanh

W_hi = W_hf = W_hg = W_ho = 1.0


def sigmoid(a):
    return 1 / (1 + exp(-a))


h, c = 0.5, 1.0
i, f, o = sigmoid(W_hi * h), sigmoid(W_hf * h), sigmoid(W_ho * h)
g = tanh(W_hg * h)
c_new = f * c + i * g
h_new = o * tanh(c_new)
d_h, d_c = 1.0, 0.5

# %% back to the memory
d_c = d_c + d_h * o * (1 - tanh(c_new) ** 2)

# %% along the memory
keep = d_c * f

# %% back to the state
d_a_i = d_c * g * i * (1 - i)
d_a_f = d_c * c * f * (1 - f)
d_a_g = d_c * i * (1 - g**2)
d_a_o = d_h * tanh(c_new) * o * (1 - o)
back = d_a_i * W_hi + d_a_f * W_hf + d_a_g * W_hg + d_a_o * W_ho

# %% against autograd
import torch

from gated import LSTMCell

cell = LSTMCell(input_size=1, hidden_size=1, bias=False).double()
cell.weight_hh.data[:] = torch.tensor([[W_hi], [W_hf], [W_hg], [W_ho]])
before = [
    torch.tensor([[value]]).double().requires_grad_() for value in (h, c)
]
h_after, c_after = cell(torch.zeros(1, 1).double(), before)
(h_after + 0.5 * c_after).backward()

print(f"by hand:  d_h {back:.4f}  d_c {keep:.4f}")
print(
    f"autograd: d_h {before[0].grad.item():.4f}  "
    f"d_c {before[1].grad.item():.4f}"
)

# %% equal check=true
assert abs(back - before[0].grad.item()) < 1e-12
assert abs(keep - before[1].grad.item()) < 1e-12
