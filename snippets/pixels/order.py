# %% an image as a sequence
import matplotlib.pyplot as plt
import torch

from gated.figures import INK, MUTED

seven = torch.tensor(
    [[0] * 8]
    + [[0, 1, 1, 1, 1, 1, 1, 0]]
    + [[0, 0, 0, 0, 0, 1, 1, 0]]
    + [[0, 0, 0, 0, 1, 1, 0, 0]]
    + [[0, 0, 0, 1, 1, 0, 0, 0]]
    + [[0, 0, 1, 1, 0, 0, 0, 0]] * 2
    + [[0] * 8]
)
plain = seven.flatten()
shuffle = torch.randperm(64, generator=torch.Generator().manual_seed(0))
permuted = plain[shuffle]

plt.style.use("gated.figures.chart")
fig, (image, rows, mixed) = plt.subplots(
    3, 1, figsize=(5.2, 4.2), height_ratios=[4, 1, 1]
)
inked = seven.nonzero()
image.plot(inked[:, 1], inked[:, 0], "s", color=INK, markersize=12)
image.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5), aspect="equal")
image.axis("off")
for ax, pixels, title in [
    (rows, plain, "plain: row by row"),
    (mixed, permuted, "permuted"),
]:
    ax.vlines(range(64), 0, pixels, color=MUTED, linewidth=3)
    ax.set(
        title=title,
        xlim=(-1, 64),
        ylim=(0, 1.2),
        yticks=[],
        xticks=[0, 32, 63],
    )
    ax.spines["left"].set_visible(False)
mixed.set_xlabel("step")

# %% the same pixels check=true
assert plain.sum() == permuted.sum() and not torch.equal(plain, permuted)
