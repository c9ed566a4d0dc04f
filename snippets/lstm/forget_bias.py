# %% what a forget bias keeps
from math import exp, log

print("bias      f  half-life  largest count")
for bias in (0, 1, 2, 5):
    f = 1 / (1 + exp(-bias))
    print(
        f"{bias:4}  {f:.3f} {log(0.5) / log(f):10.1f} {1 / (1 - f):14.1f}"
    )

# %% as PyTorch makes it
import torch

torch.manual_seed(0)
H = 64
lstm = torch.nn.LSTM(input_size=16, hidden_size=H)
# The rows are i, f, g, o.
forget = (lstm.bias_ih_l0 + lstm.bias_hh_l0)[H : 2 * H].detach()
print(f"{H} forget biases, from {forget.min():.2f} to {forget.max():.2f}")

# %% forget bias 1
with torch.no_grad():
    lstm.bias_ih_l0[H : 2 * H] = 1.0
    lstm.bias_hh_l0[H : 2 * H] = 0.0

# %% values check=true
half_life_0, half_life_1 = (
    log(0.5) / -log(1 + exp(-bias)) for bias in (0, 1)
)
count_0, count_1, count_5 = (1 + exp(bias) for bias in (0, 1, 5))
default_mean, default_max = forget.mean().item(), forget.max().item()
assert abs(default_mean) < 0.05 and default_max < 0.25
assert ((lstm.bias_ih_l0 + lstm.bias_hh_l0)[H : 2 * H] == 1).all()
# A count of marks really settles there.
for bias, limit in [(0, count_0), (1, count_1), (5, count_5)]:
    c = 0.0
    for _ in range(5000):
        c = c / (1 + exp(-bias)) + 1
    assert abs(c - limit) < 1e-6
