# %% how much of a gradient is left
import torch

from gated import GRU, LSTM, RNN
from gated.initialization import forget_bias_

STEPS = 50


def share_left(layer):
    """Return the gradient at the first state as a share of the last's."""
    x = torch.randn(STEPS, 8, 4)
    state = torch.zeros(1, 8, 32, requires_grad=True)
    first = (
        (state, torch.zeros(1, 8, 32, requires_grad=True))
        if isinstance(layer, LSTM)
        else state
    )
    last = layer(x, first)[1]
    memory = last[1] if isinstance(last, tuple) else last
    (memory.sum() / 8).backward()
    start = first[1] if isinstance(first, tuple) else first
    return start.grad.norm().item() / (8 * 32) ** 0.5 * 8


print(f"after {STEPS} steps        fresh       gate bias 5")
left = {}
for cell in (RNN, GRU, LSTM):
    torch.manual_seed(0)
    layer = cell(4, 32)
    left[cell.__name__] = fresh = share_left(layer)
    biased = "-"
    if cell is not RNN:
        forget_bias_(layer, 5.0)
        left[cell.__name__ + " biased"] = share_left(layer)
        biased = f"{left[cell.__name__ + ' biased']:.1f}"
    print(f"{cell.__name__:20} {fresh:8.0e} {biased:>12}")

# %% what the claims rest on check=true
rnn_fresh, gru_fresh, lstm_fresh = left["RNN"], left["GRU"], left["LSTM"]
gru_biased, lstm_biased = left["GRU biased"], left["LSTM biased"]
open_lstm_keeps_its_gradient = lstm_biased > 0.1 and rnn_fresh < 1e-6
fresh_lstm_loses_its_gradient = -(lstm_fresh < 1e-6)
open_gru_keeps_its_gradient = gru_biased > 0.1 and rnn_fresh < 1e-6
fresh_gru_loses_its_gradient = -(gru_fresh < 1e-6)
