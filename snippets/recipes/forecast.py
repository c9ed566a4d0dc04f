# %% a series
import torch
from torch.nn.functional import mse_loss

torch.manual_seed(0)
# Mackey and Glass's equation: a chaotic series on which others test too.
values = [1.2] * 18
for _ in range(3000):
    late = values[-18]
    values.append(0.9 * values[-1] + 0.2 * late / (1 + late**10))
series = torch.tensor(values[300:])
window, ahead = 30, 12
# The future is for testing: no shuffling before this.
split = int(0.7 * len(series))
mean, std = series[:split].mean(), series[:split].std()  # of the past alone
scaled = (series - mean) / std


def windows(part):
    cut = part.unfold(0, window + ahead, 1)
    # What is seen, and what comes `ahead` steps later.
    return cut[:, :window], cut[:, -1]


past, future = windows(scaled[:split]), windows(scaled[split:])


# %% train and test
class Forecaster(torch.nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.gru = torch.nn.GRU(1, hidden, batch_first=True)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.gru(x.unsqueeze(2))
        # What changes, not where it is.
        return x[:, -1] + self.head(states[:, -1]).squeeze(1)


model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    for rows in torch.randperm(len(past[0])).split(64):
        loss = mse_loss(model(past[0][rows]), past[1][rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

x, y = future
with torch.no_grad():
    forecast = model(x)
seen, came = (part.double() for part in past)
line = torch.linalg.lstsq(seen, came.unsqueeze(1)).solution.float()
guesses = {"last value": x[:, -1], "linear": (x @ line).squeeze(1)}
errors = {}
for name, guess in (guesses | {"GRU": forecast}).items():
    errors[name] = error = mse_loss(guess, y).sqrt().item()
    print(f"{name:10} off by {error:.2f} standard deviations")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.plot(y[:120:2], color=DIM, linewidth=6)
ax.plot(forecast[:120:2], color=SERIES["gru"]["color"])

# %% margins check=true
gru_error = errors["GRU"]
linear_error = errors["linear"]
last_error = errors["last value"]
assert gru_error < 0.5 * linear_error and linear_error < 0.8 * last_error
