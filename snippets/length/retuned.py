# %% each cell at its best
from gated import evidence
from gated.tasks import TASKS

SETTINGS = evidence.settings("retuned")
CELLS, LENGTHS = SETTINGS["cells"], SETTINGS["lengths"]
verdicts = evidence.read("retuned")["verdicts"]


def best(task, cell, length):
    """The initialization and rate chosen, and how many seeds solved it."""
    found = evidence.trials("retuned", task=task, cell=cell, length=length)
    solved = sum(one["outcome"]["solved_at"] is not None for one in found)
    return (
        f"{found[0]['config']['start']}, {found[0]['config']['rate']}",
        solved,
    )


print(
    "               GRU                   LSTM                  GRU - LSTM"
)
print("task    steps  init., rate   solved  init., rate   solved  updates")
for task in TASKS:
    for length in LENGTHS:
        (gru, gru_solved), (lstm, lstm_solved) = (
            best(task, cell, length) for cell in CELLS
        )
        line = (
            f"{task:8}{length:5}  {gru:14}{gru_solved:6}"
            f"  {lstm:14}{lstm_solved:6}"
        )
        found = verdicts[f"{task} {length}"]
        middle, low, high = (
            found[key] for key in ("difference", "low", "high")
        )
        print(f"{line}  {middle:4.0f} ({low:.0f} to {high:.0f})")

# %% what the prose says check=true
sooner = {name: found["sooner"] for name, found in verdicts.items()}
assert sooner == {
    "recall 5": "tie",
    "recall 100": "gru",
    "adding 5": "gru",
    "adding 100": "gru",
    "copying 5": "lstm",
    "copying 100": "lstm",
}
assert all(
    best(task, "lstm", length)[1] == 10
    for task in TASKS
    for length in LENGTHS
)
copying_gru = best("copying", "gru", 100)[1]
assert 5 <= copying_gru < 10
recall_apart, copying_apart_5, copying_apart_100 = (
    abs(verdicts[name]["difference"])
    for name in ("recall 100", "copying 5", "copying 100")
)
adding_apart_5, adding_apart_100 = (
    abs(verdicts[name]["difference"]) for name in ("adding 5", "adding 100")
)
for task in TASKS:  # over 100 steps the LSTM is best with a chrono start
    assert best(task, "lstm", 100)[0].startswith("chrono")
chosen = [
    evidence.trials("retuned", task=task, cell=cell, length=length)[0][
        "config"
    ]["rate"]
    for task in TASKS
    for cell in CELLS
    for length in LENGTHS
]
at_edge, sides = (
    sum(rate == max(SETTINGS["rates"]) for rate in chosen),
    len(chosen),
)
study = evidence.read("retuned")
trials, minutes = (
    len(study["trials"]),
    sum(one["seconds"] for one in study["trials"]) / 60,
)

# %% what the claims rest on check=true
solved_100 = sum(best(task, "gru", 100)[1] for task in TASKS)
trained_100 = len(TASKS) * len(
    evidence.trials("retuned", task="recall", cell="gru", length=100)
)
gru_learns_over_100_steps = solved_100 / trained_100
gru_does_not_learn_over_100_steps = (
    -(trained_100 - solved_100) / trained_100
)
