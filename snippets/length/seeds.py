# %% equal width
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures.seeds import limited, seeds
from gated.tasks import TASKS

SETTINGS = evidence.settings("length")
LENGTHS, LIMIT = SETTINGS["lengths"], SETTINGS["limit"]


def taken(task, cell, length, budget):
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
    budgets = {"gru": budget, "lstm": "width"}
    axes = plt.subplots(3, 1, figsize=(5.2, 7.6), sharex=True)[1]
    for ax, task in zip(axes, TASKS, strict=True):
        for place, length in enumerate(LENGTHS):
            for shift, cell in ((-0.24, "gru"), (0.24, "lstm")):
                seeds(
                    ax,
                    place + shift,
                    taken(task, cell, length, budgets[cell]),
                    cell,
                    LIMIT,
                    "" if place else cell.upper(),
                    size=2.9,
                )
        limited(ax, (50, 200, 1000), LIMIT)
        ax.set_title(f"{task}, updates to solve it")
        ax.set_xticks(range(len(LENGTHS)), LENGTHS)
        ax.set_xlim(-0.5, len(LENGTHS) - 0.5)
    axes[-1].set_xlabel("length")
    axes[0].legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, handlelength=1
    )


plt.style.use("gated.figures.chart")
draw("width")

# %% equal parameters
draw("parameters")
