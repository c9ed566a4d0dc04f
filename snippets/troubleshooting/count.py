# %% count by hand, and by PyTorch
from torch import nn

d, H = 3, 5
for cell, blocks in ((nn.GRU, 3), (nn.LSTM, 4)):
    textbook = blocks * (d * H + H * H + H)  # one bias in each block
    pytorch = blocks * (d * H + H * H + 2 * H)  # bias_ih and bias_hh
    counted = sum(p.numel() for p in cell(d, H).parameters())
    print(f"{cell.__name__:4}  one bias: {textbook}, two: {pytorch}, counted: {counted}")

# %% what the page says check=true
assert counted == pytorch == textbook + 4 * H
