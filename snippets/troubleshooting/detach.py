# %% carry the state on, cut the gradient
import torch
from torch import nn

torch.manual_seed(0)
gru = nn.GRU(input_size=2, hidden_size=4)
pieces = torch.randn(3, 10, 1, 2)  # one long sequence in three pieces

h = None
for piece in pieces:
    output, h = gru(piece, h)
    output.sum().backward()
    h = h.detach()  # the numbers stay, the way back ends here
print("three pieces trained")

# %% without detach raises="RuntimeError"
h = None
for piece in pieces:
    output, h = gru(piece, h)
    output.sum().backward()
