# %% a whole layer
import torch

import gated
from gated import fast

torch.manual_seed(0)
x = torch.randn(100, 8, 16).double()  # 100 steps, 8 sequences


def by_hand(layer):
    return layer(x)[0]


def by_autograd(layer):
    cell = getattr(gated, f"{type(layer).__name__}Cell")(16, 32).double()
    weights = dict(zip(cell.state_dict(), layer.parameters()))
    state, outputs = None, []
    for from_x in x:
        state = torch.func.functional_call(cell, weights, (from_x, state))
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(outputs)


gaps = []
for layer in (fast.GRU(16, 32).double(), fast.LSTM(16, 32).double()):
    pairs = [
        torch.autograd.grad(
            run(layer).square().sum(), list(layer.parameters())
        )
        for run in (by_hand, by_autograd)
    ]
    for hand, auto in zip(*pairs):
        gaps.append(((hand - auto).abs().max() / auto.abs().max()).item())
print(
    f"{len(gaps)} gradients, each within a part in 10^12: "
    f"{max(gaps) < 1e-12}"
)

# %% not empty check=true
assert max(gaps) < 1e-12
assert len(gaps) == 8
assert all(auto.abs().max() > 0.01 for auto in pairs[1])
