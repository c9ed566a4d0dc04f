# %% count
import torch


def count(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def formula(blocks, inputs, hidden, layers=1, directions=1):
    """PyTorch's count: a block reads input and state, each with a bias."""
    total = 0
    for layer in range(layers):
        reads = inputs if layer == 0 else hidden * directions
        total += directions * blocks * hidden * (reads + hidden + 2)
    return total


inputs, hidden = 64, 128
for name, blocks in [("RNN", 1), ("GRU", 3), ("LSTM", 4)]:
    layer = getattr(torch.nn, name)(
        inputs, hidden, num_layers=2, bidirectional=True
    )
    same = count(layer) == formula(
        blocks, inputs, hidden, layers=2, directions=2
    )
    print(
        f"{name:4} {count(layer):9,} parameters, "
        f"as the formula says: {same}"
    )
    assert same

# %% where they are
model = torch.nn.ModuleDict(
    {
        "embedding": torch.nn.Embedding(5000, 64),
        "gru": torch.nn.GRU(64, 128),
        "head": torch.nn.Linear(128, 5000),
    }
)
shares = {name: count(part) / count(model) for name, part in model.items()}
for name, part in model.items():
    print(f"{name:9} {count(part):9,} {shares[name]:4.0%}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
for name, blocks in [("lstm", 4), ("gru", 3), ("rnn", 1)]:
    color = SERIES[name]["color"]
    bars = ax.barh(name.upper(), blocks, 0.6, color=color)
    ax.bar_label(bars, padding=4)
ax.set(xlim=(0, 4.5))
ax.tick_params(labelleft=True)

# %% margins check=true
gru_share = shares["gru"]
gru_count = count(torch.nn.GRU(64, 128))
lstm_count = count(torch.nn.LSTM(64, 128))
assert 4 * gru_count == 3 * lstm_count
assert gru_share < 0.1 < shares["embedding"] < shares["head"]
