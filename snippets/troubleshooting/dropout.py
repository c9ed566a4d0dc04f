# %% dropout with one layer does nothing
import warnings

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(6, 1, 4)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    one = nn.GRU(4, 8, num_layers=1, dropout=0.5)
print(caught[0].message)
two = nn.GRU(4, 8, num_layers=2, dropout=0.5)
after = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))  # where one layer wants it
print("one layer: two passes are equal:", torch.equal(one(x)[0], one(x)[0]))
print("two layers: two passes are equal:", torch.equal(two(x)[0], two(x)[0]))
output = one(x)[0]
print("one layer and nn.Dropout: equal:", torch.equal(after(output), after(output)))
