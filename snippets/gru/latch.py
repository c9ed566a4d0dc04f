# %% one unit by hand
from math import exp, tanh


def sigmoid(a):
    return 1 / (1 + exp(-a))


h = 0.0
rows = []
print("t  input      r     z     n     h")
for t, event in enumerate(
    ["", "mark", "", "", "clear", "", "mark", "mark"], start=1
):
    mark, clear = float(event == "mark"), float(event == "clear")
    r = sigmoid(4 - 8 * clear)
    z = sigmoid(4 - 8 * mark - 8 * clear)
    n = tanh(4 * mark + r * 1 * h)
    h = (1 - z) * n + z * h
    rows.append((event, r, z, n, h))
    print(f"{t}  {event:6} {r:5.2f} {z:5.2f} {n:5.2f} {h:5.2f}")

# %% chart
import matplotlib.pyplot as plt

from gated.figures import KEEP, MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 1, sharex=True, figsize=(5.2, 4.8))
steps = range(1, len(rows) + 1)
for ax, title, column, look in zip(
    axes,
    ("update gate z", "reset gate r", "state h"),
    (2, 1, 4),
    (
        {"color": KEEP, "marker": "o"},
        {"color": MUTED, "linestyle": ":", "marker": "v"},
        SERIES["gru"],
    ),
    strict=True,
):
    ax.plot(steps, [row[column] for row in rows], **look)
    ax.set(title=title, ylim=(-0.15, 1.15), yticks=[0, 1])
axes[-1].set_xticks(
    steps, [f"{t}\n{row[0]}" for t, row in zip(steps, rows, strict=True)]
)

# %% values check=true
z_quiet = rows[0][2]
r_mark, z_mark, n_mark, h_mark = rows[1][1:]
z_hold, n_hold, h_hold = rows[2][2:]
r_clear, z_clear, n_clear, h_clear = rows[4][1:]
write_mark, write_hold = 1 - z_mark, 1 - z_hold
h_before = rows[3][4]
assert h_clear < 0.05 < 0.95 < h_before < h_hold < h_mark
assert write_hold < 0.05 < 0.95 < write_mark
r_stuck = 1.0
h_stuck = (1 - z_clear) * tanh(r_stuck * h_before) + z_clear * h_before
assert h_stuck > 0.7

# %% without the past in the candidate no reset is needed check=true
blind = 0.0
for event, _, z, _, h in rows:
    blind = (1 - z) * tanh(4 * (event == "mark")) + z * blind
    assert abs(blind - h) < 0.05

# %% the same in a GRUCell check=true
import torch

from gated import GRUCell

cell = GRUCell(input_size=2, hidden_size=1)
with torch.no_grad():
    cell.weight_ih[:] = torch.tensor(
        [[0.0, -8.0], [-8.0, -8.0], [4.0, 0.0]]
    )
    cell.weight_hh[:] = torch.tensor([[0.0], [0.0], [1.0]])
    cell.bias_ih[:] = torch.tensor([4.0, 4.0, 0.0])
    cell.bias_hh[:] = 0.0
state = torch.zeros(1, 1)
for row in rows:
    state = cell(
        torch.tensor([[float(row[0] == "mark"), float(row[0] == "clear")]]),
        state,
    )
    assert abs(state.item() - row[4]) < 1e-5
