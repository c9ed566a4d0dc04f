# %% parity, longer than in training
from statistics import median

from gated import evidence
from gated.studies.state_tasks import BITS
from gated.studies.tracking import LONGER, SEEDS

print(f"share of wrong answers, median over seeds; trained on {BITS} bits")
print("         ", *(f"{bits:5} bits" for bits in LONGER))
wrong = {}
for cell in SEEDS:
    found = evidence.trials("tracking", task="parity", cell=cell)
    wrong[cell] = [median(one["outcome"][f"error at {bits}"] for one in found) for bits in LONGER]
    print(f"{cell:9}", *(f"{share:10.2f}" for share in wrong[cell]))

# %% what the prose says check=true
assert max(wrong["gru"] + wrong["lstm"]) < 0.02
assert min(wrong["mingru"] + wrong["attention"]) > 0.4
