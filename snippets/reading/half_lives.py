# %% half-lives over the scene
import torch

from gated.characters import CharacterModel, encode, load, scene
from gated.probes import geometric_mean, half_life, record_gates

torch.manual_seed(0)
fresh = CharacterModel()
x = encode(scene())


def sorted_half_lives(model):
    z = record_gates(model.gru, x).z
    return half_life(geometric_mean(z)).flatten().sort().values


trained, untrained = sorted_half_lives(load()), sorted_half_lives(fresh)
print("half-lives  shortest median second longest")
for name, found in [("untrained", untrained), ("trained", trained)]:
    shown = [found[k].item() for k in (0, 64, -2, -1)]
    print(f"{name:10}" + "".join(f"{one:8.2f}" for one in shown))

# %% how long the past is felt
import matplotlib.pyplot as plt

from gated.figures import INK, KEEP, MUTED

places = torch.arange(300, 5900, 40)  # 140 of them
steps = torch.arange(30)


@torch.no_grad()
def felt(model):
    # The same text, read from here and from the state of another place.
    states, _ = model.gru(x)
    true, other = states[places - 1, 0], states[places.flip(0) - 1, 0]
    ahead = x[places + steps[:, None], 0]  # steps, places, characters
    ran, ran_other = (model.gru(ahead, h[None])[0] for h in (true, other))
    apart = torch.cat([(true - other)[None], ran - ran_other])
    distance = apart.norm(dim=-1).mean(1)
    return distance / distance[0]


@torch.no_grad()
def kept(model):  # what of each unit's state the update gate alone hands on
    z = record_gates(model.gru, x).z[0, :, 0]
    on = z[places + steps[:, None]].cumprod(0).mean((1, 2))
    return torch.cat([torch.ones(1), on])


plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.6))
by_gates, by_all, at_first = kept(load()), felt(load()), felt(fresh)
ax.plot(by_all, color=INK, marker="s", markersize=4, label="felt, trained")
ax.plot(at_first, color=MUTED, linestyle=":", label="felt, untrained")
ax.plot(
    by_gates, color=KEEP, linestyle="--", label="kept by z alone, trained"
)
ax.set(xlabel="characters later", ylabel="share left", ylim=(0, 1.02))
ax.set(xlim=(0, 20))
ax.set_xticks(range(0, 21, 5))
fig.legend(loc="outside upper left", ncols=2, handlelength=2.5)

# %% values check=true
median = trained[63:65].mean().item()
median_fresh = untrained[63:65].mean().item()
longest, shortest_fresh = trained[-1].item(), untrained[0].item()
second = trained[-2].item()
shorter = int((trained < untrained[0]).sum())
assert shorter == 127 and second < 0.5
kept_1, felt_1, felt_3, felt_10 = (
    by_gates[1].item(),
    *(by_all[k].item() for k in (1, 3, 10)),
)
fresh_3, fresh_10 = at_first[3].item(), at_first[10].item()
assert (by_all[1:] > 1.5 * at_first[1:]).all() and (
    at_first[1:9] > by_gates[1:9]
).all()
assert kept_1 < 0.2 and felt_3 > 0.4
