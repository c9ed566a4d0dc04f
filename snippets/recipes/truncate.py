# %% text cut into streams
# Python's own help: real prose, and always at hand.
from pydoc_data.topics import topics

import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
text = "".join(topics[name] for name in sorted(topics))
SIGNS = sorted(set(text))
code = torch.tensor([SIGNS.index(sign) for sign in text])
train, test = code[:320_000], code[320_000:400_000]


def streams(part, rows):
    """Cut a long text into rows that are read side by side."""
    steps = len(part) // rows
    return part[: rows * steps].view(rows, steps)


# %% train with truncated backpropagation
class Reader(torch.nn.Module):
    def __init__(self, signs=len(SIGNS), hidden=96):
        super().__init__()
        self.embedding = torch.nn.Embedding(signs, 32)
        self.gru = torch.nn.GRU(32, hidden, batch_first=True)
        self.head = torch.nn.Linear(hidden, signs)

    def forward(self, x, h):
        states, h = self.gru(self.embedding(x), h)
        return self.head(states), h


model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
rows, h, piece = streams(train, 32), None, 40
for start in range(0, rows.shape[1] - piece - 1, piece):
    x = rows[:, start : start + piece]
    y = rows[:, start + 1 : start + piece + 1]
    logits, h = model(x, h)  # the state goes on ...
    loss = cross_entropy(logits.mT, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    # ... and the gradient does not. LSTM: h = tuple(s.detach() for s in h)
    h = h.detach()

model.eval()
rows = streams(test, 8)
with torch.no_grad():
    logits, _ = model(rows[:, :-1], None)
    test_loss = cross_entropy(logits.mT, rows[:, 1:]).item()
counts = torch.bincount(train, minlength=len(SIGNS)) + 1.0
floor = cross_entropy(counts.log().expand(len(test), -1), test).item()
print(
    "loss below two thirds of that by the frequency of signs: "
    f"{test_loss < 2 / 3 * floor}"
)

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
gru = SERIES["gru"]["color"]
for start in (0, 4, 8):
    ax.plot([start, start + 3], [1, 1], color=gru, linewidth=8)
    ax.annotate(
        "",
        (start - 0.1, 0.4),
        (start + 3, 0.4),
        arrowprops={"arrowstyle": "->"},
    )
    if start:
        ax.plot([start - 1, start], [1, 1], color=gru, linestyle=":")
ax.text(5.5, 1.4, "state", color=gru, ha="center")
ax.text(5.5, 0, "gradient", color=INK, ha="center")
ax.set(ylim=(-0.2, 1.8))

# %% margins check=true
assert test_loss < 0.6 * floor
