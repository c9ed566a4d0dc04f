# %% the last state of both directions
import torch
from torch import nn

torch.manual_seed(0)
gru = nn.GRU(input_size=4, hidden_size=8, bidirectional=True)
x = torch.randn(10, 1, 4)
output, h_n = gru(x)  # output (10, 1, 16): forward 0 to 7, backward 8 to 15

wrong = output[-1]  # what many take for "the state at the end"
right = torch.cat([h_n[-2], h_n[-1]], dim=1)  # forward at the last step, backward at the first

changed = x.clone()
changed[0] = 0.0  # only the first step is another
output, h_n = gru(changed)
print("the first step matters to the backward half")
print("  of output[-1]:       ", not torch.equal(wrong[:, 8:], output[-1][:, 8:]))
print("  of h_n[-2], h_n[-1]: ", not torch.equal(right[:, 8:], h_n[-1]))

# %% what the page says check=true
assert torch.equal(wrong[:, 8:], output[-1][:, 8:]) and not torch.equal(right[:, 8:], h_n[-1])
assert torch.equal(right[:, :8], torch.cat([wrong], 1)[:, :8])
