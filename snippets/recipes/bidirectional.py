# %% text without its quotation marks
# Python's own help: real prose, and always at hand.
from pydoc_data.topics import topics

import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
signs: list[int] = []
# 1 where a sign is part of code, such as "x + 1", and 0 in prose.
tags: list[int] = []
for name in sorted(topics):
    for line in topics[name].splitlines():
        parts = line.split('"')
        # Prose that quotes code: every second part was quoted.
        if line[:1].isalpha() and len(parts) > 2 and len(parts) % 2:
            for quoted, part in enumerate(parts):
                signs += part.encode("ascii", "replace")
                tags += [quoted % 2] * len(part)
steps = 50
rows = len(signs) // steps
x = torch.tensor(signs[: rows * steps]).view(rows, steps)
y = torch.tensor(tags[: rows * steps]).view(rows, steps)
split = int(0.8 * rows)


# %% train and test
class Tagger(torch.nn.Module):
    def __init__(self, bidirectional, hidden=32):
        super().__init__()
        self.embedding = torch.nn.Embedding(128, 16)
        self.gru = torch.nn.GRU(
            16, hidden, batch_first=True, bidirectional=bidirectional
        )
        self.head = torch.nn.Linear(hidden * (1 + bidirectional), 2)

    def forward(self, x):
        # (batch, steps, 2 * hidden): left, then right.
        states, _ = self.gru(self.embedding(x))
        return self.head(states)


def train_and_test(bidirectional):
    torch.manual_seed(0)
    model = Tagger(bidirectional)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(6):
        for rows in torch.randperm(split).split(64):
            loss = cross_entropy(model(x[rows]).mT, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        guesses = model(x[split:]).argmax(2)
    return (guesses == y[split:]).float().mean().item()


right = {"always prose": 1 - y[split:].float().mean().item()}
right["left to right"] = train_and_test(bidirectional=False)
right["both ways"] = train_and_test(bidirectional=True)
print("from worst to best:", ", ".join(sorted(right, key=right.get)))

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
arrow = {"arrowstyle": "-|>", "color": SERIES["gru"]["color"]}
arrow["linewidth"] = 2
look = SERIES["gru"] | {"linestyle": "none", "markersize": 8}
for height, (start, end) in [(1, (0, 9)), (0, (9, 0))]:
    ax.annotate("", (end, height), (start, height), arrowprops=arrow)
    ax.plot(range(1, 9), [height] * 8, **look)
ax.set(xlim=(-0.3, 9.3), ylim=(-0.6, 1.6))

# %% margins check=true
assert right["both ways"] > right["left to right"] + 0.01
assert right["left to right"] > right["always prose"] + 0.01
