# %% what the units cost
from gated.parameters import count

UNITS = {"rnn": 100, "gru": 46, "lstm": 36}
KEYS = 88
print("cell  units   in the cell   to the keys   together")
together = {}
for cell, units in UNITS.items():
    inside = count(cell, KEYS, units).total
    out = (units + 1) * KEYS
    together[cell] = inside + out
    print(f"{cell:5}{units:6}{inside:14,}{out:14,}{together[cell]:11,}")

# %% equal in the cell, unequal at the output check=true
from gated import evidence

declared = evidence.settings("music")
assert declared["units"] == UNITS and declared["keys"] == KEYS
cells = [count(cell, KEYS, units).total for cell, units in UNITS.items()]
assert max(cells) < 1.06 * min(cells)
assert together["rnn"] > together["gru"] > together["lstm"]
rnn_over_lstm, rnn_over_gru = (
    together["rnn"] / together[cell] for cell in ("lstm", "gru")
)
