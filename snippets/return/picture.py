# %% a loop and a scan
import matplotlib.pyplot as plt

from gated.figures import DIM, MUTED, SERIES

plt.style.use("gated.figures.chart")
steps = range(8)
fig, (top, bottom) = plt.subplots(
    2, 1, figsize=(5.2, 4.4), height_ratios=[1, 3]
)
gru, mingru = SERIES["gru"]["color"], SERIES["mingru"]["color"]

top.plot(steps, [0] * 8, color=gru, marker="s", markersize=11)
top.set_title("A loop: 7 hand-overs, one after the other")
top.set(ylim=(-1, 1))

for r in range(4):
    span = 2**r
    bottom.plot(steps, [-r] * 8, "D", markersize=8, color=mingru)
    if r == 3:
        break
    for t in steps:
        down = [-r, -r - 1]
        bottom.plot([t, t], down, color=DIM, linewidth=1.5, zorder=0)
        if t >= span:
            bottom.plot([t - span, t], down, color=mingru, zorder=0)
    label = f"span {2 * span}"
    bottom.text(7.35, -r - 0.5, label, color=MUTED, va="center")
bottom.set_title("A scan: 3 rounds, each all at once")
bottom.set_xlabel("step")
for ax in (top, bottom):
    ax.set(xlim=(-0.4, 8.6), yticks=[])
    ax.set_xticks(list(steps), [str(t + 1) for t in steps])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
top.set_xticks([])
