# %% the verdicts
from gated import evidence

NAMES = {"gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}
verdicts = evidence.read("text")["verdicts"]
print("bits more than the GRU: mean and 95% interval")
for name, found in verdicts.items():
    context, cell = name.split()
    print(
        f"{context:>4} {NAMES[cell]:7} {found['difference']:7.3f}", end="  "
    )
    print(
        f"({found['low']:.3f} to {found['high']:.3f})  "
        f"better: {found['better']}"
    )

# %% every seed
import matplotlib.pyplot as plt

from gated.figures import SERIES
from gated.figures.seeds import seeds

SETTINGS = evidence.settings("text")
CONTEXTS, NETWORKS = SETTINGS["contexts"], SETTINGS["networks"]


def bits(cell, context):
    """The bits that each seed needs for a character of the test text."""
    return [
        one["outcome"]["bits"]
        for one in evidence.trials("text", cell=cell, context=context)
    ]


plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.8))
for place, context in enumerate(CONTEXTS):
    for shift, cell in enumerate(NETWORKS):
        label = "" if place else NAMES[cell]
        seeds(
            ax,
            place + 0.3 * (shift - 1),
            bits(cell, context),
            cell,
            label=label,
        )
ax.set_xticks(range(len(CONTEXTS)), CONTEXTS)
ax.set(
    xlabel="characters it may look back on",
    ylabel="bits for a character",
    xlim=(-0.5, 2.5),
)
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, handlelength=1)

# %% by position
from itertools import pairwise

import torch

fig, ax = plt.subplots(figsize=(5.2, 3.6))
longest = CONTEXTS[-1]
for cell in NETWORKS:
    found = evidence.trials("text", cell=cell, context=longest)
    mean = torch.tensor(
        [one["outcome"]["by_position"] for one in found]
    ).mean(0)
    # Later on, one position says little: each mean is over twice as many.
    edges = [0, *(2**power for power in range(longest.bit_length()))]
    spans = [mean[low:high].mean().item() for low, high in pairwise(edges)]
    ax.plot(
        range(1, len(spans) + 1), spans, **SERIES[cell], label=NAMES[cell]
    )
ax.set_xticks(range(1, len(spans) + 1), edges[1:])
ax.set(
    xlabel="position in the window, up to", ylabel="bits for a character"
)
ax.legend()

# %% what the prose says check=true
lstm_width, gru_width, mingru_width = (
    SETTINGS["widths"][cell] for cell in ("lstm", "gru", "mingru")
)
updates = SETTINGS["updates"]
minutes = (
    sum(one["seconds"] for one in evidence.read("text")["trials"]) / 60
)
of_lstm = [verdicts[f"{context} lstm"] for context in CONTEXTS]
assert {one["better"] for one in of_lstm} == {"tie"}
assert all(
    verdicts[f"{context} mingru"]["better"] == "gru" for context in CONTEXTS
)
least_mingru = min(
    verdicts[f"{context} mingru"]["difference"] for context in CONTEXTS
)
most_mingru = max(
    verdicts[f"{context} mingru"]["difference"] for context in CONTEXTS
)
most_lstm, most_open = (
    max(one[key] for one in of_lstm) for key in ("difference", "high")
)
assert (
    min(one["difference"] for one in of_lstm) > 0
)  # the LSTM needs a little more, each time
assert most_lstm < 0.05 < least_mingru
rates = {one["config"]["rate"] for one in evidence.trials("text")}
assert rates == {max(SETTINGS["rates"])}


def by_position(cell, low, high):
    found = evidence.trials("text", cell=cell, context=longest)
    return sum(
        sum(one["outcome"]["by_position"][low:high]) for one in found
    ) / (len(found) * (high - low))


first_gru, early_gru, late_gru = (
    by_position("gru", low, high)
    for low, high in ((0, 1), (8, 16), (128, 256))
)
assert first_gru == min(by_position(cell, 0, 1) for cell in NETWORKS) > 3.5
assert late_gru > early_gru - 0.05
