# %% find it and look at it
import torch

from gated.characters import CharacterModel, encode, load, scene
from gated.probes import geometric_mean, half_life, record_gates

text = scene()
gates = record_gates(load().gru, encode(text))
h, z = gates.h[0, :, 0], gates.z[0, :, 0]  # steps, units
place = torch.tensor(
    [len(text[: k + 1].rpartition("\n")[2]) for k in range(len(text))]
)


def ranks(values):
    return values.argsort(0).argsort(0).double()


def correlation(place, h):
    """Correlate by ranks: the place with each unit's state."""
    both = torch.cat([ranks(place)[None], ranks(h).T])
    return torch.corrcoef(both)[0, 1:].abs()


best = correlation(place, h).topk(3)
unit = best.indices[0].item()

# %% let nobody hear it
x = encode(text[:3000]).reshape(30, 100, -1).transpose(0, 1)  # side by side


def bits(model):
    with torch.no_grad():
        chances = model(x)[0][:-1].softmax(-1)
    told = -chances[x[1:] > 0].log2()
    ends = x[1:].argmax(-1).flatten() == 0
    return torch.stack([told[ends].mean(), told[~ends].mean()])


@torch.no_grad()
def without(unit):  # all others hear its mean, whatever it does
    model, mean = load(), h[:, unit].mean()
    for weight, bias in [
        (model.gru.weight_hh_l0, model.gru.bias_hh_l0),
        (model.predict.weight, model.predict.bias),
    ]:
        bias += weight[:, unit] * mean
        weight[:, unit] = 0
    return model


silenced = torch.stack([bits(without(each)) for each in range(128)])
rises = silenced - bits(load())
order = rises[:, 0].argsort(descending=True)
print("more bits   at line ends  elsewhere")
for each in order[:4].tolist():
    print(
        f"unit {each:3} {rises[each, 0].item():17.2f} "
        f"{rises[each, 1].item():10.2f}"
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.4))
at = [h[place == k, unit] for k in range(43)]
low, high = ([found.quantile(p) for found in at] for p in (0.1, 0.9))
ax.fill_between(range(43), low, high, color=DIM, alpha=0.5, linewidth=0)
means = [found.mean() for found in at]
ax.plot(means, **SERIES["gru"] | {"markersize": 4})
ax.set_xlabel("characters since the line began")
ax.set_ylabel(f"state of unit {unit}")

# %% values check=true
half = len(text) // 2
for part in (slice(0, half), slice(half, None)):
    found = correlation(place[part], h[part])
    assert found.argmax() == unit
    assert found.topk(2).values[1] < 0.5 * found.max()
strongest, runner_up = best.values[0].item(), best.values[1].item()
torch.manual_seed(0)
untrained = record_gates(CharacterModel().gru, encode(text)).h[0, :, 0]
at_chance = correlation(place, untrained).max().item()
assert unit == 71 and strongest > 2 * max(runner_up, at_chance)
assert order[0] == unit and rises[unit, 0] > 2 * rises[order[1], 0]
assert rises[unit, 1].abs() < 0.05
at_ends, at_ends_next = rises[unit, 0].item(), rises[order[1], 0].item()
with_it = bits(load())[0].item()
without_it = with_it + at_ends
inside = z[(place > 9) & (place < 36), unit]
z_end, z_inside = z[place == 0, unit].mean().item(), inside.mean().item()
within = half_life(geometric_mean(inside, 0)).item()
assert z_end < 0.01 and z_inside > 0.9
share = text.count("\n") / len(text)
overall = share * rises[:, 0] + (1 - share) * rises[:, 1]
costliest = sorted(overall.topk(3).indices.tolist())
assert costliest == [20, 25, 76]  # see reading/labels.py: none has a label
