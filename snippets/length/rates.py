# %% the rates that were chosen
from gated import evidence
from gated.tasks import TASKS

TUNED_AT = evidence.settings("length")["tuned_at"]
ARMS = [
    ("gru", "width"),
    ("gru", "parameters"),
    ("lstm", "width"),
    ("rnn", "width"),
    ("mingru", "width"),
]


def chosen(task, cell, budget):
    return evidence.trials("length", task=task, cell=cell, budget=budget)[
        0
    ]["config"]["rate"]


def solved_in_tuning(task, cell, budget):
    """How many of the tuning's trials solved the task, over all rates."""
    arm = {"task": task, "cell": cell, "budget": budget, "tuning": 1}
    recorded = evidence.read("length")["trials"]
    found = [
        one["outcome"]
        for one in recorded
        if one["config"].items() >= arm.items()
    ]
    return sum(one["solved_at"] is not None for one in found), len(found)


print(
    "rate, and trials that solved the task in "
    f"the tuning at length {TUNED_AT}"
)
print("                     ", *(f"{task:>16}" for task in TASKS))
for cell, budget in ARMS:
    cells = []
    for task in TASKS:
        solved, of = solved_in_tuning(task, cell, budget)
        cells.append(f"{chosen(task, cell, budget)} ({solved} of {of})")
    print(f"{cell:7} equal {budget:10}", *(f"{text:>16}" for text in cells))

# %% as other pages say check=true
for task in TASKS:  # the GRU learns at more of the rates, in every task
    gru, lstm = (
        solved_in_tuning(task, cell, "width")[0] for cell in ("gru", "lstm")
    )
    assert gru > lstm
