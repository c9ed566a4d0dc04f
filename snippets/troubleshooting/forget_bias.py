# %% the forget gate of a fresh layer
import torch

from gated.initialization import forget_bias_
from gated.probes import record_gates

torch.manual_seed(0)
x = torch.randn(20, 8, 16)


def mean_f(lstm):
    return record_gates(lstm, x).f.mean().item()


plain = torch.nn.LSTM(input_size=16, hidden_size=64)
print(f"as PyTorch draws it:    mean f = {mean_f(plain):.2f}")

# %% set to 1
twice = torch.nn.LSTM(input_size=16, hidden_size=64)
with torch.no_grad():
    for name, bias in twice.named_parameters():
        if name.startswith("bias"):
            bias[64:128] = 1.0  # in both biases, which are added
print(f"1 in both biases:       mean f = {mean_f(twice):.2f}")
once = forget_bias_(torch.nn.LSTM(input_size=16, hidden_size=64), 1.0)
print(f"1 in one, 0 in other:   mean f = {mean_f(once):.2f}")

# %% as the text says check=true
f_plain, f_twice, f_once = mean_f(plain), mean_f(twice), mean_f(once)
assert (
    abs(f_plain - 0.5) < 0.02
    and abs(f_once - 0.73) < 0.03
    and abs(f_twice - 0.88) < 0.03
)
