# %% with and without clipping
import torch
from torch.nn.functional import mse_loss


def train(max_norm, seed=0, steps=200):
    torch.manual_seed(seed)
    gru = torch.nn.GRU(2, 32, batch_first=True)
    head = torch.nn.Linear(32, 1)
    with torch.no_grad():
        gru.weight_hh_l0 *= (
            6  # large weights: the gradients of a long sequence explode
        )
    parameters = [*gru.parameters(), *head.parameters()]
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    losses, norms = [], []
    for _ in range(steps):
        x = torch.rand(32, 40, 2)
        y = x[:, -1].sum(1)  # the sum of the last two numbers
        loss = mse_loss(head(gru(x)[0][:, -1]).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        # After backward, before step. It returns the old norm: log that.
        norms.append(
            torch.nn.utils.clip_grad_norm_(parameters, max_norm).item()
        )
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


floor = 2 / 12  # the variance of a sum of two: always saying the mean
last, norms_at = {}, {}
for max_norm in (1.0, float("inf")):
    losses, norms = train(max_norm)
    norms_at[max_norm] = norms
    last[max_norm] = sum(losses[-20:]) / 20
    print(
        f"clipped at {max_norm}: loss below half the floor: "
        f"{last[max_norm] < floor / 2}"
    )

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.semilogy(norms_at[1.0][:60], color=SERIES["gru"]["color"])
ax.axhline(1, color=INK, linewidth=1)

# %% margins check=true
# Without clipping it is nan, mostly.
assert last[1.0] < 0.4 * floor and not last[float("inf")] < 0.8 * floor
assert max(norms_at[1.0]) > 10
