# %% one short sequence, padded with zeros
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5, batch_first=True)
long, short = torch.randn(7, 3), torch.randn(4, 3)
batch = pad_sequence([long, short], batch_first=True)  # (2, 7, 3)
lengths = torch.tensor([7, 4])
alone = gru(short[None])[1][0, 0]  # the short one without padding


def off(state):
    return (state - alone).abs().max().item()


output, h_n = gru(batch)
picked = output[torch.arange(2), lengths - 1]
packed = pack_padded_sequence(
    batch, lengths, batch_first=True, enforce_sorted=False
)
_, packed_h_n = gru(packed)
for name, state in [
    ("h_n of the padded batch", h_n[0, 1]),
    ("output[:, -1]", output[1, -1]),
    ("output at lengths - 1", picked[1]),
    ("h_n of the packed batch", packed_h_n[0, 1]),
]:
    print(f"{name:24} off by {off(state):.2f}")

# %% as the text says check=true
assert off(picked[1]) < 1e-5 and off(packed_h_n[0, 1]) < 1e-5
assert off(h_n[0, 1]) > 0.05 and torch.equal(h_n[0, 1], output[1, -1])

# %% the error in the table of symptoms check=true
try:
    pack_padded_sequence(batch, lengths.flip(0), batch_first=True)
    raise AssertionError
except RuntimeError as error:
    assert "`lengths` array must be sorted in decreasing order" in str(
        error
    ), error
