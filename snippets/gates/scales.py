# %% three sizes of weights
import torch

STEPS, H = 40, 64


def way_back(size, seed):
    """Return how long the gradient is, 0 to STEPS steps before the end."""
    g = torch.Generator().manual_seed(seed)
    W = size * torch.randn(H, H, generator=g) / H**0.5
    states = [torch.zeros(H, requires_grad=True)]
    for _ in range(STEPS):
        x = 0.1 * torch.randn(H, generator=g)
        states.append(torch.tanh(W @ states[-1] + x))
    # What the loss says about the last state.
    end = torch.randn(H, generator=g)
    gradients = torch.autograd.grad(states[-1] @ (end / end.norm()), states)
    return torch.stack(
        [gradient.norm() for gradient in reversed(gradients)]
    )


print("steps back      0      10      20      40")
lengths = {}
for size in (0.5, 1.0, 2.0):
    lengths[size] = torch.stack([way_back(size, seed) for seed in range(5)])
    middle = lengths[size].log().mean(0).exp()  # over five nets
    print(
        f"weights {size}",
        *(f"{middle[back].item():7.0e}" for back in (0, 10, 20, 40)),
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import INK, MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.6))
for size, look in ((2.0, "-."), (1.0, "-"), (0.5, ":")):
    for one in lengths[size]:
        ax.semilogy(
            one, color=SERIES["rnn"]["color"], linestyle=look, linewidth=1
        )
    ax.annotate(
        f"weights {size}",
        (STEPS, lengths[size][:, -1].log().mean().exp()),
        (6, 0),
        textcoords="offset points",
        va="center",
        color=INK,
    )
ax.axhline(1, color=MUTED, linewidth=1)
ax.set(xlabel="steps back from the end", ylabel="size of the gradient")
ax.set(xlim=(0, STEPS))
ax.set_xticks([0, 10, 20, 30, 40])

# %% what the page says check=true
shrinks, grows = lengths[0.5], lengths[2.0]
assert (shrinks[:, 40] < 1e-9).all() and (grows[:, 40] > 1000).all()
assert (lengths[1.0][:, 40] < 1).all()
left_small = shrinks[:, 40].log().mean().exp().item()
steps = STEPS
