# %% chain
from math import tanh

h, w = 0.5, 2.0
a = w * h
n = tanh(a)
loss = (n - 1) ** 2 / 2

d_n = n - 1
d_a = d_n * (1 - n**2)
d_w = d_a * h
print(f"n = {n:.3f}, loss = {loss:.4f}")
print(f"d_n = {d_n:.3f}, d_a = {d_a:.3f}, d_w = {d_w:.3f}")

# %% raise the weight
nudged = (tanh((w + 0.01) * h) - 1) ** 2 / 2
print(f"with w = 2.01 the loss is {nudged:.4f}")

# %% values check=true
missing, missing_a, missing_w = -d_n, -d_a, -d_w
slope = 1 - n**2
fallen = loss - nudged
assert abs(fallen / 0.01 + d_w) < 0.001
