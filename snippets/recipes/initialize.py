# %% a GRU and an LSTM that remember from the first step on
import torch
from torch.nn.functional import cross_entropy


@torch.no_grad()
def initialize(layer, remember=None):
    """Orthogonal for the state; a bias that keeps for `remember` steps."""
    # The rows are i, f, g, o, or r, z, n.
    gates = 4 if isinstance(layer, torch.nn.LSTM) else 3
    # The second block of both: f, or z.
    keeps = slice(layer.hidden_size, 2 * layer.hidden_size)
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_ih"):
            torch.nn.init.xavier_uniform_(parameter)
        elif name.startswith("weight_hh"):
            for block in parameter.chunk(gates):  # each gate's own square
                torch.nn.init.orthogonal_(block)
        elif name.startswith("bias"):
            parameter.zero_()
        # Chrono: up to `remember` steps.
        if name.startswith("bias_ih") and remember:
            parameter[keeps].uniform_(1, remember - 1).log_()
            if gates == 4:
                # Gate i writes little at a time.
                parameter[: layer.hidden_size] = -parameter[keeps]


def train_and_test(layer, steps=60):
    """Tell at the end of a sequence with which of four signs it began."""
    torch.manual_seed(0)
    head = torch.nn.Linear(layer.hidden_size, 4)
    parameters = [*layer.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.005)
    for _ in range(100):
        first = torch.randint(4, (64,))
        x = torch.zeros(64, steps, 5)
        x[:, 1:, 4] = torch.rand(64, steps - 1)
        x[torch.arange(64), 0, first] = 1
        logits = head(layer(x)[0][:, -1])
        loss = cross_entropy(logits, first)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (logits.argmax(1) == first).float().mean().item()


right = {}
for name in ("GRU", "LSTM"):
    torch.manual_seed(0)
    layer = getattr(torch.nn, name)(5, 32, batch_first=True)
    right[name, "default"] = train_and_test(layer)
    layer = getattr(torch.nn, name)(5, 32, batch_first=True)
    initialize(layer, remember=60)
    right[name, "chrono"] = train_and_test(layer)
for (name, start), share in right.items():
    print(f"{name:4} {start:7} most are right: {share > 0.5}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
for x, name in enumerate(("GRU", "LSTM")):
    shares = [right[name, start] for start in ("default", "chrono")]
    colors = [MUTED, SERIES[name.lower()]["color"]]
    bars = ax.bar([3 * x, 3 * x + 1], shares, color=colors, width=0.8)
    ax.bar_label(bars, fmt="{:.0%}", padding=2)
ax.set_xticks([0.5, 3.5], ["GRU", "LSTM"])
ax.tick_params(labelbottom=True)
ax.set(ylim=(0, 1.1))

# %% margins check=true
for name in ("GRU", "LSTM"):
    assert right[name, "default"] < 0.4 and right[name, "chrono"] > 0.55
