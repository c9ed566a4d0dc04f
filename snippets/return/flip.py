# %% one unit that flips
import torch

bits = torch.tensor([1, 0, 1, 1, 0, 1, 1, 1]).double()
odd = bits.cumsum(0) % 2

# A GRU by hand: h is 1 after an even count of ones, -1 after an odd one.
h, states = torch.tensor(1.0).double(), []
for x in bits:
    z = torch.sigmoid(8 - 16 * x)  # a one lets the candidate in
    n = torch.tanh(-8 * h)  # and the candidate is the state, turned round
    h = (1 - z) * n + z * h
    states.append(h.item())
print("bits  ", bits.int().tolist())
print("odd   ", odd.int().tolist())
print("h     ", [round(h) for h in states])

# By a scan: nothing is written, and a one keeps -1 times the state.
# What is left of the joins is a running product.
keep = 1 - 2 * bits
print("scan  ", keep.cumprod(0).int().tolist())

# %% both are right check=true
assert all((h < 0) == bool(o) for h, o in zip(states, odd, strict=True))
assert torch.equal(keep.cumprod(0), 1 - 2 * odd)
worst = min(abs(h) for h in states)
assert worst > 0.99
