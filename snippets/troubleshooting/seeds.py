# %% what a seed does, and what it does not
import torch
from torch import nn

torch.manual_seed(0)
first = nn.GRU(2, 4).weight_ih_l0
torch.manual_seed(0)
nn.Linear(3, 3)  # one layer more, made before: it takes random numbers, too
second = nn.GRU(2, 4).weight_ih_l0
torch.manual_seed(0)
third = nn.GRU(2, 4).weight_ih_l0
print("same seed, another layer made first: equal weights:", torch.equal(first, second))
print("same seed, same order:               equal weights:", torch.equal(first, third))

# %% what the page says check=true
assert torch.equal(first, third) and not torch.equal(first, second)
