# %% a fresh GRU
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=16, hidden_size=64)
x = torch.randn(100, 8, 16)  # 100 steps, 8 sequences


def update_gate():
    h, _ = gru(x)
    before = torch.cat([torch.zeros(1, 8, 64), h[:-1]])
    from_x = x @ gru.weight_ih_l0.T + gru.bias_ih_l0
    from_h = before @ gru.weight_hh_l0.T + gru.bias_hh_l0
    return torch.sigmoid(from_x + from_h)[..., 64:128]


print(f"as PyTorch makes it: mean z = {update_gate().mean():.2f}")

# %% keep more from the start
with torch.no_grad():
    gru.bias_ih_l0[64:128] = 2.0  # the rows of z
    gru.bias_hh_l0[64:128] = 0.0
print(f"with bias 2:         mean z = {update_gate().mean():.2f}")

# %% near a half at first check=true
z_biased = update_gate().mean().item()
torch.manual_seed(0)
gru = torch.nn.GRU(input_size=16, hidden_size=64)
z_fresh = update_gate().mean().item()
assert abs(z_fresh - 0.5) < 0.02
assert z_biased > 0.8
