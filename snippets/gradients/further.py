# %% where more reaches back
from gated import evidence
from gated.tasks import TASKS

STARTS = evidence.settings("gradients")["starts"]
verdicts = evidence.read("gradients")["verdicts"]
print("powers of ten over 50 steps after training, GRU minus LSTM")
for task in TASKS:
    for start in STARTS:
        found = verdicts[f"{task} {start}"]
        middle, low, high = (
            found[key] for key in ("difference", "low", "high")
        )
        change = f"{middle:z5.1f} ({low:z.1f} to {high:z.1f})"
        print(
            f"{task:8} {start:8} {change:24} more: "
            f"{found['more reaches back']}"
        )
