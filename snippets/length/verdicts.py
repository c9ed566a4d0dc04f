# %% the verdicts
from gated import evidence
from gated.tasks import TASKS

study = evidence.read("length")
verdicts = study["verdicts"]


def lstm_tuning(task):
    """Count trials that chose the LSTM's rate: the solved ones, and all."""
    arm = {"task": task, "cell": "lstm", "tuning": 1}
    found = [
        one["outcome"]
        for one in study["trials"]
        if one["config"].items() >= arm.items()
    ]
    return sum(one["solved_at"] is not None for one in found), len(found)


print("updates to solve it, GRU minus LSTM: mean and 95% interval")
for name, verdict in verdicts.items():
    print(f"\n{name}: {verdict['better']}")
    for task, found in verdict["tasks"].items():
        middle, low, high = (
            found[key] for key in ("difference", "low", "high")
        )
        solved, of = lstm_tuning(task)
        interval = f"from {low:.0f} to {high:.0f}"
        print(
            f"  {task:8}{middle:7.0f}  {interval:20}  "
            f"the LSTM's tuning: {solved} of {of}"
        )

# %% the set-up check=true
declared = evidence.settings("length")
batch, look_every, limit, in_a_row = (
    declared[name] for name in ("batch", "look_every", "limit", "in_a_row")
)
assert in_a_row == 2 and study["complete"]
width, tuned_at, lengths = (
    declared[name] for name in ("width", "tuned_at", "lengths")
)
rates_text = ", ".join(map(str, declared["rates"]))
wider = declared["gru_widths"].values()
least_wide, most_wide = min(wider), max(wider)
trials = len(study["trials"])
hours = sum(one["seconds"] for one in study["trials"]) / 3600
(recall_tuned, tuned_of), (adding_tuned, _), (copying_tuned, _) = map(
    lstm_tuning, TASKS
)
assert (
    recall_tuned <= 1 and copying_tuned == 0 and adding_tuned > tuned_of / 2
)
lowest_rate = min(declared["rates"])
assert {
    one["config"]["rate"]
    for task in ("recall", "copying")
    for one in evidence.trials("length", task=task, cell="lstm")
} == {lowest_rate}

# %% what the prose says check=true
assert {verdict["better"] for verdict in verdicts.values()} == {"gru"}
nearest_to_zero = max(
    found["high"]
    for verdict in verdicts.values()
    for found in verdict["tasks"].values()
)
assert nearest_to_zero < 0  # in every task, at both ends, in both budgets


def seeds_of(task, cell, length, budget="width"):
    arm = {
        "task": task,
        "cell": cell,
        "budget": budget,
        "length": length,
        "start": "default",
    }
    return sorted(
        one["outcome"]["solved_at"] or limit
        for one in evidence.trials("length", **arm)
    )


def median_of(task, cell, length):
    found = seeds_of(task, cell, length)
    return (found[4] + found[5]) / 2


adding_gru_5, adding_lstm_5 = (
    median_of("adding", "gru", 5),
    median_of("adding", "lstm", 5),
)
adding_gru_200, adding_lstm_200 = (
    median_of("adding", "gru", 200),
    median_of("adding", "lstm", 200),
)
recall_gru_5, recall_lstm_5 = (
    median_of("recall", "gru", 5),
    median_of("recall", "lstm", 5),
)
recall_gru_200 = sum(
    taken < limit for taken in seeds_of("recall", "gru", 200)
)
recall_lstm_20 = sum(
    taken < limit for taken in seeds_of("recall", "lstm", 20)
)
recall_lstm_far = sum(
    taken < limit
    for length in (50, 100, 200)
    for taken in seeds_of("recall", "lstm", length)
)
copying_lstm = sum(
    taken < limit
    for length in lengths
    for taken in seeds_of("copying", "lstm", length)
)
adding_gru_solved_200 = sum(
    taken < limit for taken in seeds_of("adding", "gru", 200)
)
copying_gru_100, copying_gru_200 = (
    sum(taken < limit for taken in seeds_of("copying", "gru", length))
    for length in (100, 200)
)
assert copying_lstm == recall_lstm_far == 0
assert recall_gru_200 >= 8 and recall_lstm_20 <= 5
assert adding_gru_solved_200 == 10 and copying_gru_200 < 5

# %% what the claims rest on check=true
seeds = len(seeds_of("recall", "gru", 200))
solved_200 = recall_gru_200 + adding_gru_solved_200 + copying_gru_200
trained_200 = seeds * len(TASKS)
gru_learns_over_200_steps = solved_200 / trained_200
gru_does_not_learn_over_200_steps = (
    -(trained_200 - solved_200) / trained_200
)
gru_recalls_over_200_steps = recall_gru_200 / seeds
gru_does_not_recall_over_200_steps = -(seeds - recall_gru_200) / seeds
