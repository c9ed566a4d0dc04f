# %% learn to recall
import copy

import torch
from torch import nn
from torch.nn import functional as F

UNITS, LENGTH = 16, 20


def batch(length, size):
    """One of four signs, then noise; the end asks for the first sign."""
    signs = torch.randint(4, 8, (length, size))
    signs[0] = wanted = torch.randint(4, (size,))
    return F.one_hot(signs, 8).float(), wanted


def train(gate_bias):
    """Return a GRU before and after training, and what reads its state."""
    torch.manual_seed(0)
    gru, read = nn.GRU(8, UNITS), nn.Linear(UNITS, 4)
    with torch.no_grad():
        gru.bias_hh_l0[UNITS : 2 * UNITS] += (
            gate_bias  # the rows of the update gate
        )
    fresh = copy.deepcopy(gru)
    parameters = [*gru.parameters(), *read.parameters()]
    adam = torch.optim.Adam(parameters, lr=0.02)
    for _ in range(400):
        x, wanted = batch(LENGTH, 32)
        adam.zero_grad()
        F.cross_entropy(read(gru(x)[0][-1]), wanted).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
    return fresh, gru, read


def right(gru, read, length):
    """Return the share of new sequences whose first sign is recalled."""
    x, wanted = batch(length, 500)
    with torch.no_grad():
        return (
            (read(gru(x)[0][-1]).argmax(1) == wanted).float().mean().item()
        )


nets = {bias: train(bias) for bias in (0, 3)}
print("share recalled after   20   40  160 steps")
shares = {}
for bias, (fresh, gru, read) in nets.items():
    shares[bias] = [right(gru, read, length) for length in (20, 40, 160)]
    print(
        f"gate bias {bias} at first   ",
        "  ".join(f"{share:.1f}" for share in shares[bias]),
    )

# %% gates over two sequences
import matplotlib.pyplot as plt

from gated.figures import INK, KEEP
from gated.probes import record_gates

plt.style.use("gated.figures.chart")
_, gru, _ = nets[0]
x, wanted = batch(LENGTH, 50)
fig, axes = plt.subplots(2, 1, sharex=True, figsize=(5.2, 5.4))
z = record_gates(gru, x).z[0].detach()  # (step, sequence, unit)
for ax, sign in zip(axes, (0, 1), strict=True):
    one = z[:, wanted == sign][:, 0]
    steps, units = torch.meshgrid(
        torch.arange(1, LENGTH + 1), torch.arange(UNITS), indexing="ij"
    )
    ax.scatter(
        steps, units, s=70 * one**10, marker="s", color=KEEP, linewidths=0
    )
    ax.set(
        title=f"to recall: sign {sign}",
        ylabel="unit",
        ylim=(UNITS, -1),
        yticks=[0, 5, 10, 15],
    )
axes[1].set(xlabel="step", xticks=[1, 5, 10, 15, 20])

# %% half-lives
from gated.figures import MUTED, SERIES
from gated.probes import geometric_mean, half_life

x, wanted = batch(LENGTH, 400)
fig, ax = plt.subplots(figsize=(5.2, 3.2))
lives: dict[str, torch.Tensor] = {}
names: list[str] = []
for bias, (fresh, gru, _) in nets.items():
    for name, layer in (
        (f"bias {bias}, fresh", fresh),
        (f"bias {bias}, trained", gru),
    ):
        z = record_gates(layer, x).z[0, 1:].detach()
        each = [
            geometric_mean(z[:, wanted == sign], dim=(0, 1))
            for sign in range(4)
        ]
        lives[name] = half_life(torch.stack(each))  # (sign, unit)
        color = SERIES["gru"]["color"] if layer is gru else MUTED
        rows = [
            [len(names) + 0.14 * (sign - 1.5)] * UNITS for sign in range(4)
        ]
        ax.scatter(
            lives[name],
            rows,
            marker="s",
            s=16,
            alpha=0.6,
            color=color,
            linewidths=0,
        )
        names.append(name)
ax.set(
    xscale="log",
    xlabel="half-life of a unit's direct path, in steps",
    ylim=(3.6, -0.6),
)
ax.set_yticks(range(4), names)
ax.set_xticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1000"])
ax.minorticks_off()

# %% the way back
from gated.probes import products_to_end, step_jacobians

x, wanted = batch(LENGTH, 20)
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(5.4, 3.8))
left = {}
for ax, (bias, (fresh, gru, read)) in zip(axes, nets.items(), strict=True):
    for name, layer, line in (("fresh", fresh, ":"), ("trained", gru, "-")):
        jacobians = step_jacobians(layer, x)
        for part, label, look in (
            ("whole", "whole", {"color": INK, "linewidth": 4}),
            ("keep", "kept alone", {"color": KEEP, "marker": "o"}),
        ):
            to_end = products_to_end(getattr(jacobians, part))[
                0, 1:
            ]  # from each step to the last
            length = to_end.flatten(-2).norm(dim=-1).mean(-1) / UNITS**0.5
            left[bias, name, part] = length.flip(0).detach()
            ax.semilogy(
                range(1, LENGTH),
                left[bias, name, part],
                linestyle=line,
                markevery=6,
                label=f"{label}, {name}",
                **look,
            )
    ax.set(
        title=f"gate bias {bias}",
        xlabel="steps back",
        xticks=[1, 10, 19],
        ylim=(1e-6, 10),
    )
axes[0].set_ylabel("gradient that comes back")
fig.legend(
    *axes[0].get_legend_handles_labels(),
    loc="outside upper left",
    ncols=2,
    handlelength=2.5,
)

# %% what the page says check=true
fresh_lives, trained_lives = (
    lives["bias 0, fresh"],
    lives["bias 0, trained"],
)
fresh_longest = fresh_lives.max().item()
holders = [
    (trained_lives[sign] > 10).nonzero().flatten().tolist()
    for sign in range(4)
]
per_sign = [len(one) for one in holders]
fewest, most = min(per_sign), max(per_sign)
always = int((trained_lives > 10).all(0).sum())
over_ten = int((trained_lives > 10).any(0).sum())
x, wanted = batch(LENGTH, 400)
z = record_gates(nets[0][1], x).z[0, 1:].detach()
averaged = half_life(geometric_mean(z, dim=(0, 1))).max().item()
assert fresh_longest < 2 and fewest >= 1 and always <= 2 and over_ten >= 6
assert (
    averaged < 3
)  # over all sequences together it looks as if nothing were held
assert all(share > 0.9 for one in shares.values() for share in one)
assert trained_lives.max() > 100 and lives["bias 3, trained"].min() < 1
first, later = record_gates(nets[0][1], x).z[0, 0].mean(), z[5:].mean()
assert first < later - 0.05
whole_fresh, whole_trained = (
    left[0, name, "whole"][-1].item() for name in ("fresh", "trained")
)
keep_trained = left[0, "trained", "keep"][-1].item()
keep_share = keep_trained / whole_trained
biased_fresh = left[3, "fresh", "whole"][-1].item()
assert (
    whole_fresh < 1e-3
    and whole_trained > 0.1
    and keep_share > 0.7
    and biased_fresh > 0.1
)
