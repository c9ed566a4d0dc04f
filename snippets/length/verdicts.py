# %% the verdicts
from gated import evidence

verdicts = evidence.read("length")["verdicts"]
print("updates to solve it, GRU minus LSTM: mean and 95% interval")
for name, verdict in verdicts.items():
    print(f"\n{name}: {verdict['better']}")
    for task, found in verdict["tasks"].items():
        middle, low, high = (found[key] for key in ("difference", "low", "high"))
        print(f"  {task:8}{middle:7.0f}  from {low:.0f} to {high:.0f}")

# %% the set-up check=true
from gated.studies.length import LENGTHS, RATES, RECIPE, TUNED_AT, WIDTH, hidden_size
from gated.studies.training import updates_to_solve
from gated.tasks import TASKS

study = evidence.read("length")
batch, look_every, limit, in_a_row = (
    RECIPE.batch,
    RECIPE.look_every,
    RECIPE.limit,
    RECIPE.in_a_row,
)
assert in_a_row == 2 and study["complete"]
width, tuned_at, rates_text = WIDTH, TUNED_AT, ", ".join(map(str, RATES))
wider = [hidden_size({"budget": "parameters", "task": task}) for task in TASKS]
least_wide, most_wide = min(wider), max(wider)
trials = len(study["trials"])
hours = sum(one["seconds"] for one in study["trials"]) / 3600
shortest, longest = LENGTHS[0], LENGTHS[-1]

# %% what the prose says check=true
short_width, short_parameters, long_width, long_parameters = (
    verdicts[f"{end}, equal {budget}"]["better"]
    for end in ("short", "long")
    for budget in ("width", "parameters")
)
assert {verdict["better"] for verdict in verdicts.values()} == {"gru"}
nearest_to_zero = max(
    found["high"] for verdict in verdicts.values() for found in verdict["tasks"].values()
)
assert nearest_to_zero < 0  # in every task, at both ends, in both budgets


def seeds_of(task, cell, length, budget="width"):
    arm = {"task": task, "cell": cell, "budget": budget, "length": length, "start": "default"}
    return sorted(
        updates_to_solve(one["outcome"], RECIPE) for one in evidence.trials("length", **arm)
    )


def median_of(task, cell, length):
    found = seeds_of(task, cell, length)
    return (found[4] + found[5]) / 2


adding_gru_5, adding_lstm_5 = median_of("adding", "gru", 5), median_of("adding", "lstm", 5)
adding_gru_200, adding_lstm_200 = median_of("adding", "gru", 200), median_of("adding", "lstm", 200)
recall_gru_5, recall_lstm_5 = median_of("recall", "gru", 5), median_of("recall", "lstm", 5)
recall_gru_200 = sum(taken < limit for taken in seeds_of("recall", "gru", 200))
recall_lstm_20 = sum(taken < limit for taken in seeds_of("recall", "lstm", 20))
recall_lstm_far = sum(
    taken < limit for length in (50, 100, 200) for taken in seeds_of("recall", "lstm", length)
)
copying_lstm = sum(
    taken < limit for length in LENGTHS for taken in seeds_of("copying", "lstm", length)
)
adding_gru_solved_200 = sum(taken < limit for taken in seeds_of("adding", "gru", 200))
copying_gru_100, copying_gru_200 = (
    sum(taken < limit for taken in seeds_of("copying", "gru", length)) for length in (100, 200)
)
assert copying_lstm == recall_lstm_far == 0
assert recall_gru_200 >= 8 and recall_lstm_20 <= 5
