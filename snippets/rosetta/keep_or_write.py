# %% weights from a cell in which z writes
import torch

torch.manual_seed(0)
w_ih, w_hh = torch.randn(15, 3), torch.randn(15, 5)
b_ih, b_hh = torch.randn(15), torch.randn(15)
x, h = torch.randn(4, 3), torch.rand(4, 5)
x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
expected = (1 - z) * h + z * torch.tanh(x_n + r * h_n)


def gap(*weights):
    cell = torch.nn.GRUCell(3, 5)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict(dict(zip(names, weights, strict=True)))
    return (cell(x, h) - expected).abs().max().item()


wrong = gap(w_ih, w_hh, b_ih, b_hh)
print(f"as they are: wrong by {wrong:.1f}")
for weight in (w_ih, w_hh, b_ih, b_hh):
    weight[5:10] *= -1  # the rows of z
right = gap(w_ih, w_hh, b_ih, b_hh)
print("with the rows of z negated:", "right" if right < 1e-5 else "wrong")

# %% as the text says check=true
assert right < 1e-5 < 0.5 < wrong
