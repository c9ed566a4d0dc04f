# %% the last h of the last layer, in three ways
import torch

torch.manual_seed(0)
x = torch.randn(7, 4, 3)  # 7 steps, 4 sequences
lstm = torch.nn.LSTM(input_size=3, hidden_size=5, num_layers=2)
output, (h_n, c_n) = lstm(x)
shape = tuple(output.shape)
print("output", shape, "h of the last layer, after every step")
print("h_n   ", tuple(h_n.shape), "h of every layer, after the last step")
print("c_n   ", tuple(c_n.shape), "c of every layer, after the last step")
print("output[-1] is h_n[-1]:", torch.equal(output[-1], h_n[-1]))
print("output[-1] is c_n[-1]:", torch.equal(output[-1], c_n[-1]))

# %% in two directions, output and h_n part
lstm = torch.nn.LSTM(
    input_size=3, hidden_size=5, num_layers=2, bidirectional=True
)
output, (h_n, c_n) = lstm(x)
summary = torch.cat([h_n[-2], h_n[-1]], dim=1)  # forward and backward
forward, backward = summary.chunk(2, dim=1)
same = torch.equal(output[-1, :, :5], forward)
print("output[-1], forward half: ", same)
same = torch.equal(output[-1, :, 5:], backward)
print("output[-1], backward half:", same)
same = torch.equal(output[0, :, 5:], backward)
print("output[0],  backward half:", same)

# %% as the text says check=true
ends = torch.cat([output[-1, :, :5], output[0, :, 5:]], dim=1)
assert torch.equal(ends, summary)
assert not torch.allclose(output[-1, :, 5:], summary[:, 5:], atol=1e-3)

# %% the error in the table of symptoms check=true
try:
    torch.nn.Sequential(torch.nn.GRU(3, 5), torch.nn.Linear(5, 1))(x)
    raise AssertionError
except TypeError as error:
    said = "argument 'input' (position 1) must be Tensor, not tuple"
    assert said in str(error), error
