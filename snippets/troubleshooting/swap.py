# %% one helper for both cells
import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(7, 2, 4)


def last_h(state):
    """Return h of the last layer, from a GRU's state or an LSTM's."""
    h_n = state[0] if isinstance(state, tuple) else state
    return h_n[-1]


for cell in (nn.GRU, nn.LSTM):
    output, state = cell(4, 8)(x)
    print(cell.__name__, tuple(last_h(state).shape), torch.equal(last_h(state), output[-1]))

# %% code for an LSTM, with a GRU raises="ValueError"
output, (h_n, c_n) = nn.GRU(4, 8)(x)
