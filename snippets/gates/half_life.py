# %% what a bias keeps
from math import exp, log

import matplotlib.pyplot as plt

from gated.figures import KEEP, MUTED

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.4))
print("bias   z  half-life in steps")
for bias, line in [(0, "-"), (1, "--"), (2, "-."), (5, ":")]:
    z = 1 / (1 + exp(-bias))
    print(f"{bias:4} {z:5.3f} {log(0.5) / log(z):6.1f}")
    ax.plot(
        [z**t for t in range(31)],
        color=KEEP,
        linestyle=line,
        label=f"bias {bias}",
    )
ax.axhline(0.5, color=MUTED, linewidth=1)
ax.set(xlabel="steps", ylabel="share of the old state left", ylim=(0, 1.05))
ax.set_yticks([0, 0.5, 1], ["0", "half", "1"])
fig.legend(
    loc="outside upper left", ncols=4, handlelength=2, columnspacing=1.2
)

# %% values check=true
half_lives = {
    bias: log(0.5) / -log(1 + exp(-bias)) for bias in (0, 1, 2, 5)
}
half_life_0, half_life_1, _, half_life_5 = half_lives.values()
assert half_life_0 == 1

# %% what the claims rest on check=true
fresh_gru_forgets_half_at_once = -(half_life_0 == 1)
