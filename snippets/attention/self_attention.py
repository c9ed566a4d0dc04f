# %% self-attention in ten lines
from math import sqrt

import torch


def self_attention(x, w_query, w_key, w_value, w_out, *, causal=False):
    query, key, value = (
        x @ w_query,
        x @ w_key,
        x @ w_value,
    )  # what each step asks, offers, says
    scores = (
        query @ key.mT / sqrt(query.shape[-1])
    )  # (steps, steps): everyone asks everyone
    if causal:  # nobody sees what comes later
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    return scores.softmax(-1) @ value @ w_out


torch.manual_seed(0)
steps, width = 6, 8
x = torch.randn(steps, width).double()
weights = [
    torch.randn(width, width).double() / sqrt(width) for _ in range(4)
]

# %% it does not know the order
from gated import GRU

shuffled = torch.tensor([3, 0, 5, 1, 4, 2])
moved = (
    self_attention(x[shuffled], *weights)
    - self_attention(x, *weights)[shuffled]
)
gru = GRU(width, width).double()
gru_moved = gru(x[shuffled])[0] - gru(x)[0][shuffled]
print(
    f"self-attention: shuffled words, shuffled results: {moved.abs().max() < 1e-12}"
)
print(
    f"GRU:            shuffled words, shuffled results: {gru_moved.abs().max() < 1e-12}"
)

# %% the same as PyTorch's and ours check=true
from torch.nn.functional import scaled_dot_product_attention

from gated.attention import ScaledDotAttention

query, key, value = ((x @ weight).unsqueeze(0) for weight in weights[:3])
for causal in (False, True):
    theirs = (
        scaled_dot_product_attention(query, key, value, is_causal=causal)[0]
        @ weights[3]
    )
    torch.testing.assert_close(
        self_attention(x, *weights, causal=causal), theirs
    )
ours = ScaledDotAttention()(query, key, value)[0][0] @ weights[3]
torch.testing.assert_close(self_attention(x, *weights), ours)
assert moved.abs().max() < 1e-12 and gru_moved.abs().max() > 0.1
changed = x.clone()
changed[4:] += 1.0
same = self_attention(changed, *weights, causal=True) - self_attention(
    x, *weights, causal=True
)
assert same[:4].abs().max() < 1e-12 < same[4:].abs().max()
