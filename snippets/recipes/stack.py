# %% residual layers
import torch
from torch.nn.functional import cross_entropy


class Residual(torch.nn.Module):
    """A stack in which each layer adds to what it was given."""

    def __init__(self, inputs, hidden, layers, dropout=0.0):
        super().__init__()
        # A sum needs equal widths.
        self.widen = torch.nn.Linear(inputs, hidden)
        self.layers = torch.nn.ModuleList(
            torch.nn.GRU(hidden, hidden, batch_first=True)
            for _ in range(layers)
        )
        self.norms = torch.nn.ModuleList(
            torch.nn.LayerNorm(hidden) for _ in range(layers)
        )
        self.drop = torch.nn.Dropout(dropout)

    def forward(self, x, states=None):
        x = self.widen(x)
        states, new = states or [None] * len(self.layers), []
        parts = zip(self.layers, self.norms, states, strict=True)
        for layer, norm, h in parts:
            y, h = layer(norm(x), h)
            x = x + self.drop(y)
            new.append(h)
        return x, new  # outputs, and a state for each layer


# %% beside a plain stack
def additions(count=64, bits=12):
    """Two numbers, lowest bit first, and at each step their sum's bit."""
    a, b = torch.randint(2 ** (bits - 1), (2, count, 1))
    place = torch.arange(bits)
    x = torch.stack([a >> place & 1, b >> place & 1], dim=2).float()
    return x, a + b >> place & 1


def train_and_test(stack):
    torch.manual_seed(0)
    head = torch.nn.Linear(24, 2)
    parameters = [*stack.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.005)
    for _ in range(80):
        x, tags = additions()
        logits = head(stack(x)[0])
        loss = cross_entropy(logits.mT, tags)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (logits.argmax(2) == tags).float().mean().item()


torch.manual_seed(0)
plain = torch.nn.GRU(2, 24, num_layers=6, batch_first=True)
right = {"plain": train_and_test(plain)}
right["residual"] = train_and_test(Residual(2, 24, layers=6))
print(
    f"six layers: plain {right['plain']:.1f}, "
    f"residual {right['residual']:.1f} right (guessing: 0.5)"
)

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import KEEP, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.plot([0, 0], [-0.6, 3.6], color=KEEP, linewidth=4)
color, arrow = SERIES["gru"]["color"], {"arrowstyle": "->"}
look = {"color": color, "linewidth": 8, "solid_capstyle": "butt"}
for y in range(4):
    ax.plot([0.5, 1.5], [y, y], **look)
    ax.annotate("", (0.5, y - 0.05), (0, y - 0.4), arrowprops=arrow)
    ax.annotate("", (0, y + 0.4), (0.5, y + 0.05), arrowprops=arrow)
ax.set(xlim=(-1, 2.5), ylim=(-0.8, 3.8))

# %% margins check=true
assert right["residual"] > 0.85 and right["plain"] < 0.65
residual_right, plain_right = right["residual"], right["plain"]
