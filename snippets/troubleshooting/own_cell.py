# %% a loop over a cell, against the layer
import torch

torch.manual_seed(0)
lstm = torch.nn.LSTM(input_size=3, hidden_size=5)
cell = torch.nn.LSTMCell(input_size=3, hidden_size=5)
x = torch.randn(7, 4, 3)


def off():
    h, c = torch.zeros(4, 5), torch.zeros(4, 5)
    for x_t in x:
        h, c = cell(x_t, (h, c))
    return (h - lstm(x)[1][0][0]).abs().max().item()


own = off()
print(f"each with its own random weights: off by {own:.2f}")
weights = lstm.state_dict().items()
cell.load_state_dict(
    {name.removesuffix("_l0"): weight for name, weight in weights}
)
print(f"with the layer's weights:         off by {off():.2f}")

# %% as the text says check=true
assert off() < 1e-5 < 0.05 < own
