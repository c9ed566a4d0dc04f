# %% learn whether the count of ones is odd
import torch
from torch.nn import LSTM, Linear
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from gated import MinGRU
from gated.fast import GRU


def batch(size, steps):
    bits = torch.randint(2, (steps, size))
    return one_hot(bits, 2).float(), bits.cumsum(0) % 2 == 1


def train(kind, seed, updates=300):
    torch.manual_seed(seed)
    layer, read = kind(2, 16), Linear(16, 1)
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


lengths = [2, 6, 12, 100]
trained, found = {}, {}
print("       seed ", *(f"{steps:4} bits" for steps in lengths))
for kind in (GRU, LSTM, MinGRU):
    for seed in range(3):
        trained[kind, seed] = says_odd = train(kind, seed)
        found[kind, seed] = [right(says_odd, steps) for steps in lengths]
        shares = "".join(f"{share:10.1f}" for share in found[kind, seed])
        print(f"{kind.__name__:6} {seed:4} {shares}")

# %% nothing but ones
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use("gated.figures.chart")
ones = one_hot(torch.ones(24, 1, dtype=torch.long), 2).float()
says = {}
for kind in (GRU, MinGRU):
    with torch.no_grad():
        says[kind.__name__] = torch.sigmoid(trained[kind, 0](ones))[
            :, 0
        ].tolist()
fig, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(5.2, 3.8))
for ax, name in [(top, "GRU"), (bottom, "MinGRU")]:
    ax.plot(range(1, 25), says[name], **SERIES[name.lower()])
    ax.axvline(12.5, color=MUTED, linewidth=1)
    ax.set(ylim=(-0.08, 1.08), yticks=[0, 1], yticklabels=["even", "odd"])
top.set_title("GRU")
bottom.set_title("minGRU")
bottom.set(xlabel="ones read", xticks=[1, 6, 12, 18, 24])
top.text(12.5, 1.12, "longer than in training", color=MUTED)

# %% values check=true
for seed in range(3):
    for kind in (GRU, LSTM):
        assert min(found[kind, seed]) > 0.95
    assert max(found[MinGRU, seed][1:]) < 0.7
gru_right = min(found[GRU, seed][-1] for seed in range(3))
lstm_right = min(found[LSTM, seed][-1] for seed in range(3))
min_right = max(found[MinGRU, seed][-1] for seed in range(3))
min_two = min(found[MinGRU, seed][0] for seed in range(3))
end = says["MinGRU"][12:]
spread = max(end) - min(end)
swing = max(says["GRU"][12:]) - min(says["GRU"][12:])
assert spread < 0.1 and swing > 0.9
assert all(
    (p > 0.5) == bool(t % 2) for t, p in enumerate(says["GRU"], start=1)
)
