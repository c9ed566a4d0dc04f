# %% sizes
import torch

from gated import GRU

torch.manual_seed(0)
gru = GRU(input_size=3, hidden_size=5)
x = torch.randn(7, 2, 3)  # 7 steps, 2 sequences, 3 numbers a step
output, h_n = gru(x)
print("output:", tuple(output.shape), "every state of the last layer")
print("h_n:   ", tuple(h_n.shape), "only the last one, for each layer")
print("the last output is h_n:", torch.equal(output[-1], h_n[0]))

# %% a state of the wrong size raises="RuntimeError"
gru(x, torch.zeros(1, 2, 4))

# %% as said check=true
assert torch.equal(output[-1], h_n[0])
