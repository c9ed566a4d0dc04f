# %% one unit by hand
from math import exp, tanh


def sigmoid(a):
    return 1 / (1 + exp(-a))


h = c = 0.0
rows = []
print("t  in     i     f     g     o      c     h")
for t, sign in enumerate("((a?).(b?", start=1):
    opens, closes, asks, ends = (float(sign == mark) for mark in "()?.")
    i = sigmoid(16 * opens + 16 * closes - 8)
    f = sigmoid(8 - 16 * ends)
    g = tanh(4 - 8 * closes)
    o = sigmoid(16 * asks - 8)
    c = f * c + i * g
    h = o * tanh(c)
    rows.append((i, f, g, o, c, h))
    print(
        f"{t}  {sign}  {i:5.2f} {f:5.2f} {g:5.2f} {o:5.2f}  "
        f"{c:5.2f} {h:5.2f}"
    )

# %% values check=true
i_open, f_open, g_open, _, c_open, _ = rows[1]
c_first = rows[0][4]
_, f_ask, _, o_ask, c_ask, h_ask = rows[3]
o_letter, h_letter = rows[2][3], rows[2][5]
_, _, g_close, _, c_close, _ = rows[4]
taken = -g_close
_, f_end, _, _, c_end, _ = rows[5]
h_last = rows[8][5]
i_letter = rows[2][0]
assert (
    abs(c_open - 2) < 0.01 and abs(c_close - 1) < 0.01 and abs(c_end) < 0.01
)
assert h_ask > h_last > 0.7
assert h_letter < 0.01 and i_letter < 0.01

# %% the same in an LSTMCell check=true
import torch

from gated import LSTMCell

cell = LSTMCell(input_size=4, hidden_size=1)
with torch.no_grad():
    cell.weight_ih[:] = torch.tensor(
        [
            [16.0, 16.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, -16.0],
            [0.0, -8.0, 0.0, 0.0],
            [0.0, 0.0, 16.0, 0.0],
        ]
    )
    cell.weight_hh[:] = 0.0
    cell.bias_ih[:] = torch.tensor([-8.0, 8.0, 4.0, -8.0])
    cell.bias_hh[:] = 0.0
state = torch.zeros(1, 1), torch.zeros(1, 1)
for sign, row in zip("((a?).(b?", rows, strict=True):
    state = cell(
        torch.tensor([[float(sign == mark) for mark in "()?."]]), state
    )
    assert (
        abs(state[0].item() - row[5]) < 1e-5
        and abs(state[1].item() - row[4]) < 1e-5
    )
