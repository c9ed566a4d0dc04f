# %% a latch without gates
import torch

from gated import RNNCell

cell = RNNCell(input_size=1, hidden_size=1)
with torch.no_grad():
    cell.weight_ih[:] = 3.0
    cell.weight_hh[:] = 3.0
    cell.bias_ih[:] = 0.0
    cell.bias_hh[:] = 0.0

mark, quiet = torch.ones(1, 1, requires_grad=True), torch.zeros(1, 1)
h = cell(mark, torch.zeros(1, 1))
print("steps      h  dh/dmark")
for step in range(1, 2001):
    h = cell(quiet, h)
    if step in (1, 5, 10, 20, 2000):
        (slope,) = torch.autograd.grad(h, mark, retain_graph=True)
        print(f"{step:5}  {h.item():.3f}  {slope.item():8.0e}")

# %% it remembers and cannot learn check=true
assert h.item() > 0.99
assert slope.item() == 0
held = h.item()
held_slope = 3 * (1 - held**2)
h = torch.zeros(1, 1)
for step in range(2000):
    h = cell(quiet, h)
assert h.item() == 0  # without the mark it stays empty

# %% a weight below one does not latch check=true
with torch.no_grad():
    cell.weight_hh[:] = 0.9
    h = cell(mark, h)
    assert h.item() > 0.99
    for step in range(100):
        h = cell(quiet, h)
assert h.item() < 0.001
