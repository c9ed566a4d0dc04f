# %% three starts at two lengths
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures.seeds import limited, seeds
from gated.tasks import TASKS

SETTINGS = evidence.settings("length")
STARTED_AT, LIMIT = SETTINGS["started_at"], SETTINGS["limit"]
ALL_STARTS = ("default", *SETTINGS["starts"])


def taken(task, cell, start, length):
    """The updates that each seed took to solve the task, or LIMIT."""
    arm = {
        "task": task,
        "cell": cell,
        "budget": "width",
        "start": start,
        "length": length,
    }
    return [
        one["outcome"]["solved_at"] or LIMIT
        for one in evidence.trials("length", **arm)
    ]


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 2, figsize=(5.2, 7.2), sharex=True, sharey=True)
for row, task in zip(axes, TASKS, strict=True):
    for ax, length in zip(row, STARTED_AT, strict=True):
        for place, start in enumerate(ALL_STARTS):
            for shift, cell in ((-0.24, "gru"), (0.24, "lstm")):
                seeds(
                    ax,
                    place + shift,
                    taken(task, cell, start, length),
                    cell,
                    LIMIT,
                    "" if place else cell.upper(),
                    size=2.9,
                )
        limited(ax, (50, 200, 1000), LIMIT)
        ax.set_title(f"{task}, {length}")
        ax.set_xticks(range(3), ["default", "bias 1", "chrono"])
fig.supylabel("updates to solve it", fontsize=12)
axes[0, 0].set_xlim(-0.55, 2.55)
fig.legend(
    *axes[0, 0].get_legend_handles_labels(),
    loc="outside upper right",
    ncols=2,
)

# %% what the prose says check=true
SHORT, LONG = STARTED_AT


def solved(task, cell, start, length):
    return sum(one < LIMIT for one in taken(task, cell, start, length))


recall_default, recall_bias, recall_chrono = (
    solved("recall", "lstm", start, SHORT) for start in ALL_STARTS
)
far_default, far_bias, far_chrono = (
    solved("recall", "lstm", start, LONG) for start in ALL_STARTS
)
assert recall_chrono == far_chrono == 10 and far_default == far_bias == 0
assert recall_default < 5 < recall_bias
for length in (
    STARTED_AT
):  # chrono helps the LSTM with adding, and the GRU leads all the same
    lstm = {
        start: sorted(taken("adding", "lstm", start, length))
        for start in ALL_STARTS
    }
    assert lstm["chrono"][5] < lstm["default"][5]
    for task in ("recall", "adding"):
        for start in ALL_STARTS:
            gru = sorted(taken(task, "gru", start, length))
            assert gru[5] < sorted(taken(task, "lstm", start, length))[5]
