# %% three parts of the data
import copy

import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
x = torch.randn(1400, 20, 1)
y = (x[:, :, 0].sum(1) > 0).long()
flip = torch.rand(1400) < 0.15
# Wrong labels, as in life: a model can only learn them by heart.
y = torch.where(flip, 1 - y, y)
train = x[:200], y[:200]
validation = x[200:400], y[200:400]
test = x[400:], y[400:]


# %% stop when the validation loss no longer falls
def loss_on(model, part):
    gru, head = model
    return cross_entropy(head(gru(part[0])[0][:, -1]), part[1])


def fit(patience, epochs=100):
    torch.manual_seed(0)
    model = torch.nn.ModuleList(
        [torch.nn.GRU(1, 32, batch_first=True), torch.nn.Linear(32, 2)]
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    best, best_epoch, curves = float("inf"), 0, []
    for epoch in range(epochs):
        model.train()
        for rows in torch.randperm(200).split(50):
            optimizer.zero_grad()
            loss_on(model, (train[0][rows], train[1][rows])).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            curves.append(
                [
                    loss_on(model, part).item()
                    for part in (train, validation)
                ]
            )
        if curves[-1][1] < best:
            best, best_epoch = curves[-1][1], epoch
            # A copy, or it trains on.
            best_weights = copy.deepcopy(model.state_dict())
        elif epoch - best_epoch == patience:
            model.load_state_dict(best_weights)
            break
    with torch.no_grad():
        return loss_on(model, test).item(), curves


stopped, _ = fit(patience=8)
last, curves = fit(patience=None)
floor = cross_entropy(torch.zeros(1000, 2), test[1]).item()  # even odds
print(f"test loss: stopped {stopped:.1f}, even odds {floor:.1f}")
print(f"after all epochs it is worse than even odds: {last > floor}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import INK, MUTED, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
losses = list(zip(*curves[:40]))
ax.plot(losses[0], color=MUTED)
ax.plot(losses[1], color=SERIES["gru"]["color"])
ax.axvline(losses[1].index(min(losses[1])), color=INK, linewidth=1)

# %% margins check=true
assert stopped < 0.85 * floor and last > stopped + 0.2
