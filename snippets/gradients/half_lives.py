# %% half-lives by start
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import MUTED
from gated.figures.seeds import seeds
from gated.tasks import TASKS

SETTINGS = evidence.settings("gradients")
CELLS, STARTS = SETTINGS["cells"], SETTINGS["starts"]


def half_lives(task, cell, start, when):
    """Each seed's median half-life over units and sequences, in steps."""
    found = evidence.trials("gradients", task=task, cell=cell, start=start)
    return [one["outcome"][when]["half_life"] for one in found]


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 1, figsize=(5.2, 7.4), sharex=True, sharey=True)
for ax, task in zip(axes, TASKS, strict=True):
    for place, start in enumerate(STARTS):
        for shift, cell in zip((-0.2, 0.2), CELLS, strict=True):
            before = half_lives(task, cell, start, "before")
            where = [place + shift] * len(before)
            ax.plot(
                where,
                before,
                "_",
                color=MUTED,
                markersize=26,
                markeredgewidth=0.8,
            )
            label = "" if place else cell.upper()
            seeds(
                ax,
                place + shift,
                half_lives(task, cell, start, "after"),
                cell,
                label=label,
            )
    ax.set(title=task, yscale="log")
    ax.set_xticks(range(len(STARTS)), STARTS)
axes[1].set_ylabel("median half-life, steps")
axes[0].legend(
    loc="lower right", bbox_to_anchor=(1, 1), ncols=2, handlelength=1
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
