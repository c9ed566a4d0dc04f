# %% half-lives by start
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import DIM, MUTED
from gated.figures.seeds import seeds
from gated.tasks import TASKS

SETTINGS = evidence.settings("gradients")
CELLS, STARTS = SETTINGS["cells"], SETTINGS["starts"]


def half_lives(task, cell, start, when):
    """Each seed's median half-life over units and sequences, in steps."""
    found = evidence.trials("gradients", task=task, cell=cell, start=start)
    return [one["outcome"][when]["half_life"] for one in found]


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 1, figsize=(5.2, 7.8), sharex=True, sharey=True)
for ax, task in zip(axes, TASKS, strict=True):
    for place, start in enumerate(STARTS):
        for shift, cell in zip((-0.23, 0.23), CELLS, strict=True):
            before = half_lives(task, cell, start, "before")
            where = [place + shift] * len(before)
            ax.scatter(before, where, s=500, c=MUTED, marker="|", lw=0.7)
            seeds(
                ax,
                place + shift,
                half_lives(task, cell, start, "after"),
                cell,
                label="" if place else cell.upper(),
                size=2.9,
                rows=True,
            )
        ax.axhline(place + 0.5, color=DIM, linewidth=0.6)
    ax.set(title=task, xscale="log", ylim=(len(STARTS) - 0.5, -0.5))
    ax.set_xticks([1, 10, 100], [1, 10, 100])
    ax.set_yticks(range(len(STARTS)), STARTS)
    ax.grid(axis="y", visible=False)
axes[-1].set_xlabel("median half-life, steps")
axes[0].plot([], [], "|", color=MUTED, markersize=11, label="before")
axes[0].legend(
    loc="lower right", bbox_to_anchor=(1, 1), ncols=3, handlelength=1
)

# %% as the figure is described check=true
for task in TASKS:
    low, high = (
        sorted(half_lives(task, cell, "default", "after"))
        for cell in ("lstm", "gru")
    )
    assert high[0] > 1 > low[-1]
    assert max(half_lives(task, "lstm", "bias 1", "after")) < 2
    for cell in CELLS:
        assert min(half_lives(task, cell, "default", "before")) > 0.9
        assert max(half_lives(task, cell, "default", "before")) < 1.1
assert min(half_lives("recall", "lstm", "chrono", "after")) > 30
assert min(half_lives("copying", "lstm", "chrono", "after")) > 50
