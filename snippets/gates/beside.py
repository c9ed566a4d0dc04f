# %% fresh cells and open gates
import torch

from gated import GRUCell, LSTMCell, RNNCell
from gated.initialization import forget_bias_

STEPS, D, H = 60, 8, 64


def way_back(cell, seed):
    """Return gradient lengths, last state first, divided by the last's."""
    torch.manual_seed(seed)
    x = torch.randn(STEPS, 1, D)
    memory = torch.zeros(1, H, requires_grad=True)
    is_lstm = isinstance(cell, LSTMCell)
    state = (torch.zeros(1, H), memory) if is_lstm else memory
    memories = [memory]
    for step in x:
        state = cell(step, state)
        memories.append(state[1] if is_lstm else state)
    loss = memories[-1] @ torch.randn(H) / H**0.5
    gradients = torch.autograd.grad(loss, memories)
    lengths = torch.stack([slope.norm() for slope in reversed(gradients)])
    return lengths / lengths[0]


def cells(kind, bias):
    for seed in range(3):
        torch.manual_seed(seed)
        cell = kind(D, H)
        yield (cell if bias is None else forget_bias_(cell, bias)), seed


left = {}
print("steps back              20      60")
for name, kind, bias in [
    ("rnn, fresh", RNNCell, None),
    ("gru, fresh", GRUCell, None),
    ("lstm, fresh", LSTMCell, None),
    ("gru, gate bias 5", GRUCell, 5.0),
    ("lstm, gate bias 5", LSTMCell, 5.0),
]:
    runs = [way_back(cell, seed) for cell, seed in cells(kind, bias)]
    left[name] = torch.stack(runs).log().mean(0).exp()
    print(
        f"{name:18} {left[name][20].item():7.0e} "
        f"{left[name][60].item():7.0e}"
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.8))
for name, curve in left.items():
    cell, start = name.split(", ")
    look = SERIES[cell]
    hollow = {"markerfacecolor": "none"} if "fresh" in name else {}
    label = f"{cell.upper()}, {start}"
    ax.semilogy(curve, **look, **hollow, markevery=15, label=label)
ax.set(xlabel="steps back from the end", xlim=(0, STEPS + 1))
ax.set(ylabel="share of the gradient left")
fig.legend(loc="outside upper left", ncols=2, handlelength=2.5)
ax.set_xticks([0, 20, 40, 60])

# %% what the page says check=true
end = {name: curve[60].item() for name, curve in left.items()}
plain = end["rnn, fresh"]
fresh_gru, fresh_lstm = end["gru, fresh"], end["lstm, fresh"]
open_gru, open_lstm = end["gru, gate bias 5"], end["lstm, gate bias 5"]
# Fresh gates save next to nothing.
assert plain < fresh_lstm < 1e-6 and plain < fresh_gru < 1e-6
# Open ones keep it, and the LSTM's even grows.
assert 0.2 < open_gru < 2 < open_lstm
