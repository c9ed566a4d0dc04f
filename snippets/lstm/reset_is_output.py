# %% play an output gate as a reset gate
import torch

torch.manual_seed(0)
# Weights of f, g and o.
W_x, W_h = torch.randn(3, 5, 3), torch.randn(3, 5, 5)

# An LSTM with i = 1 - f that shows o * c, without the tanh around c.
h = c = torch.zeros(5)
inputs, cells, f_seen, o_seen = torch.randn(20, 3), [c], [], [torch.ones(5)]
for x in inputs:
    f, g, o = W_x @ x + W_h @ h
    f, g, o = torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + (1 - f) * g
    h = o * c
    cells.append(c)
    f_seen.append(f)
    o_seen.append(o)

# A GRU, reset before the product, whose z is f and r the o before.
state, differences = torch.zeros(5), []
for t, x in enumerate(inputs):
    z, r = f_seen[t], o_seen[t]
    n = torch.tanh(W_x[1] @ x + W_h[1] @ (r * state))
    state = (1 - z) * n + z * state
    differences.append((state - cells[t + 1]).abs().max())
print("20 steps, same memory:", bool(max(differences) < 1e-5))

# %% of the step before and no other check=true
assert max(differences) < 1e-5
state = torch.zeros(5)
for t, x in enumerate(inputs):
    z, r = f_seen[t], o_seen[t + 1]
    n = torch.tanh(W_x[1] @ x + W_h[1] @ (r * state))
    state = (1 - z) * n + z * state
assert (state - cells[-1]).abs().max() > 0.01
