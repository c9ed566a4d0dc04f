# %% one line that takes both
import torch

gru, lstm = torch.nn.GRU(3, 5), torch.nn.LSTM(3, 5)
x, h, c = torch.randn(7, 4, 3), torch.zeros(1, 4, 5), torch.zeros(1, 4, 5)
for layer in (gru, lstm):
    output, state = layer(x)
    last = state[0] if isinstance(state, tuple) else state  # h, in both
    print(
        type(layer).__name__,
        type(state).__name__,
        torch.equal(last, output[-1:]),
    )

# %% lines written for the other cell
both_ways = torch.nn.GRU(3, 5, bidirectional=True)
for line in [
    "output, (h_n, c_n) = gru(x)",
    "gru(x, (h, c))",
    "lstm(x, h)",
    "lstm(x)[1].detach()",
    "output, (h_n, c_n) = both_ways(x)",
]:
    try:
        exec(line)
        print(f"{line}\n    runs, and is wrong")
    except Exception as error:
        print(f"{line}\n    {type(error).__name__}: {error}")

# %% as the text says check=true
_, (forward, backward) = both_ways(x)
assert torch.equal(torch.stack([forward, backward]), both_ways(x)[1])
