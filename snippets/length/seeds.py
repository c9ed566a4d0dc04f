# %% equal width
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import MUTED
from gated.figures.seeds import seeds
from gated.tasks import TASKS

SETTINGS = evidence.settings("length")
LENGTHS, LIMIT = SETTINGS["lengths"], SETTINGS["limit"]


def taken(task, cell, length, budget="width"):
    """The updates that each seed took to solve the task, or LIMIT."""
    arm = {
        "task": task,
        "cell": cell,
        "budget": budget,
        "length": length,
        "start": "default",
    }
    return [
        one["outcome"]["solved_at"] or LIMIT
        for one in evidence.trials("length", **arm)
    ]


def draw(budget):
    axes = plt.subplots(3, 1, figsize=(5.2, 7.6), sharex=True)[1]
    for ax, task in zip(axes, TASKS, strict=True):
        ax.axhline(LIMIT, color=MUTED, linewidth=1)
        for place, length in enumerate(LENGTHS):
            gru, lstm = (
                taken(task, "gru", length, budget),
                taken(task, "lstm", length),
            )
            seeds(
                ax, place - 0.2, gru, "gru", LIMIT, "" if place else "GRU"
            )
            seeds(
                ax,
                place + 0.2,
                lstm,
                "lstm",
                LIMIT,
                "" if place else "LSTM",
            )
        ax.set(title=task, yscale="log", ylim=(40, LIMIT * 1.25))
        ax.set_yticks([50, 200, 1000, LIMIT], [50, 200, 1000, LIMIT])
        ax.minorticks_off()
        ax.set_xticks(range(len(LENGTHS)), LENGTHS)
    axes[1].set_ylabel("updates to solve it")
    axes[-1].set_xlabel("length")
    axes[0].legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, handlelength=1
    )


plt.style.use("gated.figures.chart")
draw("width")

# %% equal parameters
draw("parameters")
