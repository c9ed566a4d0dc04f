# %% flip the sign of one block
import torch

from gated import GRUCell

torch.manual_seed(0)
keeps = GRUCell(input_size=3, hidden_size=5).double()  # h = (1 - z) * n + z * h
w_ih, w_hh, b_ih, b_hh = [weight.detach().clone() for weight in keeps.parameters()]
for weight in (w_ih, w_hh, b_ih, b_hh):
    weight[5:10] *= -1  # the rows of z


def writes(x, h):
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h_r)
    z = torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * h + z * n  # here z writes


x, h = torch.randn(4, 3).double(), torch.randn(4, 5).double()
print("same numbers:", torch.allclose(keeps(x, h), writes(x, h), atol=1e-12))

# %% and not without the flip check=true
for weight in (w_ih, w_hh, b_ih, b_hh):
    weight[5:10] *= -1
assert not torch.allclose(keeps(x, h), writes(x, h), atol=1e-2)
