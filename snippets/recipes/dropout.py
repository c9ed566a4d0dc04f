# %% where dropout goes
import torch


class Model(torch.nn.Module):
    def __init__(self, inputs=8, hidden=32, layers=2, dropout=0.3):
        super().__init__()
        # nn.GRU's own acts between layers: with one layer it only warns.
        between = dropout if layers > 1 else 0.0
        self.gru = torch.nn.GRU(
            inputs, hidden, layers, dropout=between, batch_first=True
        )
        self.drop = torch.nn.Dropout(dropout)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.gru(locked_dropout(x, 0.1, self.training))
        return self.head(self.drop(states[:, -1]))


def locked_dropout(x, p, training):
    """Drop the same features of x (batch, steps, features) at all steps."""
    if not training or p == 0:
        return x
    keep = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= p
    return x * keep / (1 - p)


# %% see that it acts and stops
torch.manual_seed(0)
model, x = Model(), torch.randn(4, 10, 8)
model.train()
print("train(): the same twice:", torch.equal(model(x), model(x)))
model.eval()
print("eval():  the same twice:", torch.equal(model(x), model(x)))
dropped = locked_dropout(torch.ones(200, 10, 50), 0.3, training=True)
print(
    f"share dropped: {(dropped == 0).float().mean():.1f}, "
    f"mean as before: {dropped.mean():.1f}"
)
print("one mask for all steps:", torch.equal(dropped[:, 0], dropped[:, 9]))

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
for feature, kept in enumerate((dropped[0, 0, :5] > 0).tolist()):
    look = SERIES["gru"] | {"linestyle": "none"}
    if not kept:
        look |= {"markerfacecolor": "none", "alpha": 0.4}
    ax.plot(range(9), [feature] * 9, **look)
ax.margins(0.1)

# %% margins check=true
assert torch.equal(model(x), model(x))
assert torch.equal(dropped[:, 0], dropped[:, 9])
assert abs((dropped == 0).float().mean() - 0.3) < 0.03
assert abs(dropped.mean() - 1) < 0.04
