# %% parity, longer than in training
from statistics import median

from gated import evidence
from gated.tasks.state import BITS

SETTINGS = evidence.settings("tracking")
LONGER, SEEDS = SETTINGS["longer"], SETTINGS["seeds"]
print(f"share of wrong answers, median over seeds; trained on {BITS} bits")
print("         ", *(f"{bits:5} bits" for bits in LONGER))
wrong = {}
for cell in SEEDS:
    found = evidence.trials("tracking", task="parity", cell=cell)
    wrong[cell] = [
        median(one["outcome"][f"error at {bits}"] for one in found)
        for bits in LONGER
    ]
    print(f"{cell:9}", *(f"{share:10.2f}" for share in wrong[cell]))

# %% what the prose says check=true
assert max(wrong["gru"] + wrong["lstm"]) < 0.02
assert min(wrong["mingru"] + wrong["attention"]) > 0.4


def each(cell, bits):
    found = evidence.trials("tracking", task="parity", cell=cell)
    return [
        (one["outcome"][f"error at {bits}"], one["outcome"]["solved_at"])
        for one in found
    ]


for bits in LONGER:
    for cell in ("gru", "lstm"):
        shares = sorted(share for share, _ in each(cell, bits))
        assert (
            shares[-2] == 0 and shares[-1] < 0.01
        )  # nine of ten without a fault
    assert [share for share, solved in each("rnn", bits) if solved] == [
        0,
        0,
    ]
    assert min(share for share, _ in each("attention", bits)) > 0.45
attention_best = min(
    one["outcome"]["error"]
    for one in evidence.trials("tracking", task="parity", cell="attention")
)
assert attention_best < 0.2
