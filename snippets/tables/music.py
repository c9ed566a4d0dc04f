# %% in numbers
from gated import evidence
from gated.statistics import middle

DATA = ("JSB Chorales", "Nottingham", "MuseData", "Piano-midi")
CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
FLOORS = {
    "marginals": "how often a key sounds",
    "last": "from its last value",
}


def test_loss(data, cell, measure="test"):
    """What each seed comes to on the test pieces, in nats a step."""
    return [
        one["outcome"][measure]
        for one in evidence.trials("music", data=data, cell=cell)
    ]


for data in DATA:
    print(data)
    for cell, label in (CELLS | FLOORS).items():
        median, low, high = middle(test_loss(data, cell))
        rate = evidence.trials("music", data=data, cell=cell)[0][
            "config"
        ].get("rate")
        more = f"({low:.2f} to {high:.2f})   rate {rate}" if rate else ""
        print(f"  {label:23}{median:6.2f}  {more}".rstrip())

# %% every seed
import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

from gated.figures.seeds import seeds

plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(2, 2, figsize=(5.2, 5.8), sharex=True)
for ax, data in zip(axes.flat, DATA, strict=True):
    for place, cell in enumerate(CELLS):
        seeds(ax, place, test_loss(data, cell), cell)
    ax.set(title=data, xlim=(-0.5, 2.5))
    ax.set_xticks(range(3), CELLS.values())
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter("{x:.2f}")
fig.supylabel("test loss, nats a step", fontsize=12)

# %% the set-up check=true
declared = evidence.settings("music")
batch, part, patience = (
    declared[name] for name in ("batch", "part", "patience")
)
epochs_jsb, epochs_nottingham, epochs_muse, epochs_piano = (
    declared["epochs"][data] for data in DATA
)
rates = ", ".join(map(str, declared["rates"]))
assert declared["clip"] == 1 and declared["tuning_seeds"] == [100]
assert dict(zip(DATA, (10, 10, 5, 5), strict=True)) == declared["seeds"]
study = evidence.read("music")
assert study["complete"] and not any(
    one["outcome"]["diverged"] for one in study["trials"]
)
for data, number in declared["seeds"].items():
    assert all(len(test_loss(data, cell)) == number for cell in CELLS)
minutes = sum(one["seconds"] for one in study["trials"]) / 60
trials = sum("rate" in one["config"] for one in study["trials"])
