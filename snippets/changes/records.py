# %% what was recorded when
from collections import Counter

from gated import evidence

trials: Counter[tuple[str, str]] = Counter()
for name in evidence.names():
    for trial in evidence.read(name).get("trials", []):
        # The key of a run begins with the time of its start.
        day = trial["run"][:10]
        trials[day, name] += 1

print("day         study                trials")
for (day, name), count in sorted(trials.items(), reverse=True):
    print(f"{day}  {name:20} {count:6,}")
