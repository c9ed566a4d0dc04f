# %% the other tasks
import torch

from gated import evidence

SETTINGS = evidence.settings("gradients")
CELLS, STARTS = SETTINGS["cells"], SETTINGS["starts"]


def powers(task, cell, start, when, part):
    """The product's power of ten over each span, the mean over seeds."""
    found = evidence.trials("gradients", task=task, cell=cell, start=start)
    return torch.tensor([one["outcome"][when][part] for one in found]).mean(
        0
    )


print("powers of ten over 50 steps, before and after training")
print("                  GRU              LSTM")
print("task     init.    before  after    before  after")
for task in ("recall", "adding", "copying"):
    for start in STARTS:
        ends = [
            powers(task, cell, start, when, "whole")[-1].item()
            for cell in CELLS
            for when in ("before", "after")
        ]
        print(
            "{:8} {:8} {:z6.1f} {:z6.1f}    {:z6.1f} {:z6.1f}".format(
                task, start, *ends
            )
        )

# %% how much comes back
import matplotlib.pyplot as plt

from gated.figures import SERIES

SPANS = SETTINGS["spans"]
plt.style.use("gated.figures.chart")
POWERS = [f"$10^{{{power}}}$" for power in range(-20, 0, 5)]
LOWEST = (-20, -12, -3)  # the rows are as high as their lines reach
fig, axes = plt.subplots(
    3,
    2,
    figsize=(5.2, 6.6),
    sharex=True,
    sharey="row",
    height_ratios=[3 - low for low in LOWEST],
)
for row, start, low in zip(axes, STARTS, LOWEST, strict=True):
    for ax, when in zip(row, ("before", "after"), strict=True):
        for cell in CELLS:
            look = SERIES[cell]
            whole = powers("recall", cell, start, when, "whole")
            kept = powers("recall", cell, start, when, "keep")
            ax.plot(
                SPANS,
                kept,
                color=look["color"],
                linestyle=":",
                linewidth=1.2,
            )
            ax.plot(SPANS, whole, **look)
        ax.set_yticks(range(-20, 1, 5), [*POWERS, "1"])
        ax.set(title=f"{start}, {when}", ylim=(low, 3))
axes[-1, 0].set_xlabel("steps back")
axes[-1, 1].set_xlabel("steps back")
axes[0, 0].text(2, -15, "dotted:\ngates alone")
for cell, spot in (("gru", (30, 0)), ("lstm", (8, -14))):
    axes[0, 1].text(*spot, cell.upper(), color=SERIES[cell]["color"])

# %% what the prose says check=true


def left(task, cell, start, when, part="whole"):
    return 10 ** powers(task, cell, start, when, part)[-1].item()


gru_before, gru_after = (
    left("recall", "gru", "default", when) for when in ("before", "after")
)
lstm_before, lstm_after = (
    left("recall", "lstm", "default", when) for when in ("before", "after")
)
bias_before, bias_after = (
    left("recall", "lstm", "bias 1", when) for when in ("before", "after")
)
assert (
    1e-10
    < min(gru_before, lstm_before)
    <= max(gru_before, lstm_before)
    < 1e-8
)
assert gru_after > 1e4 * gru_before and lstm_after < 1e-6 * lstm_before
assert (
    bias_before > left("recall", "gru", "bias 1", "before")
    and bias_after < 1e-5 * bias_before
)
for cell in CELLS:
    assert 0.3 < left("recall", cell, "chrono", "before") < 0.6
    assert left("recall", cell, "chrono", "after") > 1
    assert (
        min(left("adding", cell, start, "after") for start in STARTS) > 0.2
    )
    assert left("adding", cell, "default", "after") > 1e6 * left(
        "adding", cell, "default", "before"
    )
    for (
        start
    ) in STARTS:  # the dotted lines lie near the others, on this scale
        whole, kept = (
            powers("recall", cell, start, "after", part)
            for part in ("whole", "keep")
        )
        assert (whole - kept)[-1].abs() < 1.5
for task in (
    "recall",
    "copying",
):  # from every seed the LSTM's closes, and the GRU's opens
    for start in ("default", "bias 1"):
        for one in evidence.trials(
            "gradients", task=task, cell="lstm", start=start
        ):
            look = one["outcome"]
            assert (
                look["after"]["whole"][-1] < look["before"]["whole"][-1] - 5
            )
for one in evidence.trials("gradients", cell="gru", start="default"):
    assert (
        one["outcome"]["after"]["whole"][-1]
        > one["outcome"]["before"]["whole"][-1]
    )
adding_lstm_whole = left("adding", "lstm", "default", "after")
adding_lstm_kept = left("adding", "lstm", "default", "after", "keep")
assert adding_lstm_kept > 0.3
holding = [
    32 * one["outcome"]["after"]["over_ten"]
    for one in evidence.trials(
        "gradients", task="adding", cell="lstm", start="default"
    )
    if one["outcome"]["solved_at"] is not None
]
assert sorted(holding) == [1] * 8 + [2]
