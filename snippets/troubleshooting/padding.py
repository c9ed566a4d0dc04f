# %% pad, or pack
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(0)
gru = nn.GRU(input_size=3, hidden_size=5)
long, short = torch.randn(9, 3), torch.randn(4, 3)
padded = pad_sequence([long, short])  # (9, 2, 3), the short one ends in five steps of zeros

alone = gru(short)[1][0]
padded_state = gru(padded)[1][0, 1]
packed = pack_padded_sequence(padded, lengths=torch.tensor([9, 4]))
packed_state = gru(packed)[1][0, 1]
print("last state of the short sequence, against reading it alone")
print(f"  padded: differs by {(padded_state - alone).abs().max().item():.1f}")
print(f"  packed: differs by {(packed_state - alone).abs().max().item():.1f}")

# %% unsorted raises="RuntimeError"
pack_padded_sequence(padded.flip(1), lengths=torch.tensor([4, 9]))

# %% what the page says check=true
assert (padded_state - alone).abs().max() > 0.1 and (packed_state - alone).abs().max() < 1e-6
