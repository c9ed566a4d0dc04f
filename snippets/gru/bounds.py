# %% a blend stays within one
import torch

from gated import GRUCell

torch.manual_seed(0)
gru = GRUCell(input_size=3, hidden_size=50)
h, largest = torch.zeros(1, 50), 0.0
with torch.no_grad():
    for weight in gru.parameters():
        weight.normal_(std=10)  # absurdly large
    for _ in range(200):
        h = gru(10 * torch.randn(1, 3), h)
        largest = max(largest, h.abs().max().item())
print(
    "200 steps with huge weights and inputs, |h| at most 1:", largest <= 1
)

# %% the same loop without tanh
state = 0.1
for _ in range(200):
    n = 2 * state  # a candidate that nothing squashes
    state = 0.9 * state + 0.1 * n
print(f"one unit with z = 0.9 and n = 2h: {state:.0e}")

# %% bounded and not check=true
assert 0.9 < largest <= 1
assert state > 1e6
