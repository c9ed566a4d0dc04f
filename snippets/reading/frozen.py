# %% hold a gate still
import torch
from torch import sigmoid, tanh

from gated.characters import encode, load, scene
from gated.probes import record_gates

model, x = load(), encode(scene())
gru = model.gru
gates = record_gates(gru, x)
# One value for each unit.
r_mean, z_mean = gates.r.mean(1)[0, 0], gates.z.mean(1)[0, 0]


@torch.no_grad()
def bits(r_fixed=None, z_fixed=None):
    h, states = torch.zeros(128), []
    for from_x in x[:, 0] @ gru.weight_ih_l0.T + gru.bias_ih_l0:
        x_r, x_z, x_n = from_x.chunk(3)
        h_r, h_z, h_n = (gru.weight_hh_l0 @ h + gru.bias_hh_l0).chunk(3)
        r = sigmoid(x_r + h_r) if r_fixed is None else r_fixed
        z = sigmoid(x_z + h_z) if z_fixed is None else z_fixed
        h = (1 - z) * tanh(x_n + r * h_n) + z * h
        states.append(h)
    chances = model.predict(torch.stack(states))[:-1].softmax(-1)
    return -chances[x[1:, 0] > 0].log2().mean().item()


intact = bits()
r_held, z_held = bits(r_fixed=r_mean), bits(z_fixed=z_mean)
print(f"as trained            {intact:.1f} bits per character")
print(f"each z at its mean    {z_held:.1f}")
print(f"each r at its mean    {r_held:.1f}")

# %% values check=true
import math

assert r_held - intact > 2 * (z_held - intact) > 0
z_overall, r_overall = gates.z.mean().item(), gates.r.mean().item()
uniform = math.log2(65)
r_open = bits(r_fixed=torch.ones(128))
assert r_open > 4 * uniform
