# %% a language model
import matplotlib.pyplot as plt
import torch

import gated.figures

words, width = 10_000, 256
totals = {}


def millions(layer):
    return sum(p.numel() for p in layer.parameters()) / 1e6


plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 2.4))
for name, cell in [("LSTM", torch.nn.LSTM), ("GRU", torch.nn.GRU)]:
    parts = {
        "embedding": torch.nn.Embedding(words, width),
        name: cell(width, width),
        "output": torch.nn.Linear(width, words),
    }
    sizes = [millions(part) for part in parts.values()]
    totals[name] = sum(sizes)
    summands = " + ".join(f"{size:.2f}" for size in sizes)
    print(f"{name:4} {summands} = {totals[name]:.2f} million")
    color = gated.figures.SERIES[name.lower()]["color"]
    left = [0, sizes[0], sizes[0] + sizes[1]]
    ax.barh(name, sizes, left=left, color=["#BBBBBB", color, "#767676"])
for center, part in [(1.3, "embedding"), (2.8, "cell"), (4.3, "output")]:
    ax.text(center, 1.5, part, ha="center", va="bottom")
ax.set_xlabel("parameters, in millions")
ratio = totals["GRU"] / totals["LSTM"]
print(f"GRU / LSTM: {ratio:.3f}")

# %% other models check=true
translation = 66.32 / 68.95
assert 0.75 < translation < ratio < 1
gru, lstm = (
    millions(cell(width, width)) for cell in (torch.nn.GRU, torch.nn.LSTM)
)
around = millions(torch.nn.Embedding(50, width))
around += millions(torch.nn.Linear(width, 50))
small_ratio = (around + gru) / (around + lstm)
assert 0.75 < small_ratio < 0.8 < translation
lstm_share = lstm / totals["LSTM"]
assert lstm_share < 0.1
