# %% one step of a decoder that asks first
import torch

from gated import GRU, GRUCell
from gated.attention import AdditiveAttention

torch.manual_seed(0)
size = 8
encoder = GRU(size, size, bidirectional=True, batch_first=True)
attention = AdditiveAttention(
    query_size=size, key_size=2 * size, hidden_size=size
)
cell = GRUCell(size + 2 * size, size)


def step(sign, h, keys):
    # The state before this step asks, and a GRU step reads the answer.
    context, weights = attention(h.unsqueeze(1), keys)
    context = context.squeeze(1)
    return cell(torch.cat([sign, context], dim=1), h), weights


words = torch.randn(1, 5, size)  # five words, already turned into vectors
keys, _ = encoder(words)
sign, h = torch.randn(1, size), torch.zeros(1, size)
h, weights = step(sign, h, keys)
print("state", tuple(h.shape), "weights", tuple(weights.shape))

# %% any length will do, and the words matter check=true
longer, _ = encoder(torch.randn(1, 6, size))
assert step(sign, h, longer)[1].shape == (1, 1, 6)
assert not torch.allclose(
    step(sign, h, keys)[1], step(sign, h, longer[:, :5])[1]
)
