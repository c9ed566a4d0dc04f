# %% vary one side, keep the others
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import INK, MUTED

speed = evidence.read("speed")
base = speed["base"]
pairs = [
    ("lstm/gru", "as it is", INK, "o-", INK),
    ("lstm_off/gru_off", "oneDNN off", INK, "D--", "none"),
    ("lstm_double/gru_double", "float64", MUTED, "v:", MUTED),
]


def along(side):
    """The points that differ from the base in this side only, in order."""
    others = {name: value for name, value in base.items() if name != side}
    found = (
        one for one in speed["layers"] if one.items() >= others.items()
    )
    return sorted(found, key=lambda one: one[side])


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(3, 2, figsize=(5.2, 7.0), sharey=True)
for row, side in zip(axes, ("width", "batch", "steps"), strict=True):
    points = along(side)
    sizes = [one[side] for one in points]
    for ax, mode in zip(row, ("train", "infer"), strict=True):
        ax.axhline(1, color=INK, linewidth=1)
        ax.axhline(4 / 3, color=MUTED, linewidth=0.8)
        for pair, label, color, look, fill in pairs:
            medians = [one[mode]["ratio"][pair][0] for one in points]
            style = {"color": color, "label": label}
            (line,) = ax.plot(sizes, medians, look, **style)
            line.set(markersize=5, markerfacecolor=fill)
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_yticks([0.25, 0.5, 1, 2], ["1/4", "1/2", "1", "2"])
        shown = sizes[:: 2 if len(sizes) > 5 or sizes[-1] > 999 else 1]
        ax.set_xticks(shown, shown)
        ax.minorticks_off()
        ax.set_xlabel(side)
    row[1].annotate(
        "4/3",
        (1, 4 / 3),
        (4, 0),
        xycoords=row[1].get_yaxis_transform(),
        textcoords="offset points",
        va="center",
        color=MUTED,
    )
axes[0, 0].set_title("training step")
axes[0, 1].set_title("inference")
fig.supylabel("time of the LSTM / time of the GRU", fontsize=12)
named = axes[0, 0].get_legend_handles_labels()
fig.legend(*named, loc="outside upper center", ncols=3, fontsize=11)

# %% what the eye sees check=true
long = [one for one in speed["layers"] if one["steps"] >= base["steps"]]
for one in long:  # from 64 steps on the kernel helps the LSTM everywhere
    for mode in ("train", "infer"):
        found = one[mode]["ratio"]
        assert found["lstm/gru"][0] < found["lstm_off/gru_off"][0]
widths, batches, lengths = along("width"), along("batch"), along("steps")
assert len(widths) > 4 and len(batches) > 4 and len(lengths) > 4


def ratio(points, end, mode, pair="lstm/gru"):
    return points[end][mode]["ratio"][pair][0]


narrow, wide = widths[0]["width"], widths[-1]["width"]
narrow_default = ratio(widths, 0, "train")
wide_default = ratio(widths, -1, "train")
narrow_off = ratio(widths, 0, "train", "lstm_off/gru_off")
wide_off = ratio(widths, -1, "train", "lstm_off/gru_off")
wide_off_infer = ratio(widths, -1, "infer", "lstm_off/gru_off")
assert wide_off > narrow_off and wide_off > 1.1
assert narrow_default < wide_default < 0.9
smallest, largest = batches[0]["batch"], batches[-1]["batch"]
one_default = ratio(batches, 0, "train")
many_default = ratio(batches, -1, "train")
many_infer = ratio(batches, -1, "infer")
assert one_default < 0.5 < many_default
shortest, longest = lengths[0]["steps"], lengths[-1]["steps"]
short_default = ratio(lengths, 0, "train")
long_default = ratio(lengths, -1, "train")
short_infer = ratio(lengths, 0, "infer")
long_infer = ratio(lengths, -1, "infer")
lowest = min(lengths, key=lambda one: one["train"]["ratio"]["lstm/gru"][0])
lowest_default = lowest["train"]["ratio"]["lstm/gru"][0]
lowest_steps = lowest["steps"]
for place in range(1, len(lengths)):
    assert ratio(lengths, place, "train") < short_default
