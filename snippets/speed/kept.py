# %% memory kept for the backward pass
from gated import evidence

SIDES = ("batch", "steps", "width")
LAYERS = ["torch gru", "torch lstm", "gated gru", "gated lstm"]
LAYERS += ["gated mingru"]
trials = evidence.trials("costs", seed=0, **{"pass": "training"})
trials.sort(key=lambda one: [one["config"][side] for side in SIDES])
names = [f"{name.removeprefix('gated '):>11}" for name in LAYERS]
print("batch steps width", *names, " MB")
for one in trials:
    size = [one["config"][side] for side in SIDES]
    kept = [one["outcome"][f"{name} MB"] for name in LAYERS]
    row = (f"{megabytes:11.1f}" for megabytes in kept)
    print("{:5} {:5} {:5}".format(*size), *row)

# %% it depends on the size alone check=true
for one in trials:
    again = evidence.trials("costs", **one["config"] | {"seed": 2})[0]
    for name in LAYERS:
        key = f"{name} MB"
        assert one["outcome"][key] == again["outcome"][key]
