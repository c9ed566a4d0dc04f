# %% a forget bias of 1
import torch
from torch import nn

torch.manual_seed(0)
H = 64
lstm = nn.LSTM(input_size=8, hidden_size=H)
forget = slice(H, 2 * H)  # the second block: i, f, g, o


def gate():
    total = lstm.bias_ih_l0[forget] + lstm.bias_hh_l0[forget]  # two biases, and they add up
    return torch.sigmoid(total).mean().item()


print(f"as drawn:              f is about {gate():.1f}")
with torch.no_grad():
    lstm.bias_ih_l0[forget] = lstm.bias_hh_l0[forget] = 1.0
print(f"both biases set to 1:  f is about {gate():.2f}, a bias of 2")
with torch.no_grad():
    lstm.bias_hh_l0[forget] = 0.0
print(f"one of them:           f is about {gate():.2f}, a bias of 1")
