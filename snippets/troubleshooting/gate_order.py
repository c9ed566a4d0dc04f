# %% the same blocks in another order
import torch
from torch import nn

torch.manual_seed(0)
H = 6
gru = nn.GRU(input_size=4, hidden_size=H)  # PyTorch's order: reset, update, candidate
x = torch.randn(12, 1, 4)


def load(order):
    """Return a GRU whose blocks are taken from ``gru`` in this order."""
    other = nn.GRU(4, H)
    for name, weight in gru.state_dict().items():
        blocks = weight.chunk(3)
        other.state_dict()[name].copy_(torch.cat([blocks[i] for i in order]))
    return other


for words, order in [
    ("reset, update, candidate", (0, 1, 2)),
    ("update, reset, candidate", (1, 0, 2)),
]:
    wrong_by = (load(order)(x)[0] - gru(x)[0]).abs().max().item()
    print(f"read as {words}: the output is off by {wrong_by:.1f}")

# %% what the page says check=true
assert wrong_by > 0.1
