# %% draw a text with a value behind each letter
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from gated.characters import encode, load
from gated.figures import INK, KEEP, WRITE
from gated.probes import record_gates

text = """MIRA:
The storm is over and it's dawn,
So open up the gate, old friend.

JONAS:
I can't. You said, 'Keep it shut.'
"""
gates = record_gates(load().gru, encode(text))


def color(ax, row, title, values):
    ax.text(0, row - 0.5, title, va="center")
    column = 0
    for letter, value in zip(text, values.tolist(), strict=True):
        hue = KEEP if value > 0 else WRITE
        cell = Rectangle((column, row), 1, 1, color=hue, linewidth=0)
        ax.add_patch(cell).set(
            alpha=round(abs(value) / 2, 1), clip_on=False
        )
        shown = "↵" if letter == "\n" else letter
        ax.text(column + 0.5, row + 0.75, shown, color=INK, ha="center")
        row, column = (row + 1, 0) if letter == "\n" else (row, column + 1)


# %% chart
plt.style.use("gated.figures.chart")
# 11 by 18 points a cell.
fig = plt.figure(figsize=(35 * 11 / 72, 22 * 18 / 72), layout="none")
ax = fig.add_axes((0, 0, 1, 1), xlim=(0, 35), ylim=(22, 0))
ax.axis("off")
color(ax, 1, "Unit 71: state h", gates.h[0, :, 0, 71])
color(ax, 8.5, "Unit 27: reset gate r", gates.r[0, :, 0, 27])
color(ax, 16, "Unit 76: state h", gates.h[0, :, 0, 76])
