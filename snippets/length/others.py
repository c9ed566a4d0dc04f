# %% how many seeds solve it
from gated import evidence
from gated.tasks import TASKS

LENGTHS = evidence.settings("length")["lengths"]
CELLS = ("gru", "lstm", "rnn", "mingru")


def solved(task, cell, length):
    """The share of seeds that solve it: equal width, PyTorch's default."""
    arm = {"task": task, "cell": cell, "length": length}
    arm |= {"budget": "width", "start": "default"}
    found = evidence.trials("length", **arm)
    return sum(
        one["outcome"]["solved_at"] is not None for one in found
    ) / len(found)


shares = {}
print("task     cell    ", *(f"{length:5}" for length in LENGTHS))
for task in TASKS:
    for cell in CELLS:
        shares[task, cell] = [
            solved(task, cell, length) for length in LENGTHS
        ]
        print(
            f"{task:9}{cell:8}",
            *(f"{share:5.1f}" for share in shares[task, cell]),
        )

# %% what the prose says check=true
FAR = LENGTHS.index(100)
for task in ("recall", "copying"):
    assert shares[task, "rnn"][LENGTHS.index(50)] == 0
assert (
    shares["adding", "mingru"]
    == shares["adding", "gru"]
    == [1.0] * len(LENGTHS)
)
assert (
    shares["adding", "rnn"][2:] == [0.0] * 4
    and shares["adding", "rnn"][0] == 1
)
assert (
    shares["copying", "lstm"]
    == shares["copying", "mingru"]
    == [0.0] * len(LENGTHS)
)
assert shares["copying", "rnn"][0] == 1 and shares["copying", "rnn"][2] == 0
assert (
    shares["recall", "mingru"][FAR - 1] == 1
    and shares["recall", "mingru"][FAR] == 0
)
assert shares["recall", "lstm"][FAR - 1] == 0
