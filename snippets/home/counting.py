# %% one unit of each, weights set by hand
import matplotlib.pyplot as plt
import torch

import gated.figures
from gated import GRUCell, LSTMCell

OPEN, STEEP = 20.0, 20.0  # sigmoid(20) and tanh(20) are 1 to eight digits
lstm = LSTMCell(1, 1, bias=True)
gru = GRUCell(1, 1, bias=True)
with torch.no_grad():
    for weight in [*lstm.parameters(), *gru.parameters()]:
        weight.zero_()
    # Gates i, f, o open: c adds up g.
    lstm.bias_ih[:] = torch.tensor([OPEN, OPEN, 0, OPEN])
    lstm.weight_ih[2] = STEEP  # g is +1 for a mark, -1 for its opposite
    # Gate r open; z = 0.9 keeps nine tenths.
    gru.bias_ih[:] = torch.tensor([OPEN, 2.2, 0])
    gru.weight_ih[2] = STEEP  # n is +1 or -1 likewise

marks = torch.tensor([1.0] * 60 + [-1.0] * 60).reshape(-1, 1, 1)
h, c, state = torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(1, 1)
cells, states = [0.0], [0.0]
with torch.no_grad():
    for mark in marks:
        h, c = lstm(mark, (h, c))
        state = gru(mark, state)
        cells.append(c.item())
        states.append(state.item())
lstm_count, lstm_end = cells[60], cells[120]
gru_half, gru_full = states[30], states[60]
print(
    f"after 30 and 60 marks: LSTM {cells[30]:.2f} {lstm_count:.2f}, ",
    end="",
)
print(f"GRU {gru_half:.2f} {gru_full:.2f}")

# %% chart
plt.style.use("gated.figures.chart")
fig, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(5.2, 4.4))
for ax, name, values in [(top, "lstm", cells), (bottom, "gru", states)]:
    ax.plot(values, **gated.figures.SERIES[name], markevery=10)
    ax.axvline(60, color="#767676", linewidth=1)
top.set(title="LSTM: the cell state counts up, then down", ylabel="$c_t$")
title = "GRU: the state stays between \N{MINUS SIGN}1 and 1"
bottom.set(title=title, ylabel="$h_t$", yticks=[-1, 0, 1])
bottom.set_xlabel("steps: 60 marks, then 60 opposite marks")

# %% one counts, the other is bounded check=true
assert abs(lstm_count - 60) < 1e-3 and abs(lstm_end) < 1e-3
assert max(abs(value) for value in states) < 1
assert 0.9 < gru_half < gru_full
assert abs(torch.sigmoid(gru.bias_ih[1]).item() - 0.9) < 1e-3

# %% what the claims rest on check=true
only_the_lstm_counts = -(lstm_count > 50 and gru_full < 1)
