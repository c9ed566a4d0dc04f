# %% two small nets on short strings
from copy import deepcopy

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gated.fast import GRU, LSTM
from gated.probes import record_gates
from gated.tasks.languages import NOTHING, draw, encoded, longest, strings


class Reader(nn.Module):
    """Names what comes next after every symbol."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.name = layer(3, 10), nn.Linear(10, 3)

    def forward(self, x):
        return self.name(self.layer(x)[0])


def train(layer, updates=500):
    torch.manual_seed(0)
    net, data = Reader(layer), torch.Generator().manual_seed(0)
    adam = torch.optim.Adam(net.parameters(), lr=0.03)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, updates)
    for _ in range(updates):
        read, wanted = draw(20, 2, 16, data)  # n up to 20
        scores = net(encoded(read, 2)).flatten(0, 1)
        loss = cross_entropy(scores, wanted.flatten(), ignore_index=NOTHING)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        falling.step()
    return net


nets = {"gru": train(GRU), "lstm": train(LSTM)}
reach = {name: longest(net, 2, 300) for name, net in nets.items()}
for name in nets:
    print(f"{name.upper():4} accepts all n up to {reach[name]}")

# %% the unit that counts
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

N = 20
count = torch.tensor(
    [0.0, *range(1, N + 1), *range(N - 1, -1, -1)]
)  # from the mark on


def watch(net, n):
    """Each unit's memory, and what its gate keeps, at every step."""
    gates = record_gates(net.layer, encoded(strings([n], 2)[0], 2))
    memory, keeps = (
        (gates.h, gates.z) if hasattr(gates, "z") else (gates.c, gates.f)
    )
    return memory[0, :, 0].detach(), keeps[0, :, 0].detach()


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 1, figsize=(5.2, 5.6), sharex=True)
units, keeps = {}, {}
for ax, (name, net) in zip(axes, nets.items(), strict=False):
    memory, gate = watch(net, N)
    alike = [
        torch.corrcoef(torch.stack([count, unit]))[0, 1].abs()
        for unit in memory.T
    ]
    units[name] = unit = int(torch.stack(alike).argmax())
    keeps[name] = gate[10, unit].item()  # at the tenth a
    ax.plot(memory[:, unit], **SERIES[name], markevery=5)
    ax.set_title(
        f"{name.upper()}, unit {unit}: {'h' if name == 'gru' else 'c'}"
    )
    axes[2].plot(gate[:, unit], **SERIES[name], markevery=5)
    print(
        f"{name.upper():4} keeps {keeps[name]:.3f} "
        "of its memory at the tenth a"
    )
for ax in axes:
    ax.axvline(N, color=MUTED, linewidth=1)
axes[2].set(
    title="what they keep: z of the GRU, f of the LSTM", ylim=(0, 1.05)
)
axes[2].set_xlabel(f"steps: the mark, {N} times a, {N} times b")

# %% why it stops where it does
f, unit = keeps["lstm"], units["lstm"]
levels, misses = 1 / (1 - f), (0.5 / (1 - f)) ** 0.5
print(f"c levels off at 1 / (1 - f), near {round(levels, -2):,.0f}")
print(f"half a step is lost at n = {misses:.0f}")
net = deepcopy(nets["lstm"])
with torch.no_grad():  # the second ten are the forget gates: open this one
    net.layer.bias_ih_l0[10 + unit] = 50.0
opened = round(longest(net, 2, 300), -1)
print(f"with f = 1 the LSTM accepts all n up to about {opened}")

# %% what the prose says check=true
gru_reach, lstm_reach = reach["gru"], reach["lstm"]
gru_keeps, lstm_keeps = keeps["gru"], keeps["lstm"]
net = nets["lstm"]
c, gate = (part[:, unit] for part in watch(net, N))
h = watch(nets["gru"], N)[0][:, units["gru"]]
assert gru_reach < lstm_reach < opened and lstm_reach >= N and opened < 100
assert gru_keeps < 0.95 and 0.995 < lstm_keeps < 1
first, last = ((c[k + 4] - c[k]).abs().item() for k in (3, N - 4))
gru_first, gru_last = ((h[k + 4] - h[k]).abs().item() for k in (3, N - 4))
assert c.abs().max() > 15 and h.abs().max() < 1
assert abs(last / first - 1) < 0.15 and gru_last < 0.5 * gru_first
assert (
    gate[5 : 2 * N - 1] > 0.99
).all()  # it dips where the string begins and ends
# The count goes on far beyond the strings that are rejected.
after_300 = watch(net, 300)[0][300, unit].abs().item()
assert 10 * lstm_reach < after_300 < levels
assert 0.7 < misses / lstm_reach < 1.4
# The first rejected string ends one b too soon; all else in it is right.
read, wanted = (part[:, 0] for part in strings([lstm_reach + 1], 2))
with torch.no_grad():
    named = net(encoded(read.unsqueeze(1), 2))[:, 0].argmax(-1)
wrong = [
    k for k in range(len(read)) if read[k] != 1 and named[k] != wanted[k]
]
assert wrong == [len(read) - 2] and named[wrong[0]] == 0
# Two more units count, and they leak as well.
memory, gates = watch(net, N)
alike = [
    torch.corrcoef(torch.stack([count, one]))[0, 1].abs()
    for one in memory.T
]
counters = [one for one in range(10) if alike[one] > 0.95]
assert len(counters) == 3 and all(
    gates[10, one] < 0.9999 for one in counters
)
