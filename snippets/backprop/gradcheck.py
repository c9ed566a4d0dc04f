# %% gradcheck
import torch

from gated.fast import GRU, LSTM

torch.manual_seed(0)
x = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
for layer in (GRU(3, 4).double(), LSTM(3, 4).double()):
    right = torch.autograd.gradcheck(lambda x: layer(x)[0], x)
    print("the gradient is right:", right)

# %% a gradient of a gradient
for layer in (GRU(3, 4).double(), LSTM(3, 4).double()):
    right = torch.autograd.gradgradcheck(lambda x: layer(x)[0], x)
    print("and the gradient of the gradient:", right)

# %% it is the pass by hand check=true
node = GRU(3, 4)(torch.randn(5, 2, 3))[0].grad_fn
names = set()
while node is not None:
    names.add(node.name())
    node = node.next_functions[0][0] if node.next_functions else None
assert "_GRUBackward" in names, names
