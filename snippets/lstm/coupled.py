# %% an LSTM with input and forget gate tied
import torch

from gated import GRUCell

torch.manual_seed(0)
gru = GRUCell(input_size=3, hidden_size=5).double()
w_ih, w_hh, b_ih, b_hh = gru.parameters()
with torch.no_grad():
    b_ih[:5] = 50.0  # the reset gate stays open: r = 1


def coupled(x, c):
    _, x_f, x_g = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    _, h_f, h_g = (c @ w_hh.T + b_hh).chunk(3, dim=1)
    f = torch.sigmoid(x_f + h_f)
    i = 1 - f
    g = torch.tanh(x_g + h_g)
    return f * c + i * g


h = c = torch.randn(4, 5).double()
with torch.no_grad():
    for x in torch.randn(20, 4, 3).double():
        h, c = gru(x, h), coupled(x, c)
print("20 steps, same numbers:", torch.allclose(h, c, atol=1e-10))

# %% only with the reset gate open check=true
with torch.no_grad():
    b_ih[:5] = 0.0
    for x in torch.randn(20, 4, 3).double():
        h, c = gru(x, h), coupled(x, c)
assert not torch.allclose(h, c, atol=1e-3)
