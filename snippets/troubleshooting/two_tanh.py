# %% count 50 up, then 40 down
from math import exp, tanh


def sigmoid(a):
    return 1 / (1 + exp(-a))


def run(candidate, show):
    """Let one unit run with f = i = o = 1, so that only the two functions act."""
    c, seen = 0.0, []
    for step in range(90):
        c = c + candidate(4 if step < 50 else -4)
        seen.append((c, show(c)))
    return seen[49], seen[89]


print("                after 50 up    and 40 down")
print("                   c      h         c      h")
for name, candidate, show in [
    ("tanh, tanh", tanh, tanh),
    ("sigmoid, tanh", sigmoid, tanh),
    ("tanh, nothing", tanh, lambda c: c),
]:
    (c_up, h_up), (c_down, h_down) = run(candidate, show)
    print(f"{name:14} {c_up:6.1f} {h_up:6.1f}  {c_down:8.1f} {h_down:6.1f}")

# %% as the text says check=true
assert abs(run(tanh, tanh)[1][0] - 10) < 0.05 and run(sigmoid, tanh)[1][0] > 45
assert run(tanh, lambda c: c)[0][1] > 45
