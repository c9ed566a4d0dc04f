# %% take turns, look at the ratio
from statistics import median
from time import perf_counter

import torch

torch.manual_seed(0)
batch, steps, width = 16, 64, 128  # your sizes
x = torch.randn(steps, batch, width)
gru, lstm = torch.nn.GRU(width, width), torch.nn.LSTM(width, width)


def seconds(layer):
    """One training step; for inference, layer(x) under torch.no_grad()."""
    start = perf_counter()
    layer.zero_grad()
    layer(x)[0].sum().backward()
    return perf_counter() - start


# The first one warms up.
turns = [seconds(lstm) / seconds(gru) for _ in range(22)][1:]
ratio = median(turns)  # above 1 the GRU is faster
print(len(turns), "turns measured: now print(ratio)")

# %% it measured something check=true
assert ratio > 0
