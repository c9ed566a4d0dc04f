# %% two units by hand
import torch

# The first unit listens to the second.
W = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
h = torch.tensor([0.0, 1.0])  # the second has something to say
r = torch.tensor([1.0, 0.0])  # and its reset gate is shut
print("after:  r * (W @ h) =", (r * (W @ h)).tolist())
print("before: W @ (r * h) =", (W @ (r * h)).tolist())

# %% two cells with the same weights
from gated import GRUCell

torch.manual_seed(0)
after = GRUCell(input_size=3, hidden_size=5)
before = GRUCell(input_size=3, hidden_size=5, reset_after=False)
before.load_state_dict(after.state_dict())
x, h = torch.randn(1, 3), torch.randn(1, 5)
gap = (after(x, h) - before(x, h)).abs().max()
print(f"largest difference after one step: {gap:.2f}")

# %% the forms differ check=true
assert gap > 0.01
# With one unit, and no bias inside the product, they agree: the latch is
# the same in both.
narrow = GRUCell(2, 1)
narrow.bias_hh.data.zero_()
other = GRUCell(2, 1, reset_after=False)
other.load_state_dict(narrow.state_dict())
assert torch.allclose(narrow(x[:, :2], h[:, :1]), other(x[:, :2], h[:, :1]))
