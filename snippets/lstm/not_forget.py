# %% shut gates after step 5
from math import tanh

KEEPS = 0.98
left = {
    "reset": [1.0],
    "update": [1.0],
    "reset and update": [1.0],
    "forget": [1.0],
}
for shut, kept in left.items():
    h = c = 1.0
    for t in range(1, 16):
        r = 0 if t > 5 and "reset" in shut else 1
        z = 0 if t > 5 and "update" in shut else KEEPS
        f = 0 if t > 5 and "forget" in shut else KEEPS
        h = (1 - z) * tanh(r * h) + z * h  # a GRU without input
        c = f * c  # an LSTM without input
        kept.append(c if shut == "forget" else h)
    print(
        f"{shut + ' shut:':22} {kept[5]:.2f} before, "
        f"{kept[6]:.2f} one step later"
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3))
ax.plot(left["reset"], **SERIES["gru"], label="GRU, reset gate shut")
ax.plot(left["forget"], **SERIES["lstm"], label="LSTM, forget gate shut")
ax.axvline(5, color=MUTED)
ax.text(5, 1.13, "shut from here", ha="center")
ax.set(
    xlabel="steps", ylabel="memory left", ylim=(-0.1, 1.1), yticks=[0, 1]
)
ax.set_xticks(range(0, 16, 5))
fig.legend(loc="outside upper left", ncols=2, handlelength=2)

# %% the reset gate does not forget check=true
before, after_reset = left["reset"][5:7]
after_update, after_both, after_forget = (
    left[shut][6] for shut in ("update", "reset and update", "forget")
)
at_the_end = left["reset"][15]
assert after_reset > 0.95 * before and at_the_end > 0.5
assert after_forget == after_both == 0 < after_update < after_reset

# %% what the claims rest on check=true
only_the_forget_gate_erases = -(after_forget < 0.05 and after_reset > 0.9)
