# %% what is left and who solved it
from gated import evidence
from gated.tasks import TASKS

SETTINGS = evidence.settings("gradients")
CELLS, STARTS = SETTINGS["cells"], SETTINGS["starts"]


def ends(task, when="after", **config):
    """Each seed's power of ten over 50 steps, and if it solved the task."""
    found = evidence.trials("gradients", task=task, **config)
    return [
        (
            one["outcome"][when]["whole"][-1],
            one["outcome"]["solved_at"] is not None,
        )
        for one in found
    ]


counts = {}
print("         a tenth or more     less")
print("         solved    not       solved    not")
for task in TASKS:
    for most in (True, False):
        kinds = [
            solved for power, solved in ends(task) if (power > -1) == most
        ]
        counts[task, most] = kinds.count(True), kinds.count(False)
    print(
        "{:8} {:6} {:6}    {:9} {:6}".format(
            task, *counts[task, True], *counts[task, False]
        )
    )

# %% every seed
import matplotlib.pyplot as plt

from gated.figures import DIM, MUTED
from gated.figures.seeds import seeds as draw

POWERS = [f"$10^{{{power}}}$" for power in range(-20, 0, 5)]

plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 1, figsize=(5.2, 7.8), sharex=True, sharey=True)
for ax, task in zip(axes, TASKS, strict=True):
    for place, start in enumerate(STARTS):
        for shift, cell in zip((-0.23, 0.23), CELLS, strict=True):
            before, after = (
                ends(task, when, cell=cell, start=start)
                for when in ("before", "after")
            )
            powers, solved = zip(*after, strict=True)
            for power, _ in before:
                ax.scatter(
                    power, place + shift, s=500, c=MUTED, marker="|", lw=0.7
                )
            draw(
                ax,
                place + shift,
                powers,
                cell,
                label="" if place else cell.upper(),
                solved=solved,
                size=2.9,
                rows=True,
            )
        ax.axhline(place + 0.5, color=DIM, linewidth=0.6)
    ax.set(title=task, ylim=(len(STARTS) - 0.5, -0.5))
    ax.set_xticks(range(-20, 1, 5), [*POWERS, "1"])
    ax.set_yticks(range(len(STARTS)), STARTS)
    ax.grid(axis="y", visible=False)
axes[-1].set_xlabel("left of a gradient after 50 steps")
axes[0].plot([], [], "|", color=MUTED, markersize=11, label="before")
axes[0].legend(
    loc="lower right", bbox_to_anchor=(1, 1), ncols=3, handlelength=1
)

# %% what the prose says check=true
assert all(
    counts[task, False][0] == 0 for task in TASKS
)  # with less, none solved its task
open_solved, open_not = (
    sum(counts[task, True][n] for task in TASKS) for n in (0, 1)
)
closed = sum(counts[task, False][1] for task in TASKS)
everyone = [power for task in TASKS for power, _ in ends(task)]
assert not any(
    -3 < power < -1 for power in everyone
)  # two kinds, and a gap between them
split = sorted(ends("recall", cell="gru", start="default"))
opened = sum(power > -1 for power, _ in split)
assert opened == 5 and all(-6 < power < -3 for power, _ in split[:5])
assert (
    sum(solved for _, solved in split)
    == sum(solved for _, solved in split[5:])
    == 3
)
began = [
    one
    for one in evidence.trials("gradients")
    if one["outcome"]["solved_at"] is not None
    and one["outcome"]["before"]["whole"][-1] < -7
]
closed_at_first = len(began)
assert sum(one["config"]["task"] == "adding" for one in began) == 19
assert {one["config"]["start"] for one in began} == {"default"}
chrono = [ends("copying", cell=cell, start="chrono") for cell in CELLS]
assert all(
    power > 0 and not solved for seeds in chrono for power, solved in seeds
)

# %% what the claims rest on check=true
gru_paths, lstm_paths = (
    [power > -1 for task in TASKS for power, _ in ends(task, cell=cell)]
    for cell in ("gru", "lstm")
)
gru_open, gru_closed = gru_paths.count(True), gru_paths.count(False)
lstm_open, lstm_closed = lstm_paths.count(True), lstm_paths.count(False)
seeds = len(gru_paths)
assert seeds == len(lstm_paths)
gru_ends_open = gru_open / seeds
gru_ends_closed = -gru_closed / seeds
lstm_ends_open = lstm_open / seeds
lstm_ends_closed = -lstm_closed / seeds
