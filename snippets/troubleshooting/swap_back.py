# %% code for a GRU, with an LSTM raises="AttributeError"
import torch
from torch import nn

output, state = nn.LSTM(4, 8)(torch.randn(7, 2, 4))
state.detach()
