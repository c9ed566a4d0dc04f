# %% a task whose answer is known
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)


def additions(count, bits):
    """Two numbers, lowest bit first, and at each step their sum's bit."""
    a, b = torch.randint(2 ** (bits - 1), (2, count, 1))
    place = torch.arange(bits)
    # (count, bits, 2)
    x = torch.stack([a >> place & 1, b >> place & 1], dim=2).float()
    return x, a + b >> place & 1  # tags: (count, bits)


# %% train and test
class Tagger(torch.nn.Module):
    def __init__(self, inputs=2, tags=2, hidden=16):
        super().__init__()
        # Or nn.LSTM.
        self.gru = torch.nn.GRU(inputs, hidden, batch_first=True)
        self.head = torch.nn.Linear(hidden, tags)

    def forward(self, x):
        states, _ = self.gru(x)  # one state a step
        return self.head(states)  # (batch, steps, tags)


model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(300):
    x, tags = additions(64, bits=12)
    loss = cross_entropy(model(x).mT, tags)  # it wants (batch, tags, steps)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
right, floor = {}, {}
for bits in (12, 48):
    x, tags = additions(500, bits)
    with torch.no_grad():
        guesses = model(x).argmax(2)
    right[bits] = (guesses == tags).float().mean().item()
    floor[bits] = tags.float().mean().item()
    floor[bits] = max(floor[bits], 1 - floor[bits])
    print(
        f"{bits} steps: right {right[bits]:.2f}, "
        f"always the commonest tag {floor[bits]:.2f}"
    )

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
x, tags = additions(1, bits=12)
rows = [*x[0].T.int().tolist(), tags[0].tolist()]
for y, row in zip((2, 1, -0.4), rows):
    for t, bit in enumerate(row):
        color = SERIES["gru"]["color"] if y < 0 else INK
        ax.text(t, y, str(bit), color=color, ha="center", va="center")
ax.annotate("", (11.4, 0.35), (-0.5, 0.35), arrowprops={"arrowstyle": "->"})
ax.set(xlim=(-0.6, 11.6), ylim=(-1, 2.6))

# %% margins check=true
assert min(right.values()) > 0.97 and max(floor.values()) < 0.6
longest, right_longest = max(right), right[48]
