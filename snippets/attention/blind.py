# %% weights that never look
import torch

from gated.attention import AdditiveAttention

torch.manual_seed(0)
size = 8
# The last sign and the decoder's state.
sign, h = torch.randn(1, size), torch.randn(1, size)
# The encoder's states of two sentences of five words.
this, other = torch.randn(2, 1, 5, size)
attention = AdditiveAttention(
    query_size=size, key_size=size, hidden_size=size
)
blind = torch.nn.Linear(2 * size, 5)  # five: the longest sentence allowed


def look(keys):
    return attention(h.unsqueeze(1), keys)[1]


def look_blindly(keys):
    return blind(torch.cat([sign, h], dim=1)).softmax(-1).unsqueeze(1)


for name, weights in [("Bahdanau", look), ("blind", look_blindly)]:
    same = torch.equal(weights(this), weights(other))
    print(f"{name:8}  same weights for another sentence: {same}")

# %% what each looks at check=true
assert not torch.allclose(look(this), look(other))
assert torch.equal(look_blindly(this), look_blindly(other))

# %% a longer sentence raises="RuntimeError"
longer = torch.randn(1, 6, size)
context = look_blindly(longer) @ longer
