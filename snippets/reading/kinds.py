# %% mean gates by kind of position
import re

import torch

from gated.characters import encode, load, scene
from gated.probes import record_gates

text = scene()
gates = record_gates(load().gru, encode(text))
z, r = gates.z[0, :, 0], gates.r[0, :, 0]  # steps, units
name = r"(?:\A|(?<=\n\n)).+(?=:\n)"
# With the names masked.
spoken = re.sub(name, lambda found: "#" * len(found[0]), text)
kinds = {
    "speaker's name": r"#",
    "colon after it": r"(?<=#):",
    "end of a line": r"(?<=.)\n",
    "space": r" ",
    "first letter": r"(?<![\w'])\w",
    "inside a word": r"(?<=\w)\w(?=[\w'])",
    "last letter": r"(?<=[\w'])\w(?![\w'])",
    "apostrophe": r"(?<=\w)'(?=\w)",
    "quotation mark": r"(?<!\w)'|'(?!\w)",
    "full stop": r"[.?!]",
}
generator = torch.Generator().manual_seed(0)
shifts = torch.randint(len(text), (200,), generator=generator).tolist()
means, chance = {}, {}
print("               count    z    r  r by chance")
for kind, pattern in kinds.items():
    places = [match.start() for match in re.finditer(pattern, spoken)]
    means[kind] = (z[places].mean().item(), r[places].mean().item())
    moved = [r.mean(1).roll(shift)[places].mean() for shift in shifts]
    ends = torch.stack(moved).quantile(torch.tensor([0.025, 0.975]))
    chance[kind] = low, high = ends.tolist()
    here = f"{len(places):4} {means[kind][0]:4.2f} {means[kind][1]:4.2f}"
    print(f"{kind:15} {here}  {low:.2f} to {high:.2f}")

# %% chart
import matplotlib.pyplot as plt

from gated.figures import DIM, INK, KEEP

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 4.0))
rows = range(len(kinds), 0, -1)
update, reset = zip(*means.values(), strict=True)
ax.plot(update, rows, "o", color=KEEP, label="z")
ax.plot(reset, rows, "D", color=INK, label="r")
look = {"color": DIM, "linewidth": 8, "label": "r by chance", "zorder": 1}
ax.hlines(rows, *zip(*chance.values()), **look)
ax.set_yticks(rows, kinds)
ax.set(xlim=(0, 0.6), xlabel="mean over all units")
fig.legend(loc="outside upper left", ncols=3, handlelength=1)

# %% values check=true
overall = r.mean().item()
r_name, r_inside, r_last, r_first, r_space = (
    means[kind][1]
    for kind in (
        "speaker's name",
        "inside a word",
        "last letter",
        "first letter",
        "space",
    )
)
z_name, z_inside, z_first = (
    means[kind][0]
    for kind in ("speaker's name", "inside a word", "first letter")
)
for kind in ("speaker's name", "colon after it", "inside a word"):
    assert means[kind][1] > chance[kind][1]
for kind in ("end of a line", "space", "first letter", "full stop"):
    assert means[kind][1] < chance[kind][0]
assert r_name > r_inside > 1.5 * r_first and z_inside > 1.5 * z_first
assert max(update) < 0.3 and all(z_ < r_ for z_, r_ in means.values())
half, both = len(text) // 2, {}
for kind, pattern in kinds.items():
    at = torch.tensor(
        [match.start() for match in re.finditer(pattern, spoken)]
    )
    both[kind] = r[at[at < half]].mean(), r[at[at >= half]].mean()
for part in (0, 1):
    assert both["speaker's name"][part] > both["inside a word"][part]
    assert both["inside a word"][part] > 1.5 * both["first letter"][part]
