# %% learn to hold the last vowel
import torch

torch.manual_seed(0)
letters = "abcdefghijklmnopqrstuvwxyz "
level = {"a": -0.8, "e": -0.4, "i": 0.0, "o": 0.4, "u": 0.8}


def one_hot(text):
    places = [letters.index(letter) for letter in text]
    return torch.eye(27).double()[places]


def last_vowel(text):
    levels = [0.0]
    for letter in text:
        levels.append(level.get(letter, levels[-1]))
    return torch.tensor(levels[1:]).double()


rows = torch.randint(27, (32, 16))
noise = ["".join(letters[i] for i in row) for row in rows]
# (steps, texts, letters)
x = torch.stack([one_hot(text) for text in noise], dim=1)
target = torch.stack([last_vowel(text) for text in noise], dim=1)


def train(gru):
    weights = list(gru.parameters())
    squares = [torch.zeros_like(weight) for weight in weights]
    for _ in range(200):
        h, _ = gru(x)
        loss = (h[..., 0] - target).square().mean()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            # RMSProp: divide by the gradient's usual size.
            for weight, square, slope in zip(weights, squares, gradients):
                square.lerp_(slope**2, 0.1)
                weight -= 0.05 * slope / (square.sqrt() + 1e-8)
    return gru


gru = train(torch.nn.GRU(input_size=27, hidden_size=1).double())

# %% read a sentence and look at the gates
sentence = "the gate holds on until another vowel"


@torch.no_grad()
def gates(gru, x):
    h, _ = gru(x)
    # What each step started from.
    before = torch.cat([torch.zeros(1, 1), h[:-1]])
    from_x = x @ gru.weight_ih_l0.T + gru.bias_ih_l0
    from_h = before @ gru.weight_hh_l0.T + gru.bias_hh_l0
    r, z, _ = torch.sigmoid(from_x + from_h).chunk(3, dim=1)
    return r, z, h


r, z, h = gates(gru, one_hot(sentence))
for letter, update, state in zip(sentence[:8], z, h, strict=False):
    print(f"{letter}  z = {update.item():.1f}  h = {state.item():4.1f}")

# %% chart
import matplotlib.pyplot as plt

from gated.figures import KEEP, SERIES

plt.style.use("gated.figures.chart")
fig, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(6.4, 4.6))
top.bar(range(len(sentence)), z[:, 0], color=KEEP)
top.set(title="Update gate z: high keeps, low writes", ylim=(0, 1.05))
top.set(yticks=[0, 1])
look = SERIES["gru"] | {"markersize": 4, "drawstyle": "steps-post"}
bottom.plot(h[:, 0], **look)
bottom.set(
    title="State h, and the level of each vowel",
    yticks=list(level.values()),
)
bottom.set_yticklabels(level)
bottom.set_xticks(range(len(sentence)), list(sentence))
bottom.grid(axis="x", visible=False)
top.grid(axis="x", visible=False)
bottom.tick_params(axis="x", length=0)
bottom.set_xlim(-0.7, len(sentence) - 0.3)

# %% values check=true
vowel = torch.tensor([letter in level for letter in sentence])
z_vowel, z_other = z[vowel].max().item(), z[~vowel].min().item()
error = (h[:, 0] - last_vowel(sentence)).abs().max().item()
assert z_vowel < 0.5 and z_other > 0.9
# Below half of the distance of two vowels: each is read right.
assert error < 0.2

# %% another start check=true
torch.manual_seed(1)
again = train(torch.nn.GRU(27, 1).double())
r_again, z_again, _ = gates(again, one_hot(sentence))
assert z_again[vowel].max() < 0.5 and z_again[~vowel].min() > 0.9
# The reset gate found another way.
assert (r_again - r)[vowel].abs().max() > 0.3
