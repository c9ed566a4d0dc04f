# %% who has read the first step?
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5, bidirectional=True)
x = torch.randn(7, 1, 3)
other = x.clone()
other[0] += 1  # another first step

(output, h_n), (output_2, h_n_2) = gru(x), gru(other)
backward_last = (output_2 - output)[-1, :, 5:].abs().max().item()
backward_h_n = (h_n_2 - h_n)[1].abs().max().item()
print(f"backward half of output[-1] moves by {backward_last:.2f}")
print(f"backward half of h_n        moves by {backward_h_n:.2f}")

# %% one vector that has read everything
summary = torch.cat([h_n[-2], h_n[-1]], dim=1)  # of the last layer
same = torch.cat([output[-1, :, :5], output[0, :, 5:]], dim=1)
print(tuple(summary.shape), torch.equal(summary, same))

# %% as the text says check=true
assert backward_last == 0 < 0.05 < backward_h_n
assert torch.equal(summary, same)
