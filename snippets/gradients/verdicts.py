# %% what training does to the median half-life
from gated import evidence
from gated.tasks import TASKS

SETTINGS = evidence.settings("gradients")
CELLS, STARTS = SETTINGS["cells"], SETTINGS["starts"]
study = evidence.read("gradients")
verdicts = study["verdicts"]
print("doublings: mean and 95% interval; and seeds that solved the task")
for task in TASKS:
    for start in STARTS:
        for cell in CELLS:
            found = verdicts[f"{task} {start} {cell}"]
            trials = evidence.trials(
                "gradients", task=task, cell=cell, start=start
            )
            solved = sum(
                one["outcome"]["solved_at"] is not None for one in trials
            )
            middle, low, high = (
                found[key] for key in ("difference", "low", "high")
            )
            change = f"{middle:z5.1f} ({low:z.1f} to {high:z.1f})"
            print(
                f"{task:8} {start:8} {cell:5} {change:24} "
                f"{solved:2} of {len(trials)}"
            )

# %% what the prose says check=true
limit = SETTINGS["limit"]
minutes = sum(one["seconds"] for one in study["trials"]) / 60


def solvers(task, cell, start):
    found = evidence.trials("gradients", task=task, cell=cell, start=start)
    return sum(one["outcome"]["solved_at"] is not None for one in found)


for task in (
    TASKS
):  # from PyTorch's start: the GRU's lengthens, the LSTM's shortens
    assert verdicts[f"{task} default gru"]["half-life"] == "lengthens"
    assert verdicts[f"{task} default lstm"]["half-life"] == "shortens"
    assert verdicts[f"{task} bias 1 lstm"]["half-life"] == "shortens"
assert verdicts["recall chrono lstm"]["half-life"] == "lengthens"
for task in ("recall", "copying"):
    for start in ("default", "bias 1"):
        assert verdicts[f"{task} {start}"]["more reaches back"] == "gru"
gru_sides = sum(
    verdicts[f"{t} {s}"]["more reaches back"] == "gru"
    for t in TASKS
    for s in STARTS
)
sides = len(TASKS) * len(STARTS)
least_apart = min(
    found["difference"]
    for found in verdicts.values()
    if "gru" in found.values()
)
most_apart = max(
    -found["difference"]
    for found in verdicts.values()
    if found.get("more reaches back") == "lstm"
)
assert least_apart > 7 and most_apart < 1.5
lstm_sides = sum(
    verdicts[f"{t} {s}"]["more reaches back"] == "lstm"
    for t in TASKS
    for s in STARTS
)
gru_default, gru_bias = (
    solvers("recall", "gru", "default"),
    solvers("recall", "gru", "bias 1"),
)
assert (
    gru_default < 5
    and gru_bias == solvers("recall", "lstm", "chrono") == 10
)
assert solvers("adding", "lstm", "default") >= 9
assert all(solvers("copying", cell, "chrono") == 0 for cell in CELLS)
halved = 2 ** verdicts["recall default lstm"]["difference"]
assert halved < 0.7
assert verdicts["recall chrono gru"]["half-life"] == "shortens"
assert solvers("recall", "gru", "chrono") == 10
for (
    task,
    cell,
    study_name,
    setting,
) in [  # what a larger rate does, elsewhere
    ("recall", "gru", "length", {"length": 50, "start": "default"}),
    ("copying", "lstm", "retuned", {"length": 100}),
]:
    others = evidence.trials(study_name, task=task, cell=cell, **setting)
    assert all(one["outcome"]["solved_at"] is not None for one in others)
    assert {one["config"]["rate"] for one in others} == {0.03}
