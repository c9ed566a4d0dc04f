# %% write
import torch

from gated.characters import CHARACTERS, encode, load

model = load().double()
torch.manual_seed(0)
temperature = 0.6
text, h = "MIRA:\n", None
x = encode(text).double()
while len(text) < 400:
    with torch.no_grad():
        logits, h = model(x, h)
    edges = (logits[-1, 0] / temperature).softmax(-1).cumsum(-1)
    drawn = torch.rand((), dtype=torch.float64)
    text += CHARACTERS[int((edges < drawn).sum())]
    x = encode(text[-1]).double()
print(text)

# %% no draw falls on an edge check=true
torch.manual_seed(0)
with torch.no_grad():
    logits, _ = model(encode(text).double())
edges = (logits[5:-1, 0] / temperature).softmax(-1).cumsum(-1)
draws = torch.stack([torch.rand((), dtype=torch.float64) for _ in edges])
assert (
    "".join(CHARACTERS[k] for k in (edges < draws[:, None]).sum(1))
    == text[6:]
)
assert (edges - draws[:, None]).abs().min() > 1e-6
