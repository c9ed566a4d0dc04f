# %% a loss that skips the padding
import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=8, batch_first=True)
head = torch.nn.Linear(8, 4)
lengths = (5, 2, 7, 4)
x = pad_sequence([torch.randn(n, 3) for n in lengths], batch_first=True)
tags = [torch.randint(4, (n,)) for n in lengths]
# A tag of -100 says "there is no tag", and cross_entropy skips it.
target = pad_sequence(tags, batch_first=True, padding_value=-100)

logits = head(gru(x)[0])  # (4, 7, 4)
loss = cross_entropy(logits.mT, target)  # ignore_index=-100 by default

# The same with a mask, (4, 7), for a loss that has no ignore_index.
mask = torch.arange(x.shape[1]) < torch.tensor(lengths).unsqueeze(1)
each = cross_entropy(logits.mT, target.clamp(min=0), reduction="none")
by_mask = (each * mask).sum() / mask.sum()

# The truth: only steps that exist. The usual mistake: padding is tag 0.
truth = cross_entropy(
    torch.cat([row[:n] for row, n in zip(logits, lengths)]), torch.cat(tags)
)
careless = cross_entropy(logits.mT, target.clamp(min=0))
print(f"ignore_index: {loss:.3f}, mask: {by_mask:.3f}, truth: {truth:.3f}")
print(f"padding counted as tag 0: {careless:.3f}")
print("steps:", mask.sum().item(), "of", mask.numel())

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
for row, n in enumerate(lengths):
    ax.scatter(
        range(n), [row] * n, color=SERIES["gru"]["color"], marker="s", s=60
    )
    ax.scatter(range(n, 7), [row] * (7 - n), color=DIM, marker="x", s=40)
ax.set(ylim=(-0.6, 3.6))

# %% margins check=true
torch.testing.assert_close(loss, truth)
torch.testing.assert_close(by_mask, truth)
assert (careless - truth).abs() > 0.01
