# %% as printed
PRINTED = {  # test loss by paper and data: plain RNN, GRU, LSTM
    "Chung 2014": {
        "JSB Chorales": (9.10, 8.54, 8.67),
        "Nottingham": (3.13, 3.23, 3.20),
        "MuseData": (6.23, 5.99, 6.23),
        "Piano-midi": (9.03, 8.82, 9.03),
    },
    "Jozefowicz 2015": {
        "Nottingham": (3.612, 3.410, 3.492),
        "Piano-midi": (6.809, 6.876, 6.866),
    },
    "  with dropout": {"Nottingham": (3.267, 3.427, 3.403)},
    "Bai 2018": {
        "JSB Chorales": (8.91, 8.43, 8.45),
        "Nottingham": (4.05, 3.46, 3.29),
    },
}
print("                                 RNN    GRU   LSTM   best")
best = {}
for paper, rows in PRINTED.items():
    for data, losses in rows.items():
        best[paper, data] = ("RNN", "GRU", "LSTM")[
            losses.index(min(losses))
        ]
        row = " ".join(f"{loss:6.2f}" for loss in losses)
        print(f"{paper:16} {data:13} {row}   {best[paper, data]}")

# %% all levels
from statistics import median

import matplotlib.pyplot as plt
from matplotlib.ticker import MultipleLocator

from gated import evidence
from gated.figures import DIM, INK, MUTED, SERIES

DATA = ("JSB Chorales", "Nottingham", "MuseData", "Piano-midi")
CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}


def test_loss(data, cell):
    return [
        one["outcome"]["test"]
        for one in evidence.trials("music", data=data, cell=cell)
    ]


plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(
    4, 1, figsize=(5.2, 7.4), height_ratios=[4, 6, 3, 4]
)
for ax, data in zip(axes, DATA, strict=True):
    levels = {
        paper.strip(): list(of[data])
        for paper, of in PRINTED.items()
        if data in of
    }
    levels["here"] = [median(test_loss(data, cell)) for cell in CELLS]
    for number, (cell, label) in enumerate(CELLS.items()):
        found = [losses[number] for losses in levels.values()]
        places = [
            place + 0.31 * (number - 1) for place in range(len(levels))
        ]
        color, marker = SERIES[cell]["color"], SERIES[cell]["marker"]
        ax.plot(
            found, places, marker, color=color, markersize=4.5, label=label
        )
    guess = test_loss(data, "last")[0]
    ax.plot(guess, len(levels), "D", color=INK, markersize=5)
    ax.axvline(guess, color=MUTED, linewidth=1)
    for place in range(len(levels)):
        ax.axhline(place + 0.5, color=DIM, linewidth=0.6)
    least = min(map(min, levels.values())) - 0.15
    ax.set(
        title=data,
        xlim=(least, least + 2.8),
        ylim=(len(levels) + 0.5, -0.5),
    )
    ax.xaxis.set_major_locator(MultipleLocator(0.5))
    ax.set_yticks(range(len(levels) + 1), [*levels, "a guess"])
    ax.grid(axis="y", visible=False)
fig.legend(
    *axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3
)
axes[-1].set_xlabel("test loss, nats a step")

# %% paper by paper
SIDES = {"lstm": "GRU minus LSTM", "rnn": "GRU minus RNN"}
verdicts = evidence.read("music")["verdicts"]

fig, axes = plt.subplots(
    4,
    2,
    figsize=(5.2, 6.4),
    sharex="col",
    sharey="row",
    height_ratios=[3, 5, 2, 3],
)
for pair, data in zip(axes, DATA, strict=True):
    rows = {paper: of[data] for paper, of in PRINTED.items() if data in of}
    for ax, (other, label) in zip(pair, SIDES.items(), strict=True):
        for place, (rnn, gru, lstm) in enumerate(rows.values()):
            apart = gru - {"lstm": lstm, "rnn": rnn}[other]
            ahead = SERIES["gru" if apart < 0 else other]
            ax.plot(apart, place, ahead["marker"], color=ahead["color"])
        ours = verdicts[data][f"gru - {other}"]
        ax.plot([ours["low"], ours["high"]], [len(rows)] * 2, color=INK)
        ax.scatter(
            ours["difference"], len(rows), s=80, c=INK, marker="|", lw=2
        )
        ax.axvline(0, color=MUTED, linewidth=1)
        ax.set(ylim=(len(rows) + 0.6, -0.6))
        ax.grid(axis="y", visible=False)
    pair[0].set_title(data)
    pair[0].set_yticks(
        range(len(rows) + 1), [name.strip() for name in rows] + ["here"]
    )
for ax, label in zip(axes[-1], SIDES.values(), strict=True):
    ax.set_xlabel(label)
axes[0, 0].set(xlim=(-0.3, 0.25), xticks=(-0.2, 0, 0.2))
axes[0, 1].set(xlim=(-0.75, 0.55), xticks=(-0.5, 0, 0.5))

# %% what is in print, and what came back check=true
printed = {
    (paper, data): losses
    for paper, of in PRINTED.items()
    for data, losses in of.items()
}
printed_rows, rnn_best = (
    len(printed),
    sum(one == "RNN" for one in best.values()),
)
within = sum(
    abs(gru - lstm) <= 0.01 * max(gru, lstm)
    for _, gru, lstm in printed.values()
)
papers_of_nottingham = [
    gru < lstm
    for (_, data), (_, gru, lstm) in printed.items()
    if data == DATA[1]
]
assert papers_of_nottingham == [
    False,
    True,
    False,
    False,
]  # Chung, Jozefowicz, his dropout, Bai
assert [
    data
    for (paper, data), name in best.items()
    if name == "RNN" and "Chung" in paper
] == ["Nottingham"]
chung = {
    data: gru - lstm
    for data, (_, gru, lstm) in PRINTED["Chung 2014"].items()
}
ours = {data: verdicts[data]["gru - lstm"]["difference"] for data in DATA}
# The printed order of the two, each with an interval that leaves out zero.
for data in DATA:
    assert verdicts[data]["gru - lstm"]["ahead"] == (
        "gru" if chung[data] < 0 else "lstm"
    )
smaller = [data for data in DATA if abs(ours[data]) < abs(chung[data])]
assert smaller == ["JSB Chorales", "MuseData", "Piano-midi"]
flipped = [
    data
    for data, (rnn, gru, _) in PRINTED["Chung 2014"].items()
    if verdicts[data]["gru - rnn"]["ahead"]
    != ("gru" if gru < rnn else "rnn")
]
assert flipped == ["MuseData", "Piano-midi"]
larger = [
    losses
    for (paper, _), losses in printed.items()
    if paper != "Chung 2014"
]
rnn_last = sum(losses[0] == max(losses) for losses in larger)
assert len(larger) == 5 and rnn_last == 3
assert sum(losses[0] == min(losses) for losses in larger) == 2
floor = test_loss("Piano-midi", "last")[0]
floor_by_piece = evidence.trials("music", data="Piano-midi", cell="last")[
    0
]["outcome"]["test_by_piece"]
assert floor < floor_by_piece < min(PRINTED["Chung 2014"]["Piano-midi"])
all_ours = {
    data: [x for cell in CELLS for x in test_loss(data, cell)]
    for data in DATA
}
assert all(
    max(all_ours[data]) < test_loss(data, "last")[0] for data in DATA
)
assert max(all_ours["Piano-midi"]) < min(
    PRINTED["Chung 2014"]["Piano-midi"]
)
for data in (
    "Nottingham",
    "MuseData",
):  # every one of ours is behind every one of Chung's
    assert min(all_ours[data]) > max(PRINTED["Chung 2014"][data])
behind_nottingham, behind_muse = (
    min(all_ours[data]) - max(PRINTED["Chung 2014"][data])
    for data in ("Nottingham", "MuseData")
)
nottingham_marginals = test_loss("Nottingham", "marginals")[0]
nottingham_last = test_loss("Nottingham", "last")[0]
gated = test_loss("Nottingham", "gru") + test_loss("Nottingham", "lstm")
assert max(test_loss("Nottingham", "rnn")) < min(gated)
