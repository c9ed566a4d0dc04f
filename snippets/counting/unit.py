# %% two small nets, trained on short strings
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gated import GRU
from gated.probes import record_gates
from gated.studies.languages import NOTHING, draw, encoded, longest, strings


class Reader(nn.Module):
    """Names what comes next after every symbol."""

    def __init__(self, layer):
        super().__init__()
        self.layer, self.name = layer(3, 10), nn.Linear(10, 3)

    def forward(self, x):
        return self.name(self.layer(x)[0])


def train(layer, updates=500):
    torch.manual_seed(0)
    model, data = Reader(layer), torch.Generator().manual_seed(0)
    adam = torch.optim.Adam(model.parameters(), lr=0.03)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, updates)
    for _ in range(updates):
        read, wanted = draw(20, 2, 16, data)  # n up to 20
        scores = model(encoded(read, 2)).flatten(0, 1)
        loss = cross_entropy(scores, wanted.flatten(), ignore_index=NOTHING)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        falling.step()
    return model


nets = {layer.__name__: train(layer) for layer in (GRU, nn.LSTM)}
for name, net in nets.items():
    print(f"{name:4} accepts all n up to {longest(net, 2, 300)}")

# %% the unit that counts
import matplotlib.pyplot as plt

from gated.charts import MUTED, SERIES

N = 20
read, _ = strings([N], 2)
count = torch.tensor([0.0, *range(1, N + 1), *range(N - 1, -1, -1)])


def counter(net):
    """The unit whose memory follows the count best, its memory, and what its gate keeps."""
    gates = record_gates(net.layer, encoded(read, 2))
    memory = (gates.c if hasattr(gates, "c") else gates.h)[0, :, 0]
    keeps = (gates.f if hasattr(gates, "f") else gates.z)[0, :, 0]
    alike = [torch.corrcoef(torch.stack([count, unit]))[0, 1].abs() for unit in memory.T]
    unit = int(torch.stack(alike).argmax())
    return unit, memory[:, unit], keeps[1:, unit].mean().item()


plt.style.use("gated.chart")
fig, axes = plt.subplots(2, 1, figsize=(5.2, 4.4), sharex=True)
kept = {}
for ax, (name, net) in zip(axes, nets.items(), strict=True):
    unit, memory, kept[name] = counter(net)
    ax.plot(memory, **SERIES[name.lower()], markevery=5)
    ax.axvline(N, color=MUTED, linewidth=1)
    ax.set_title(f"{name}, unit {unit}: {'h' if name == 'GRU' else 'c'}")
    print(f"{name:4} keeps {kept[name]:.3f} of its memory a step, so a count levels off")
    print(f"     after about {1 / (1 - kept[name]):.0f} steps")
axes[-1].set_xlabel(f"steps: the mark, {N} times a, {N} times b")

# %% what the prose says check=true
gru_reach, lstm_reach = (longest(net, 2, 300) for net in nets.values())
gru_keeps, lstm_keeps = kept["GRU"], kept["LSTM"]
gru_levels, lstm_levels = 1 / (1 - gru_keeps), 1 / (1 - lstm_keeps)
_, c, _ = counter(nets["LSTM"])
_, h, _ = counter(nets["GRU"])
first, last = ((c[k + 4] - c[k]).abs().item() for k in (1, N - 4))
gru_first, gru_last = ((h[k + 4] - h[k]).abs().item() for k in (3, N - 4))
assert lstm_reach > gru_reach and lstm_keeps > gru_keeps + 0.05
assert c.abs().max() > 8 and h.abs().max() < 1
assert last > 0.6 * first and gru_last < 0.7 * gru_first
