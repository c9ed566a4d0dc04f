# %% how far the news travels
import matplotlib.pyplot as plt
import torch

from gated import GRUCell, RNNCell
from gated.figures import SERIES

rnn = RNNCell(input_size=1, hidden_size=1).double()
gru = GRUCell(input_size=2, hidden_size=1).double()
with torch.no_grad():
    for weight in [*rnn.parameters(), *gru.parameters()]:
        weight.zero_()
    rnn.weight_hh[:] = 3.0  # the plain latch
    gru.bias_ih[:] = torch.tensor([4.0, 4.0, 0.0])  # our latch, at rest
    gru.weight_hh[2] = 1.0

distance = range(1, 41)
slopes: dict[str, list[float]] = {}
for name, cell in [("rnn", rnn), ("gru", gru)]:
    quiet = torch.zeros(1, cell.input_size, dtype=torch.float64)
    first = torch.full(
        (1, 1), 0.98, dtype=torch.float64, requires_grad=True
    )
    h, slopes[name] = first, []
    for _ in distance:
        h = cell(quiet, h)
        slopes[name] += [
            torch.autograd.grad(h, first, retain_graph=True)[0].item()
        ]
for t in (20, 40):
    print(
        f"{t} steps: rnn {slopes['rnn'][t - 1]:.0e}, "
        f"gru {slopes['gru'][t - 1]:.1f}"
    )

# %% chart
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.4))
for name, label in (("gru", "GRU\nlatch"), ("rnn", "plain RNN\nlatch")):
    ax.semilogy(distance, slopes[name], **SERIES[name], markevery=8)
    ax.annotate(
        label,
        (distance[-1], slopes[name][-1]),
        (8, 0),
        textcoords="offset points",
        va="center",
    )
ax.set(xlabel="steps since the mark", ylabel="gradient that comes back")
ax.set(ylim=(1e-66, 1e6), yticks=[1, 1e-20, 1e-40, 1e-60])
ax.set(xlim=(0, distance[-1]), xticks=range(0, 41, 10))

# %% the gap check=true
rnn_20, gru_20, gru_40 = (
    slopes["rnn"][19],
    slopes["gru"][19],
    slopes["gru"][39],
)
assert rnn_20 < 1e-25 and gru_20 > 0.5 and gru_40 < gru_20

# %% what the claims rest on check=true
latch_keeps_its_gradient = gru_40 > 0.5
