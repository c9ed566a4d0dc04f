# %% what a guess costs
import math

KEYS = "GFEDC"  # 5 keys in place of 88, the highest first
PIECE = [
    "CEG",
    "CEG",
    "DFG",
    "DG",
    "CEG",
]  # which of them sound at each step

# How likely each key is to sound at step 5, in the order of KEYS.
guesses = {
    "nearly right": [0.9, 0.1, 0.6, 0.1, 0.8],
    "no idea": [0.5] * 5,
    "as at step 4": [0.9, 0.1, 0.1, 0.9, 0.1],
}


def surprises(chances, chord):
    """How surprising each key is that sounds, or that does not, in nats."""
    return [
        -math.log(p if key in chord else 1 - p)
        for key, p in zip(KEYS, chances, strict=True)
    ]


costs = {
    name: sum(surprises(chances, PIECE[-1]))
    for name, chances in guesses.items()
}
for name, cost in costs.items():
    print(f"{name:13} {cost:4.1f} nats")

# %% the roll
import matplotlib.pyplot as plt

from gated.figures import INK, KEEP, MUTED

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 2.3))
for row, key in enumerate(KEYS):
    for step, chord in enumerate(PIECE, start=1):
        if key in chord:
            ax.plot(
                step if step < 5 else 6.4,
                row,
                "s",
                color=INK,
                markersize=13,
            )
    chance = guesses["nearly right"][row]
    ax.plot(5.2, row, "s", color=KEEP, markersize=13 * math.sqrt(chance))
    cost = surprises(guesses["nearly right"], PIECE[-1])[row]
    ax.text(7.8, row, f"{cost:.1f}", ha="right", va="center")
for line in (4.6, 5.8, 7.0):
    ax.axvline(line, color=MUTED, linewidth=1)
ax.set(xlim=(0.4, 8.2), ylim=(4.7, -0.7))
ax.set_yticks(range(5), KEYS)
ax.set_xticks(
    [1, 2, 3, 4, 5.2, 6.4, 7.6], ["1", "2", "3", "4", "guess", "5", "nats"]
)
ax.grid(visible=False)

# %% as the page says check=true
right, shrug, repeated = costs.values()
assert right < shrug < repeated
