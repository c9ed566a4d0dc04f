# %% count
from math import sqrt

import torch
from torch.utils.flop_counter import FlopCounterMode

from gated import GRUCell

width = 64
weights = torch.randn(4, width, width, requires_grad=True) / sqrt(width)
w_query, w_key, w_value, w_out = weights
cell = GRUCell(width, width)


def gru(x):
    h = torch.zeros(1, width)
    for row in x.split(1):
        h = cell(row, h)
    return h


def self_attention(x):
    query, key, value = x @ w_query, x @ w_key, x @ w_value
    return (query @ key.mT / sqrt(width)).softmax(-1) @ value @ w_out


def multiplications(layer, x):
    with FlopCounterMode(display=False) as counter:
        layer(x)
    # Additions were counted too.
    return counter.get_total_flops() // 2


def longest_chain(result):
    """How many operations have to wait for one another in a row."""
    depth: dict[object, int] = {}
    waiting = [result.grad_fn]
    while waiting:
        before = [node for node, _ in waiting[-1].next_functions if node]
        unknown = [node for node in before if node not in depth]
        if unknown:
            waiting += unknown
        else:
            longest = max((depth[node] for node in before), default=0)
            depth[waiting.pop()] = 1 + longest
    return depth[result.grad_fn]


layers = {"gru": gru, "attention": self_attention}
lengths = [8, 16, 32, 64, 128, 256, 512, 1024]
products: dict[str, list[int]] = {name: [] for name in layers}
chains: dict[str, list[int]] = {name: [] for name in layers}
for steps in lengths:
    x = torch.randn(steps, width)
    for name, layer in layers.items():
        products[name].append(multiplications(layer, x))
        chains[name].append(longest_chain(layer(x)))
print("          multiplications      longest chain")
print("steps       GRU   attention    GRU  attention")
for i in (1, 3, 5, 7):
    print(
        f"{lengths[i]:5}"
        f" {products['gru'][i]:10,} {products['attention'][i]:11,}"
        f"{chains['gru'][i]:7} {chains['attention'][i]:9}"
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.8))
for name, label in [("gru", "GRU"), ("attention", "self-attention")]:
    per_step = [
        count / steps / 1e3
        for count, steps in zip(products[name], lengths, strict=True)
    ]
    ax.plot(lengths, per_step, **SERIES[name], label=label)
ax.axvline(width, color=MUTED, linewidth=1)
ax.text(
    width,
    1.02,
    "as many steps as units",
    transform=ax.get_xaxis_transform(),
    ha="center",
    color=MUTED,
)
ax.set_xscale("log", base=2)
ax.set_xticks(lengths, lengths)
ax.minorticks_off()
ax.set(xlabel="steps in the sequence")
ax.set(ylabel="thousand multiplications a step", ylim=0)
fig.legend(loc="outside upper left", ncols=2)

# %% values check=true
for steps, recurrent, attentive in zip(
    lengths, products["gru"], products["attention"]
):
    assert recurrent == 6 * steps * width**2
    assert attentive == 4 * steps * width**2 + 2 * steps**2 * width
equal = lengths.index(width)
assert products["gru"][equal] == products["attention"][equal]
ratio_long = products["attention"][-1] / products["gru"][-1]
ratio_short = products["attention"][0] / products["gru"][0]
assert len(set(chains["attention"])) == 1
chain_attention = chains["attention"][0]
chain_16 = chains["gru"][1]
chain_256 = chains["gru"][5]
for first, second in zip(chains["gru"], chains["gru"][1:]):
    assert 1.9 < second / first < 2.1
kept_gru, kept_attention = width, 2 * 1024 * width
