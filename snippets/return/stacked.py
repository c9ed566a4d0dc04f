# %% two and three layers
import torch
from torch.nn import Linear
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from gated import MinGRU


def batch(size, steps):
    bits = torch.randint(2, (steps, size))
    return one_hot(bits, 2).float(), bits.cumsum(0) % 2 == 1


def train(num_layers, updates=400):
    torch.manual_seed(0)
    layer, read = MinGRU(2, 16, num_layers), Linear(16, 1)
    weights = [*layer.parameters(), *read.parameters()]
    optimizer = torch.optim.Adam(weights, lr=0.02)
    for _ in range(updates):
        x, odd = batch(64, 12)
        loss = binary_cross_entropy_with_logits(
            read(layer(x)[0])[..., 0], odd.float()
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    return lambda x: read(layer(x)[0])[..., 0]


@torch.no_grad()
def right(says_odd, steps):
    torch.manual_seed(100)
    x, odd = batch(500, steps)
    return ((says_odd(x) > 0) == odd)[-1].float().mean().item()


lengths = [2, 24, 100]
found = {}
print("layers", *(f"{steps:3} bits" for steps in lengths))
for num_layers in (1, 2, 3):
    says_odd = train(num_layers)
    found[num_layers] = [right(says_odd, steps) for steps in lengths]
    print(
        f"{num_layers:6}",
        "".join(f"{share:9.1f}" for share in found[num_layers]),
    )

# %% values check=true
assert found[1][0] < 0.85
for num_layers in (2, 3):
    assert found[num_layers][0] > 0.95
assert max(max(shares[1:]) for shares in found.values()) < 0.6
