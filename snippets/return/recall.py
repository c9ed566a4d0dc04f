# %% which mark was it?
import torch
from torch.nn import LSTM, Linear
from torch.nn.functional import cross_entropy, one_hot

from gated import MinGRU
from gated.fast import GRU

MARKS, NOISE = 5, 10


def batch(size, steps, ago=None):
    """Make noise with one mark, anywhere or `ago` steps before the end."""
    signs = torch.randint(MARKS, MARKS + NOISE, (steps, size))
    mark = torch.randint(MARKS, (size,))
    at = torch.randint(steps, (size,)) if ago is None else steps - 1 - ago
    signs[at, torch.arange(size)] = mark
    return one_hot(signs, MARKS + NOISE).float(), mark


def train(kind, seed, updates=150):
    torch.manual_seed(seed)
    layer, read = kind(MARKS + NOISE, 8), Linear(8, MARKS)
    weights = [*layer.parameters(), *read.parameters()]
    optimizer = torch.optim.Adam(weights, lr=0.03)
    for _ in range(updates):
        x, mark = batch(64, 100)
        loss = cross_entropy(read(layer(x)[0][-1]), mark)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    return lambda x: read(layer(x)[0][-1])


@torch.no_grad()
def right(says, ago):
    torch.manual_seed(100)
    x, mark = batch(200, ago + 1, ago)
    return (says(x).argmax(-1) == mark).float().mean().item()


gaps = [0, 50, 99, 200]
worst = {}
print("      ", *(f"{ago:4} ago" for ago in gaps))
for kind in (GRU, LSTM, MinGRU):
    models = [train(kind, seed) for seed in range(3)]
    worst[kind] = [min(right(says, ago) for says in models) for ago in gaps]
    print(
        f"{kind.__name__:6}",
        "".join(f"{share:9.1f}" for share in worst[kind]),
    )
far = min(right(says, 2000) for says in models)
print(f"MinGRU, 2000 ago: {far:.1f}")

# %% values check=true
assert min(worst[MinGRU]) > 0.95
assert far < 0.4
for kind in (GRU, LSTM):
    assert min(worst[kind]) < 0.8
