# %% an LSTM step, in the right order and in a wrong one
import torch
from torch import nn

torch.manual_seed(0)
cell = nn.LSTMCell(input_size=3, hidden_size=5)
x, h, c = torch.randn(1, 3), torch.randn(1, 5), torch.randn(1, 5)


def step(order):
    sums = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
    part = dict(zip(order, sums.chunk(4, dim=1), strict=True))
    i, f, o = (torch.sigmoid(part[gate]) for gate in "ifo")
    c_new = f * c + i * torch.tanh(part["g"])
    return o * torch.tanh(c_new)


for order in ("ifgo", "ifog"):  # PyTorch's order, and that of many papers
    off = (step(order) - cell(x, (h, c))[0]).abs().max().item()
    print(f"blocks read as {', '.join(order)}: off by {off:.1f}")

# %% what the page says check=true
assert (step("ifgo") - cell(x, (h, c))[0]).abs().max() < 1e-6 and off > 0.05
