# %% how much of the lookup is wrong in the end
from statistics import median

import torch

from gated import evidence
from gated.tasks.state import KEYS, STATE_TASKS

SETTINGS = evidence.settings("tracking")
LENGTHS, SEEDS = SETTINGS["lengths"], SETTINGS["seeds"]
print("share of wrong answers at the end, median over seeds")
print("pairs    ", *(f"{pairs:6}" for pairs in LENGTHS["lookup"]))
wrong = {}
for cell in SEEDS:
    for pairs in LENGTHS["lookup"]:
        found = evidence.trials(
            "tracking", task="lookup", length=pairs, cell=cell
        )
        wrong[cell, pairs] = [one["outcome"]["error"] for one in found]
    row = [median(wrong[cell, pairs]) for pairs in LENGTHS["lookup"]]
    print(f"{cell:9}", *(f"{share:6.2f}" for share in row))

most_seen = {}  # name the value seen most often: the keys are ignored
for pairs in LENGTHS["lookup"]:
    same = torch.Generator().manual_seed(
        7
    )  # the questions that the error is taken on
    read, wanted = STATE_TASKS["lookup"].batch(
        pairs, SETTINGS["held_out"], same
    )
    seen = read[:-1, :, KEYS:].sum(0)
    top = (seen == seen.amax(1, keepdim=True)).float()
    right = (top / top.sum(1, keepdim=True)).gather(1, wanted.T)
    most_seen[pairs] = 1 - right.mean().item()
print(
    "most seen",
    *(f"{most_seen[pairs]:6.2f}" for pairs in LENGTHS["lookup"]),
)

# %% what the prose says check=true
assert max(wrong["lstm", 4]) < min(wrong["gru", 4]) and max(
    wrong["lstm", 8]
) < min(wrong["gru", 8])
assert median(wrong["gru", 2]) < median(wrong["lstm", 2])
(gru_2, lstm_2), (gru_4, lstm_4), (gru_8, lstm_8) = (
    (median(wrong["gru", pairs]), median(wrong["lstm", pairs]))
    for pairs in LENGTHS["lookup"]
)
guess = 1 - 1 / 8
for pairs in LENGTHS[
    "lookup"
]:  # at what needs no key: these cells, at these sizes
    assert all(
        abs(median(wrong[cell, pairs]) - most_seen[pairs]) < 0.04
        for cell in ("rnn", "mingru")
    )
    assert (
        pairs == 2
        or abs(median(wrong["gru", pairs]) - most_seen[pairs]) < 0.04
    )
    assert max(wrong["lstm", pairs]) < most_seen[pairs] - 0.05
assert max(wrong["gru", 2]) < most_seen[2] - 0.2
assert max(wrong["gru", 2]) > min(wrong["lstm", 2])  # the seeds overlap


def halfway(cell, pairs):
    found = evidence.trials(
        "tracking", task="lookup", length=pairs, cell=cell
    )
    return median(one["outcome"]["errors"][29] for one in found)


assert SETTINGS["limit"] == 2 * 30 * SETTINGS["look_every"]
for cell, pairs in [
    ("gru", 2),
    ("lstm", 2),
    ("lstm", 4),
    ("lstm", 8),
]:  # still falling
    assert median(wrong[cell, pairs]) < halfway(cell, pairs) - 0.15

tuned = [
    one
    for one in evidence.read("tracking")["trials"]
    if "tuning" in one["config"]
]
recurrent = [
    one["outcome"]["solved_at"]
    for one in tuned
    if one["config"]["task"] == "lookup"
    and one["config"]["cell"] != "attention"
]
assert recurrent and set(recurrent) == {None}
chosen = {
    (task, cell): evidence.trials("tracking", task=task, cell=cell)[0][
        "config"
    ]["rate"]
    for task in LENGTHS
    for cell in SEEDS
}
assert {
    chosen[task, cell]
    for task in LENGTHS
    for cell in ("gru", "lstm", "attention")
} == {SETTINGS["rates"][-1]}


def tuning(cell, rate):
    """The errors of the tuning at this rate, which was over 4 pairs."""
    want = {"task": "lookup", "cell": cell, "rate": rate}
    return [
        one["outcome"]["error"]
        for one in tuned
        if one["config"].items() >= want.items()
    ]


assert SETTINGS["tuned_at"]["lookup"] == 4
*smaller, largest = SETTINGS["rates"]
assert max(tuning("lstm", largest)) < min(tuning("gru", largest)) - 0.2
for rate in smaller:  # there the LSTM is hardly any further than the GRU
    assert (
        abs(median(tuning("lstm", rate)) - median(tuning("gru", rate)))
        < 0.03
    )
