# %% with PyTorch's default, at the best of four rates
from statistics import fmean

from gated import evidence
from gated.tasks import TASKS

SETTINGS = evidence.settings("retuned")
LENGTHS, RATES, LIMIT = (
    SETTINGS[name] for name in ("lengths", "rates", "limit")
)
tuning = [
    one
    for one in evidence.read("retuned")["trials"]
    if "tuning" in one["config"]
]


def taken(task, length, cell, rate):
    """The updates that each of the tuning's two seeds took, or LIMIT."""
    want = {
        "task": task,
        "length": length,
        "cell": cell,
        "start": "default",
        "rate": rate,
    }
    found = [
        one["outcome"]
        for one in tuning
        if one["config"].items() >= want.items()
    ]
    return [one["solved_at"] or LIMIT for one in found]


solved, soonest = {}, {}
print("trials that solved it, and the mean at the best rate")
print("               GRU              LSTM")
print("task    steps  solved   mean    solved   mean")
for task in TASKS:
    for length in LENGTHS:
        told = []
        for cell in ("gru", "lstm"):
            times = [taken(task, length, cell, rate) for rate in RATES]
            every = [one for two in times for one in two]
            solved[task, length, cell] = some = sum(
                one < LIMIT for one in every
            )
            soonest[task, length, cell] = best = min(map(fmean, times))
            told.append(
                f"{some} of {len(every)} "
                f"{f'{best:.0f}' if some else '-':>5}"
            )
        print(f"{task:8}{length:5} ", "     ".join(told))

# %% what the prose says check=true
for task in ("recall", "copying"):  # over 5 steps no difference
    for found in (solved, soonest):
        assert found[task, 5, "gru"] == found[task, 5, "lstm"] > 0
    assert solved[task, 100, "gru"] > solved[task, 100, "lstm"] == 0
adding_gru, adding_lstm = (
    soonest["adding", 5, cell] for cell in ("gru", "lstm")
)
assert (
    adding_gru < adding_lstm
    and soonest["adding", 100, "gru"] < soonest["adding", 100, "lstm"]
)
