# %% two counters
import matplotlib.pyplot as plt
import torch

from gated import GRUCell, LSTMCell
from gated.figures import MUTED, SERIES

lstm, gru = (
    LSTMCell(input_size=1, hidden_size=1),
    GRUCell(input_size=1, hidden_size=1),
)
with torch.no_grad():
    for weight in [*lstm.parameters(), *gru.parameters()]:
        weight.zero_()
    lstm.bias_ih[:] = 20.0  # i = f = o = 1
    lstm.weight_ih[2] = 20.0  # g = 1 at a mark
    gru.bias_ih[:2] = torch.tensor([20.0, 4.0])  # r = 1, z = 0.982
    gru.weight_hh[2] = 1.0
    gru.weight_ih[2] = 0.1  # n = tanh(h + 0.1) at a mark
    step = 0.1 * torch.sigmoid(-gru.bias_ih[1]).item()  # 0.1 * (1 - z)

    mark, empty = torch.ones(1, 1), torch.zeros(1, 1)
    h = c = state = empty
    cells, states = [0.0], [0.0]
    for _ in range(1000):
        h, c = lstm(mark, (h, c))
        state = gru(mark, state)
        cells.append(c.item())
        states.append(state.item() / step)
print("marks  LSTM   GRU")
for marks in (10, 100, 1000):
    print(f"{marks:5} {cells[marks]:5.0f} {states[marks]:5.0f}")

# %% chart
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.6))
ax.plot(cells, **SERIES["lstm"], markevery=200, label="LSTM: c")
ax.plot(
    states, **SERIES["gru"], markevery=200, label=f"GRU: h / {step:.4f}"
)
ax.axhline(1 / step, color=MUTED)
ax.annotate(
    "h = 1",
    (1, 1 / step),
    (8, 0),
    xycoords=ax.get_yaxis_transform(),
    textcoords="offset points",
    va="center",
)
ax.set(xlabel="marks seen", ylabel="count")
fig.legend(loc="outside upper left", ncols=2)

# %% values check=true
h_end = states[1000] * step
gru_10, gru_100, gru_1000 = states[10], states[100], states[1000]
lstm_1000 = cells[1000]
assert abs(lstm_1000 - 1000) < 0.01
assert abs(gru_10 - 10) < 0.5 and abs(gru_100 - 100) > 1 and gru_1000 < 500
assert h_end < 1
assert states[1000] - states[990] < 0.1  # all but stopped
assert torch.sigmoid(lstm.bias_ih[1]) == 1  # in 32 bits

# %% smaller steps get further check=true
with torch.no_grad():
    gru.bias_ih[1] = 6.0
    smaller, state = 0.1 * torch.sigmoid(-gru.bias_ih[1]).item(), empty
    for _ in range(1000):
        state = gru(mark, state)
assert smaller < step / 5 and state.item() < 1
assert gru_1000 + 100 < state.item() / smaller < 1000
