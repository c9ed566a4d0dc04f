# %% save
import torch
from torch.nn.functional import mse_loss


class Model(torch.nn.Module):
    def __init__(self, inputs, hidden, layers):
        super().__init__()
        self.gru = torch.nn.GRU(inputs, hidden, layers, batch_first=True)
        self.head = torch.nn.Linear(hidden, 1)

    def forward(self, x):
        return self.head(self.gru(x)[0][:, -1]).squeeze(1)


def train(model, optimizer, steps):
    for _ in range(steps):
        x = torch.randn(32, 10, 2)
        loss = mse_loss(model(x), x[:, :, 0].mean(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


torch.manual_seed(0)
# What builds the model belongs to the file.
sizes = {"inputs": 2, "hidden": 16, "layers": 2}
model = Model(**sizes)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
train(model, optimizer, 50)
checkpoint = {
    "sizes": sizes,
    "model": model.state_dict(),
    "optimizer": optimizer.state_dict(),  # only to go on training
    "random": torch.get_rng_state(),
}
torch.save(checkpoint, "gru.pt")

# %% load
# Arrays and numbers, and no code.
loaded = torch.load("gru.pt", weights_only=True)
twin = Model(**loaded["sizes"])
twin.load_state_dict(loaded["model"])
twin.eval()
x = torch.randn(5, 10, 2)
print("same outputs:", torch.equal(model.eval()(x), twin(x)))

# %% go on training as if nothing had happened
resumed = torch.optim.Adam(twin.parameters(), lr=0.01)
resumed.load_state_dict(loaded["optimizer"])
for one, its in [(model, optimizer), (twin, resumed)]:
    torch.set_rng_state(loaded["random"])
    train(one.train(), its, 20)
print("same after 20 more steps:", torch.equal(model(x), twin(x)))

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
gru = SERIES["gru"]["color"]
ax.plot([0, 3], [1, 1], color=gru, linewidth=4)
ax.plot([3, 6], [1, 1], color=gru, linewidth=4, linestyle=":")
ax.plot([3, 3], [1, 0], color=INK)
ax.plot([3], [0], color=INK, marker="s", markersize=12)
ax.plot([3.4, 6], [0, 0], color=gru, linewidth=4, linestyle=":")
ax.text(2.5, 0, "file", color=INK, ha="right", va="center")
ax.set(ylim=(-0.6, 1.6))

# %% margins check=true
assert torch.equal(model(x), twin(x))
fresh = Model(**sizes).train()
torch.set_rng_state(loaded["random"])
fresh.load_state_dict(loaded["model"])
train(fresh, torch.optim.Adam(fresh.parameters(), lr=0.01), 20)
# Without the optimizer's state it is another run.
assert not torch.equal(model(x), fresh(x))
