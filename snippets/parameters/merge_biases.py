# %% an LSTM
import torch

torch.manual_seed(0)
x = torch.randn(7, 1, 3)  # seven steps, a batch of one, three inputs
lstm = torch.nn.LSTM(input_size=3, hidden_size=5)
before, _ = lstm(x)
with torch.no_grad():
    lstm.bias_ih_l0 += lstm.bias_hh_l0
    lstm.bias_hh_l0.zero_()
after, _ = lstm(x)
print(
    "LSTM, every second bias merged: same output",
    torch.allclose(before, after, atol=1e-6),
)

# %% the gates of a GRU
gru = torch.nn.GRU(input_size=3, hidden_size=5)
before, _ = gru(x)
gates = slice(0, 10)  # the rows of r and z; those of n come last
with torch.no_grad():
    gru.bias_ih_l0[gates] += gru.bias_hh_l0[gates]
    gru.bias_hh_l0[gates] = 0
after, _ = gru(x)
print(
    "GRU, those of r and z merged:   same output",
    torch.allclose(before, after, atol=1e-6),
)

# %% the merged biases were not zero check=true
torch.manual_seed(0)
fresh = torch.nn.LSTM(3, 5)
assert (fresh.bias_hh_l0.abs() > 1e-4).any()
assert torch.allclose(before, after, atol=1e-6)
merged_lstm = torch.nn.LSTM(3, 5)
merged_lstm.load_state_dict(fresh.state_dict())
with torch.no_grad():
    merged_lstm.bias_ih_l0 += merged_lstm.bias_hh_l0
    merged_lstm.bias_hh_l0.zero_()
assert torch.allclose(fresh(x)[0], merged_lstm(x)[0], atol=1e-6)

# %% both biases get the same gradient check=true
fresh(x)[0].square().sum().backward()
assert fresh.bias_ih_l0.grad.abs().max() > 1e-3
assert torch.allclose(fresh.bias_ih_l0.grad, fresh.bias_hh_l0.grad)
