# %% what is at each position
import re

import torch

from gated.characters import CharacterModel, encode, load, scene
from gated.probes import record_gates

text = scene()
patterns = {
    "a space": r" ",
    "the end of a line": r"\n",
    "an apostrophe": r"(?<=[a-z])'(?=[a-z])",
    "a vowel": r"[aeiou]",
    "a capital letter": r"[A-Z]",
    "a word's first letter": r"(?<![\w'])\w",
    "a word's last letter": r"\w(?![\w'])",
    "a line's last sign": r".(?=\n)",
    "in a speaker's name": r"(?:\A|(?<=\n\n)).+(?=:\n)",
    "25 or more into a line": r"(?m)(?<=^.{25}).+",
    "in a speech's first line": r"(?<=:\n).+",
    "in a question": r"[^.?!:\n][^.?!:]*\?",
    "in quotes": r"(?<!\w)'[A-Z](?:[^']|(?<=\w)'(?=\w))+'",
}
# One where it is, elsewhere zero.
labels = torch.zeros(len(patterns), len(text)).double()
for row, pattern in enumerate(patterns.values()):
    for match in re.finditer(pattern, text):
        labels[row, match.start() : match.end()] = 1


# %% how well one value tells it
def read(model):
    gates = record_gates(model.double().gru, encode(text).double())
    values = torch.cat([gates.h, gates.z, gates.r], dim=-1)
    return values[0, :, 0]  # steps, 3 * units


def areas(values, labels):
    # How often is a value at the label above one elsewhere?
    rank = values.argsort(0).argsort(0).double() + 1
    count = labels.sum(1, keepdim=True)
    above = labels @ rank / count - (count + 1) / 2
    return above / (labels.shape[1] - count)


def held_out(model):
    # Each value decides on the first half: high or low? The second scores.
    half, values = len(text) // 2, read(model)
    first = areas(values[:half], labels[:, :half])
    second = areas(values[half:], labels[:, half:])
    picked = (first - 0.5).abs().argmax(1, keepdim=True)
    scores = torch.where(first > 0.5, second, 1 - second)
    return scores, scores.gather(1, picked)[:, 0], picked[:, 0]


scores, trained, picked = held_out(load())
torch.manual_seed(0)
fresh = [held_out(CharacterModel())[0] for _ in range(3)]
floors = torch.stack(fresh).amax((0, 2))

# %% units with a clear label
clear = (scores >= 0.9) & (scores > floors[:, None])  # labels, 3 * units
by_unit = clear.view(len(patterns), 3, -1).any(1)
readable = by_unit.any(0)

print(f"{'':24} count trained untrained  units with a clear label")
table = torch.stack([labels.sum(1), trained, floors, by_unit.sum(1)], dim=1)
for label, row in zip(patterns, table.tolist(), strict=True):
    print(
        f"{label:24} {row[0]:5.0f} {row[1]:7.2f} "
        f"{row[2]:9.2f} {row[3]:6.0f}"
    )
print(f"{int(readable.sum())} of {len(readable)} units have a clear label")

# %% chart
import matplotlib.pyplot as plt

from gated.figures import DIM, INK, MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 5.0))
rows = range(len(patterns), 0, -1)
ax.hlines(rows, trained, floors, color=DIM, linewidth=3)
ax.plot(trained, rows, "s", color=SERIES["gru"]["color"], label="trained")
look = {"color": MUTED, "markerfacecolor": "none"}
ax.plot(floors, rows, "o", **look, label="untrained")
clear = ax.axvline(0.9, color=INK, linewidth=1, linestyle="--")
clear.set_label("clear from here on")
ax.set_yticks(rows, patterns)
ax.set(xlim=(0.48, 1.02), xticks=[0.5, 0.7, 0.9, 1])
ax.set(xlabel="how well the best value tells it")
fig.legend(loc="outside upper left", ncols=3, handlelength=1.5)

# %% values check=true
half = len(text) // 2
found_by = dict(zip(patterns, trained.tolist(), strict=True))
floor_of = dict(zip(patterns, floors.tolist(), strict=True))
space, space_floor = found_by["a space"], floor_of["a space"]
first = found_by["a word's first letter"]
first_floor = floor_of["a word's first letter"]
last = found_by["a word's last letter"]
last_floor = floor_of["a word's last letter"]
name = found_by["in a speaker's name"]
name_floor = floor_of["in a speaker's name"]
late = found_by["25 or more into a line"]
late_floor = floor_of["25 or more into a line"]
for label in ("a space", "an apostrophe", "a vowel"):
    assert floor_of[label] > found_by[label]
for label in ("in a speech's first line", "in a question", "in quotes"):
    assert found_by[label] < 0.62
    assert floor_of[label] < 0.65
assert first > first_floor + 0.1 and name > name_floor + 0.05
assert late > late_floor + 0.2
assert abs(last - last_floor) < 0.05
units, clear_units = len(readable), int(readable.sum())
unclear = units - clear_units
of_first = int(by_unit[list(patterns).index("a word's first letter")].sum())
assert of_first > clear_units / 2


def at_least(scores, bars):
    clear = (scores >= 0.9) & (scores > bars)
    return int(clear.view(len(patterns), 3, -1).any(1).any(0).sum())


ungrounded = at_least(scores, 0)
by_bar = [at_least(each, 0) for each in fresh]
fresh_low, fresh_high = min(by_bar), max(by_bar)
assert fresh_low > ungrounded + 10
bars = torch.stack(fresh[1:]).amax((0, 2))[:, None]
fresh_clear = at_least(fresh[0], bars)
assert fresh_clear < 6
assert name > 0.95
picked_of = dict(zip(patterns, picked.tolist(), strict=True))
assert picked_of["in a speaker's name"] == 82  # its state
assert by_unit[:, 71].sum() == 2
assert by_unit[list(patterns).index("a word's first letter"), 27]
# Those that cost most to silence in reading/clock.py.
assert not readable[[20, 25, 76]].any()


# %% all units together check=true
def together(model):
    one = torch.ones(len(text), 1).double()
    h = torch.cat([read(model)[:, :128], one], dim=1)
    past, known = h[:half], labels[:, :half]
    square = past.T @ past + torch.eye(129).double()
    told = h[half:] @ torch.linalg.solve(square, past.T @ known.T)
    return {
        pattern: areas(told[:, [k]], labels[[k], half:]).item()
        for k, pattern in enumerate(patterns)
    }


jointly = together(load())
torch.manual_seed(0)
jointly_fresh = together(CharacterModel())
last_jointly = jointly["a word's last letter"]
last_jointly_fresh = jointly_fresh["a word's last letter"]
assert last_jointly > max(last + 0.1, last_jointly_fresh + 0.03)
quotes_jointly = jointly["in quotes"]
question_jointly = jointly["in a question"]
assert max(quotes_jointly, question_jointly) < 0.7
