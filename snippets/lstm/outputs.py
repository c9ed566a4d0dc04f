# %% one output and one or two states
import torch

from gated import GRU, LSTM

torch.manual_seed(0)
x = torch.randn(7, 2, 3)  # 7 steps, 2 sequences, 3 numbers a step
gru = GRU(input_size=3, hidden_size=5)
lstm = LSTM(input_size=3, hidden_size=5)
output, h_n = gru(x)
print("GRU:  output", tuple(output.shape), "state", tuple(h_n.shape))
output, (h_n, c_n) = lstm(x)
states = tuple(h_n.shape), tuple(c_n.shape)
print("LSTM: output", tuple(output.shape), "state", *states)
print("its last output is h:", torch.equal(output[-1], h_n[0]))

# %% an LSTM's state for a GRU raises="TypeError"
gru(x, (h_n, c_n))

# %% as said check=true
assert torch.equal(output[-1], h_n[0])
assert not torch.allclose(output[-1], c_n[0])
assert gru(x)[0].shape == output.shape
