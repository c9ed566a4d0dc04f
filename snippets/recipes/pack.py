# %% pack and unpack
import torch
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pad_packed_sequence,
    pad_sequence,
)

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=8, batch_first=True)
sequences = [torch.randn(steps, 3) for steps in (5, 2, 7, 4)]

# The lengths stay on the CPU; the short ones get zeros at their ends.
lengths = torch.tensor([len(sequence) for sequence in sequences])
padded = pad_sequence(sequences, batch_first=True)  # (4, 7, 3)
packed = pack_padded_sequence(
    padded, lengths, batch_first=True, enforce_sorted=False
)
packed_states, h_n = gru(packed)
# (4, 7, 8)
states, _ = pad_packed_sequence(packed_states, batch_first=True)
last = h_n[-1]  # (4, 8): the state after each sequence's own last step

# Each sequence by itself is the truth.
alone = torch.cat([gru(one.unsqueeze(0))[1][-1] for one in sequences])
careless = gru(padded)[1][-1]  # the state after the padding
print(
    f"packed:   off by less than 1e-6: {(last - alone).abs().max() < 1e-6}"
)
print(f"unpacked: off by {(careless - alone).abs().max():.2f}")

# %% the same without packing
states, _ = gru(padded)
picked = states[torch.arange(len(lengths)), lengths - 1]
print(
    "picked:   off by less than 1e-6: "
    f"{(picked - alone).abs().max() < 1e-6}"
)

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
rows = range(len(lengths))
ax.barh(rows, [7] * 4, color=DIM, height=0.7)
ax.barh(rows, lengths, color=SERIES["gru"]["color"], height=0.7)

# %% margins check=true
torch.testing.assert_close(last, alone)
torch.testing.assert_close(picked, alone)
assert (careless - alone).abs().max() > 0.05
