# %% time against width
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import MUTED, SERIES

speed = evidence.read("speed")
base = speed["base"]
sides = ("batch", "steps")
points = sorted(
    (
        one
        for one in speed["layers"]
        if all(one[side] == base[side] for side in sides)
    ),
    key=lambda one: one["width"],
)
widths = [one["width"] for one in points]
time = {
    name: [one["train"]["ms"][name][0] for one in points]
    for name in ("gru", "lstm", "gru_gated", "lstm_gated")
}
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 4.2))
for name, label in [("gru", "GRU"), ("lstm", "LSTM")]:
    look = SERIES[name]
    ax.plot(widths, time[name], **look, label=f"torch.nn.{label}")
    ax.plot(
        widths,
        time[f"{name}_gated"],
        **look,
        markerfacecolor="none",
        label=f"gated.{label}",
    )
# The GRU's time if that at the largest width were all arithmetic.
arithmetic = [
    time["gru"][-1] * (width / widths[-1]) ** 2 for width in widths
]
ax.plot(
    widths,
    arithmetic,
    color=MUTED,
    linewidth=1,
    label="the GRU's arithmetic alone",
)
ax.set_xscale("log", base=2)
ax.set_yscale("log")
ax.set_xticks(widths, widths)
ax.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
ax.minorticks_off()
ax.set(
    xlabel="width",
    ylabel="milliseconds a training step",
    ylim=min(time["lstm"]) / 4,
)
fig.legend(loc="outside upper left", ncols=2, handlelength=2.5)

# %% arithmetic grows, time hardly check=true
narrow, medium, wide = widths[0], widths[2], widths[-1]
work = (medium / narrow) ** 2
gru_growth = time["gru"][2] / time["gru"][0]
lstm_growth = time["lstm"][2] / time["lstm"][0]
assert work == 16 and gru_growth < 4 and lstm_growth < 8
gru_narrow, lstm_narrow = time["gru"][0], time["lstm"][0]
gru_wide, lstm_wide = time["gru"][-1], time["lstm"][-1]

# %% ours beside torch.nn's check=true
pairs = [
    one[mode]["ratio"]
    for one in speed["layers"]
    for mode in ("train", "infer")
]
cases = len(points)
gru_first = sum(
    one["train"]["ratio"]["gru_gated/gru"][0] < 1 for one in points
)
lstm_first = sum(
    one["train"]["ratio"]["lstm_gated/lstm"][0] < 1 for one in points
)
middle = next(one for one in points if one["width"] == base["width"])
ours_gru = middle["train"]["ratio"]["gru_gated/gru"][0]
ours_lstm = middle["train"]["ratio"]["lstm_gated/lstm"][0]
ours_gru_infer = middle["infer"]["ratio"]["gru_gated/gru"][0]
ours_lstm_infer = middle["infer"]["ratio"]["lstm_gated/lstm"][0]
assert ours_gru < 0.9 and ours_lstm > 1.3 and gru_first > cases / 2
