# %% one example of each task
import torch

from gated.tasks import TASKS

LENGTH = 10


def example(name):
    """What is read, a list of steps, and what is wanted."""
    x, wanted = TASKS[name].batch(
        LENGTH, 1, torch.Generator().manual_seed(1)
    )
    if name == "adding":
        steps = [
            f"{number:.2f}{'*' if mark else ''}"
            for number, mark in x[:, 0].tolist()
        ]
        return steps, f"{wanted.item():.2f}"
    letters = "ABCDwxyz" if name == "recall" else "ABCD.?"
    steps = [letters[sign] for sign in x[:, 0].argmax(-1)]
    return steps, "".join(letters[sign] for sign in wanted.flatten())


for name in TASKS:
    steps, wanted = example(name)
    print(f"{name}, {len(steps)} steps")
    print("  reads ", *steps)
    print("  wanted", wanted)

# %% what is wanted stands in what is read check=true
read, wanted = example("recall")
assert (
    len(read) == LENGTH
    and read[0] == wanted
    and not set(read[1:]) & set("ABCD")
)
read, wanted = example("adding")
marked = [float(one[:-1]) for one in read if one.endswith("*")]
assert len(marked) == 2 and abs(sum(marked) - float(wanted)) < 0.011
read, wanted = example("copying")
assert (
    "".join(read[:3]) == wanted
    and read[-4] == "?"
    and len(read) == LENGTH + 6
)
guess_recall, guess_adding = (
    TASKS["recall"].trivial,
    TASKS["adding"].trivial,
)
solved_adding, solved_recall = (
    TASKS["adding"].solved,
    TASKS["recall"].solved,
)
assert (
    TASKS["copying"].trivial == guess_recall
    and TASKS["copying"].solved == solved_recall
)
