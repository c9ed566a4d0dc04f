# %% code that takes both
import torch

x = torch.randn(7, 4, 3)  # 7 steps, 4 sequences


def last_h(layer):
    """Return h of the last layer, after the last step."""
    _, state = layer(x)
    h_n = state[0] if isinstance(state, tuple) else state
    return h_n[-1]


print("GRU ", tuple(last_h(torch.nn.GRU(3, 5)).shape))
print("LSTM", tuple(last_h(torch.nn.LSTM(3, 5)).shape))

# %% an LSTM where a GRU was
_, h_n = torch.nn.LSTM(3, 5)(x)
print(tuple(h_n[-1].shape), "which is c_n, not the last layer's h")

# %% a GRU where an LSTM was, in two directions
_, (h_n, c_n) = torch.nn.GRU(3, 5, bidirectional=True)(x)
print(tuple(h_n.shape), tuple(c_n.shape), "which are forward and backward")

# %% as the text says check=true
gru, lstm = torch.nn.GRU(3, 5, bidirectional=True), torch.nn.LSTM(3, 5)
_, (forward, backward) = gru(x)
assert torch.equal(torch.stack([forward, backward]), gru(x)[1])
_, pair = lstm(x)
assert pair[-1] is pair[1] and torch.equal(last_h(lstm), pair[0][-1])

# %% and in one direction raises="ValueError"
_, (h_n, c_n) = torch.nn.GRU(3, 5)(x)
