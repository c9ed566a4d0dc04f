# %% mark, hold, clear
from math import exp, tanh


def sigmoid(a):
    return 1 / (1 + exp(-a))


def run(r_stuck=None, z_stuck=None):
    """Return the state after a mark, after ten quiet steps, and after a clear."""
    h, states = 0.0, []
    for mark, clear in [(1, 0)] + [(0, 0)] * 10 + [(0, 1)]:
        r = sigmoid(4 - 8 * clear) if r_stuck is None else r_stuck
        z = sigmoid(4 - 8 * mark - 8 * clear) if z_stuck is None else z_stuck
        n = tanh(4 * mark + r * h)
        h = (1 - z) * n + z * h
        states.append(h)
    return states[0], states[-2], states[-1]


print("                       marked  held  cleared")
for name, stuck in [
    ("both gates", {}),
    ("reset gate stuck at 1", {"r_stuck": 1.0}),
    ("update gate stuck at 0", {"z_stuck": 0.0}),
]:
    print(f"{name:22}", "  ".join(f"{h:5.2f}" for h in run(**stuck)))

# %% as the text says check=true
marked, held, cleared = run()
held_loose = run(z_stuck=0.0)[1]
uncleared = run(r_stuck=1.0)[2]
assert held > 0.8 and cleared < 0.05 and uncleared > 0.6 and held_loose < 0.5
