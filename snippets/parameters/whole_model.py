# %% a language model
import matplotlib.pyplot as plt
import torch

import gated.figures

words, width = 10_000, 256
totals = {}
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 2.4))
for name, cell in [("LSTM", torch.nn.LSTM), ("GRU", torch.nn.GRU)]:
    parts = {
        "embedding": torch.nn.Embedding(words, width),
        name: cell(width, width),
        "output": torch.nn.Linear(width, words),
    }
    sizes = [
        sum(p.numel() for p in part.parameters()) / 1e6
        for part in parts.values()
    ]
    totals[name] = sum(sizes)
    print(
        f"{name:4}",
        " + ".join(f"{size:.2f}" for size in sizes),
        f"= {totals[name]:.2f} million",
    )
    colors = [
        "#BBBBBB",
        gated.figures.SERIES[name.lower()]["color"],
        "#767676",
    ]
    ax.barh(
        name, sizes, left=[0, sizes[0], sizes[0] + sizes[1]], color=colors
    )
for center, part in [(1.3, "embedding"), (2.8, "cell"), (4.3, "output")]:
    ax.text(center, 1.5, part, ha="center", va="bottom")
ax.set_xlabel("parameters, in millions")
ratio = totals["GRU"] / totals["LSTM"]
print(f"GRU / LSTM: {ratio:.3f}")

# %% other models check=true
translation = 66.32 / 68.95
assert 0.75 < translation < ratio < 1
small = [
    sum(p.numel() for part in parts for p in part.parameters())
    for parts in (
        (
            torch.nn.Embedding(50, width),
            cell(width, width),
            torch.nn.Linear(width, 50),
        )
        for cell in (torch.nn.GRU, torch.nn.LSTM)
    )
]
small_ratio = small[0] / small[1]
assert 0.75 < small_ratio < 0.8 < translation
lstm_share = (
    sum(p.numel() for p in torch.nn.LSTM(width, width).parameters())
    / 1e6
    / totals["LSTM"]
)
assert lstm_share < 0.1
