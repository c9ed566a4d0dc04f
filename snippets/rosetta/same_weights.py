# %% the same weights under other conventions
import torch

from gated import GRU

torch.manual_seed(3)
shapes = [
    (6, 1),
    (6, 2),
    (6,),
    (6,),
]  # two units: blocks of two rows, for r, z and n
weights = [torch.randn(shape).round(decimals=1) for shape in shapes]
x = torch.randn(8, 1).round(decimals=1)


def outputs(weights, reset_after=True):
    layer = GRU(1, 2, reset_after=reset_after)
    layer.load_state_dict(
        dict(zip(layer.state_dict(), weights, strict=True))
    )
    return layer(x)[0].detach()


def changed(change):
    return [torch.cat(change(*weight.chunk(3))) for weight in weights]


written = outputs(weights)
readings = {
    "blocks read as z, r, n": outputs(changed(lambda r, z, n: (z, r, n))),
    "z writes": outputs(changed(lambda r, z, n: (r, -z, n))),
    "reset before": outputs(weights, reset_after=False),
}
parted = {}
for name, read in readings.items():
    gaps = (read - written).abs().amax(dim=1)
    parted[name] = [gap > 1e-5 for gap in gaps.tolist()].index(True) + 1
    print(
        f"{name:24} part at step {parted[name]}, "
        f"up to {gaps.max():.2f} apart"
    )

# %% chart fold="code"
import matplotlib.pyplot as plt

import gated.figures

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.6, 3.4))
steps = range(1, len(x) + 1)
ax.plot(
    steps,
    written[:, 0],
    **gated.figures.SERIES["gru"],
    label="as in PyTorch",
)
for line, (name, read) in zip(
    ("--", "-.", ":"), readings.items(), strict=True
):
    ax.plot(
        steps,
        read[:, 0],
        color=gated.figures.INK,
        linestyle=line,
        label=name,
    )
ax.set(xlabel="step", ylabel="first unit", ylim=(-1, 1), yticks=[-1, 0, 1])
fig.legend(loc="outside upper left", ncols=2)

# %% reset fold="code"
fig, ax = plt.subplots(figsize=(4.2, 1.8))
ax.plot(steps, written[:, 0], **gated.figures.SERIES["gru"])
ax.plot(
    steps, readings["reset before"][:, 0], "--", color=gated.figures.INK
)
ax.set(ylim=(-1, 1), yticks=[-1, 1], xticks=[1, 8])

# %% as the text says check=true
assert {*parted.values()} == {1}
assert all((read - written).abs().max() > 0.4 for read in readings.values())
