# %% how wide a GRU may be
from math import sqrt

import matplotlib.pyplot as plt

import gated.figures
from gated.parameters import count


def affordable(input_size: int, lstm_hidden: int) -> int:
    """Return the largest hidden_size of a GRU no costlier than the LSTM."""
    budget = count("lstm", input_size, lstm_hidden).total
    hidden = lstm_hidden
    while count("gru", input_size, hidden + 1).total <= budget:
        hidden += 1
    return hidden


for input_size, lstm_hidden in [(3, 5), (64, 128), (256, 512), (1024, 512)]:
    hidden = affordable(input_size, lstm_hidden)
    ratio = hidden / lstm_hidden
    print(
        f"input {input_size:4}: LSTM {lstm_hidden:3}, "
        f"GRU {hidden:3}, ratio {ratio:.3f}"
    )
print(f"limits of the ratio: {sqrt(4 / 3):.3f} and {4 / 3:.3f}")

# %% chart
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots()
widths = [2**power for power in range(6, 13)]
color = gated.figures.SERIES["gru"]["color"]
at_the_edge = ax.get_yaxis_transform()
beside = {"xycoords": at_the_edge, "textcoords": "offset points"}
for input_size, dash in [(2048, "-"), (256, "--"), (16, ":")]:
    ratios = [affordable(input_size, width) / width for width in widths]
    ax.plot(widths, ratios, dash, color=color, label=f"input {input_size}")
for limit, name in [(sqrt(4 / 3), "square root\nof 4/3"), (4 / 3, "4/3")]:
    ax.axhline(limit, color=gated.figures.MUTED, linewidth=1)
    ax.annotate(name, (1, limit), (8, 0), **beside, va="center")
fig.legend(loc="outside upper left", ncols=3, handlelength=2)
ax.set(xscale="log", ylim=(1.12, 1.36), xlabel="hidden_size of the LSTM")
ax.set_ylabel("the GRU's, relative to it")
ax.set_xticks(widths[::2], [str(width) for width in widths[::2]])
ax.minorticks_off()

# %% between the limits check=true
gru_at_512 = affordable(256, 512)
assert affordable(16, 2**14) / 2**14 - sqrt(4 / 3) < 0.001
for input_size in (16, 256, 2048):
    ratios = [affordable(input_size, width) / width for width in widths]
    for width, ratio in zip(widths, ratios, strict=True):
        assert sqrt(4 / 3) - 1 / width < ratio < 4 / 3
    assert ratios[0] > ratios[-1]
