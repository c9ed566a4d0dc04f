# %% how much of the lookup is wrong in the end
from statistics import median

from gated import evidence
from gated.studies.tracking import LENGTHS, SEEDS

print("share of wrong answers at the end, median over seeds")
print("pairs    ", *(f"{pairs:6}" for pairs in LENGTHS["lookup"]))
wrong = {}
for cell in SEEDS:
    for pairs in LENGTHS["lookup"]:
        found = evidence.trials("tracking", task="lookup", length=pairs, cell=cell)
        wrong[cell, pairs] = [one["outcome"]["error"] for one in found]
    row = [median(wrong[cell, pairs]) for pairs in LENGTHS["lookup"]]
    print(f"{cell:9}", *(f"{share:6.2f}" for share in row))

# %% what the prose says check=true
assert max(wrong["lstm", 4]) < min(wrong["gru", 4]) and max(wrong["lstm", 8]) < min(wrong["gru", 8])
assert median(wrong["gru", 2]) < median(wrong["lstm", 2])
gru_4, lstm_4 = median(wrong["gru", 4]), median(wrong["lstm", 4])
gru_2, lstm_2 = median(wrong["gru", 2]), median(wrong["lstm", 2])
guess = 1 - 1 / 8
