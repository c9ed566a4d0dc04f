# %% units are not steps
import torch
from torch import nn

gru = nn.GRU(input_size=8, hidden_size=64)  # 64 units: the state is 64 numbers
for steps in (3, 300):
    output, h_n = gru(torch.randn(steps, 1, 8))
    print(f"{steps:3} steps: output {tuple(output.shape)}, h_n {tuple(h_n.shape)}")
print("parameters:", sum(p.numel() for p in gru.parameters()), "for any number of steps")
