# %% cut a gradient that explodes
import torch
from torch import nn

torch.manual_seed(0)
rnn = nn.RNN(input_size=4, hidden_size=32)
with torch.no_grad():
    rnn.weight_hh_l0.mul_(4.0)  # large enough to explode

print("steps   length of the gradient   after clipping   same direction")
norms, cosines = [], []
for steps in (5, 10, 20):
    rnn.zero_grad()
    output, _ = rnn(0.1 * torch.randn(steps, 8, 4))
    output[-1].sum().backward()
    before = torch.cat([p.grad.flatten() for p in rnn.parameters()])
    nn.utils.clip_grad_norm_(rnn.parameters(), max_norm=1.0)
    after = torch.cat([p.grad.flatten() for p in rnn.parameters()])
    cosine = torch.cosine_similarity(before, after, dim=0).item()
    norms.append(before.norm().item())
    cosines.append(cosine)
    print(
        f"{steps:5}   {before.norm().item():22.0e}   "
        f"{after.norm().item():14.1f}   {cosine > 0.999}"
    )

# %% what the page says check=true
short, middle, long = norms
assert short * 2 < middle and middle * 2 < long and min(cosines) > 0.999
