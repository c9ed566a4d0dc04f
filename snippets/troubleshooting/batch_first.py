# %% one sequence must not see another
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(32, 20, 8)  # 32 sequences of 20 steps with 8 numbers
other = x.clone()
other[0] = 0.0  # another first sequence

for batch_first in (False, True):
    gru = nn.GRU(input_size=8, hidden_size=16, batch_first=batch_first)
    changed = not torch.equal(gru(x)[0][5], gru(other)[0][5])
    output, h_n = gru(x)
    print(f"batch_first={batch_first!s:5}  output {tuple(output.shape)}, h_n {tuple(h_n.shape)}")
    print(f"  sequence 5 changes with sequence 0: {changed}")

# %% a state has its own order raises="RuntimeError"
gru(x, torch.zeros(32, 1, 16))  # states are (layers, batch, hidden), whatever batch_first says

# %% what the page says check=true
assert changed is False
