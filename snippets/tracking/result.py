# %% the verdicts
from gated import evidence

NAMES = {
    "gru": "GRU",
    "lstm": "LSTM",
    "rnn": "RNN",
    "mingru": "minGRU",
    "attention": "attention",
}
verdicts = evidence.read("tracking")["verdicts"]
print("solved, and updates more than the GRU: mean and 95% interval")
for name, cells in verdicts.items():
    for cell, found in cells.items():
        interval = (
            f"{found['difference']:6.0f} "
            f"({found['low']:.0f} to {found['high']:.0f})"
        )
        sooner = "" if cell == "gru" else interval
        print(
            f"{name:9} {NAMES[cell]:9} {found['solved']:3} "
            f"of {found['seeds']:2} {sooner}".rstrip()
        )

# %% every seed
import matplotlib.pyplot as plt

from gated.figures.seeds import limited, seeds

SETTINGS = evidence.settings("tracking")
LENGTHS, SEEDS, LIMIT = (
    SETTINGS[name] for name in ("lengths", "seeds", "limit")
)
SIZES = [
    (task, length)
    for task, lengths in LENGTHS.items()
    for length in lengths
]


def taken(task, length, cell):
    """The updates that each seed took to solve the task, or the limit."""
    found = evidence.trials("tracking", task=task, length=length, cell=cell)
    return [one["outcome"]["solved_at"] or LIMIT for one in found]


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(2, 2, figsize=(5.2, 6.2), sharex=True, sharey=True)
for ax, (task, length) in zip(axes.flat, SIZES, strict=True):
    for place, cell in enumerate(SEEDS):
        took = taken(task, length, cell)
        seeds(ax, place, took, cell, LIMIT, size=3.4, rows=True)
    limited(ax, (100, 300, 1000), LIMIT, rows=True)
    ax.set_title(f"{task}, {length}")
    ax.set_yticks(range(len(SEEDS)), [NAMES[cell] for cell in SEEDS])
    ax.set_ylim(len(SEEDS) - 0.4, -0.6)
fig.supxlabel("updates to solve it", fontsize=12)

# %% the set-up check=true
from torch import nn

from gated import MinGRU

limit, widest = LIMIT, SETTINGS["widest"]
minutes = (
    sum(one["seconds"] for one in evidence.read("tracking")["trials"]) / 60
)
parity, lookups = (
    verdicts["parity 40"],
    [verdicts[f"lookup {n}"] for n in LENGTHS["lookup"]],
)
assert parity["gru"]["solved"] == parity["lstm"]["solved"] == 10
assert parity["lstm"]["sooner"] == "tie"
assert parity["mingru"]["solved"] == parity["attention"]["solved"] == 0
assert 0 < parity["rnn"]["solved"] < 5 and parity["rnn"]["sooner"] == "gru"
recurrent = [cell for cell in SEEDS if cell != "attention"]
assert all(
    one[cell]["solved"] == 0 for one in lookups for cell in recurrent
)
assert all(one["attention"]["sooner"] == "attention" for one in lookups)
parity_rnn = parity["rnn"]["solved"]
attention_2, attention_4, attention_8 = (
    one["attention"]["solved"] for one in lookups
)
assert attention_4 == attention_8 == 5
assert min(taken("lookup", 2, "attention")) > max(
    taken("lookup", 8, "attention")
)


widths = SETTINGS["widths"]["parity"]
mingru_has, lstm_has = (
    sum(weight.numel() for weight in layer.parameters())
    for layer in (MinGRU(2, widths["mingru"]), nn.LSTM(2, widths["lstm"]))
)
assert widths["mingru"] == widest
