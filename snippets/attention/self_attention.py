# %% self-attention in ten lines
from math import sqrt

import torch


def self_attention(x, w_query, w_key, w_value, w_out, *, causal=False):
    # What each step asks, offers, says.
    query, key, value = x @ w_query, x @ w_key, x @ w_value
    # (steps, steps): everyone asks everyone.
    scores = query @ key.mT / sqrt(query.shape[-1])
    if causal:  # nobody sees what comes later
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    return scores.softmax(-1) @ value @ w_out


torch.manual_seed(0)
steps, width = 6, 8
x = torch.randn(steps, width).double()
weights = torch.randn(4, width, width).double() / sqrt(width)

# %% it does not know the order
from gated import GRU

shuffled = torch.tensor([3, 0, 5, 1, 4, 2])
attended = self_attention(x, *weights)
moved = self_attention(x[shuffled], *weights) - attended[shuffled]
gru = GRU(width, width).double()
gru_moved = gru(x[shuffled])[0] - gru(x)[0][shuffled]
print(
    "self-attention: shuffled words, shuffled results: "
    f"{moved.abs().max() < 1e-12}"
)
print(
    "GRU:            shuffled words, shuffled results: "
    f"{gru_moved.abs().max() < 1e-12}"
)

# %% the same as PyTorch's and ours check=true
from torch.nn.functional import scaled_dot_product_attention

from gated.attention import ScaledDotAttention

query, key, value = ((x @ weight).unsqueeze(0) for weight in weights[:3])
for causal in (False, True):
    theirs = scaled_dot_product_attention(
        query, key, value, is_causal=causal
    )
    here = self_attention(x, *weights, causal=causal)
    torch.testing.assert_close(here, theirs[0] @ weights[3])
ours = ScaledDotAttention()(query, key, value)[0][0] @ weights[3]
torch.testing.assert_close(attended, ours)
assert moved.abs().max() < 1e-12 and gru_moved.abs().max() > 0.1
changed = x.clone()
changed[4:] += 1.0
first, second = (
    self_attention(words, *weights, causal=True) for words in (x, changed)
)
gap = (second - first).abs()
assert gap[:4].max() < 1e-12 < gap[4:].max()
