# %% one square is one parameter
import matplotlib.pyplot as plt

import gated.figures

plt.style.use("gated.figures.chart")
inputs, units = [0, 1, 2], [4, 5, 6, 7, 8]  # columns of squares
first_bias, second_bias = 10, 12
labels = [(1, "input"), (6, "recurrent"), (11, "two\nbiases")]
above = {"ha": "center", "va": "bottom"}
before = {"ha": "right", "va": "center", "fontsize": "large"}
fig, axes = plt.subplots(
    1, 2, figsize=(5, 4.8), sharey=True, gridspec_kw={"wspace": 0.25}
)
cells = [("gru", "rzn"), ("lstm", "ifgo")]
for ax, (cell, blocks) in zip(axes, cells, strict=True):
    for number, block in enumerate(blocks):
        rows = [6 * number + row for row in range(len(units))]
        ax.text(-1.5, rows[2], f"${block}$", **before)
        for column in [*inputs, *units, first_bias, second_bias]:
            spare = column == second_bias and block != "n"
            color = gated.figures.SERIES[cell]["color"]
            look = {"color": "#BBBBBB" if spare else color, "markersize": 5}
            ax.plot([column] * len(rows), rows, "s", **look)
    for column, label in labels:
        ax.text(column, -1.2, label, **above)
    ax.set_title(f"{cell.upper()}: {len(blocks)} blocks", pad=34)
    ax.axis("off")
    ax.grid(visible=False)
axes[0].invert_yaxis()
