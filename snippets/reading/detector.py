# %% is it a detector?
import re

import torch

from gated.characters import encode, load, scene
from gated.probes import record_gates

text = scene()
here = torch.zeros(len(text), dtype=torch.bool)
for name in re.finditer(r"(?:\A|(?<=\n\n)).+(?=:\n)", text):
    here[name.start() : name.end()] = True
h = record_gates(load().double().gru, encode(text).double()).h[0, :, 0, 82]
half = len(text) // 2


def alarms(level, part):
    alarm, names = h[part] >= level, here[part]
    hits = (alarm & names).sum()
    return (hits / alarm.sum()).item(), (hits / names.sum()).item()


def both(level):  # high where alarms are right and names are found
    return min(alarms(level, slice(0, half)))


level = max(h[:half].tolist(), key=both)
right, found = alarms(level, slice(half, None))
print(f"alarms that are right: {right:.2f}")
print(f"name letters found:    {found:.2f}")

# %% values check=true
rank = h[half:].argsort().argsort().double() + 1
count = here[half:].sum()
area = (
    (rank[here[half:]].sum() / count - (count + 1) / 2)
    / (len(rank) - count)
).item()
assert area > 0.95 and 0.5 < right < 0.7 and level > 0
names_share = here.double().mean().item()
assert names_share < 0.06
