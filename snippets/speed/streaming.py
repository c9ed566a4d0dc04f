# %% microseconds a step
from gated import evidence

speed = evidence.read("speed")
names = {
    "gru": "nn.GRUCell",
    "lstm": "nn.LSTMCell",
    "gru_gated": "gated.GRUCell",
    "lstm_gated": "gated.LSTMCell",
    "gru_layer": "nn.GRU",
    "lstm_layer": "nn.LSTM",
}
widths = [one["width"] for one in speed["streaming"]]
print(f"{'width':15}" + "".join(f"{width:7}" for width in widths))
for key, name in names.items():
    times = [1000 * one["ms"][key][0] for one in speed["streaming"]]
    print(f"{name:15}" + "".join(f"{value:7.0f}" for value in times))

# %% a layer for one step check=true
narrow, wide = widths[0], widths[-1]
cells = [one["ratio"]["lstm/gru"][0] for one in speed["streaming"]]
cells_narrow, cells_wide = cells[0], cells[-1]
calls = [one["ratio"]["lstm_layer/lstm"][0] for one in speed["streaming"]]
assert min(calls) > 1.3
for one in speed["streaming"]:
    assert one["ratio"]["lstm_layer/gru_layer"][0] > 1.1
call_least, call_most = min(calls), max(calls)

# %% a cell takes the weights of a layer check=true
import torch

torch.manual_seed(0)
layer, cell = torch.nn.LSTM(4, 5), torch.nn.LSTMCell(4, 5)
cell.load_state_dict(
    {name[:-3]: weight for name, weight in layer.state_dict().items()}
)
x = torch.randn(6, 1, 4)
state = None
for row in x:
    state = cell(row, state)
assert state is not None
assert torch.allclose(state[0], layer(x)[1][0][0], atol=1e-6)
