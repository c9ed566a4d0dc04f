# %% a line of time
from datetime import date

import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import DIM, INK, SERIES

plt.style.use("gated.figures.chart")
works = evidence.read("timeline")["works"].values()
LOOKS = {
    "rnn": ("plain RNN", SERIES["rnn"]["color"], "o"),
    "lstm": ("LSTM", SERIES["lstm"]["color"], "^"),
    "gru": ("GRU", SERIES["gru"]["color"], "s"),
    "attention": ("attention", SERIES["attention"]["color"], "v"),
    "comparison": ("comparison", INK, "X"),
    "parallel": ("trained in parallel", SERIES["mingru"]["color"], "D"),
}


MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


def year_of(when):  # in the middle of what is known
    year, month, day = (
        int(part) for part in (when + "-00-00").split("-")[:3]
    )
    middle = date(year, month or 7, day or (15 if month else 1))
    return year + (middle - date(year, 1, 1)).days / 365.25


def spoken(work):  # 3 June 2014: 3 Jun 2014
    return " ".join(
        part if part.isdigit() else part[:3]
        for part in work["when"].split()
    )


def timeline(first, last, ticks, tick_labels, rows):
    """Draw works from one year to another, labels a row apart or more."""
    shown = [
        work for work in works if first <= year_of(work["date"]) < last
    ]
    places = [year_of(work["date"]) for work in shown]
    low, high = ticks[0], ticks[-1]
    row = (high - low) / rows
    labels = list(places)
    for _ in range(500):
        labels.sort()
        labels[0], labels[-1] = max(labels[0], low), min(labels[-1], high)
        for i in range(len(labels) - 1):
            if (short := row - (labels[i + 1] - labels[i])) > 0:
                labels[i] -= short / 2
                labels[i + 1] += short / 2
    figure, ax = plt.subplots(figsize=(5.2, 0.33 * rows + 0.7))
    ax.axvline(0, color=DIM, linewidth=2, zorder=1)
    for work, place, label in zip(shown, places, labels, strict=True):
        name, color, marker = LOOKS[work["family"]]
        ax.plot(
            [0, 0.06, 0.11],
            [place, label, label],
            color=DIM,
            linewidth=1,
            zorder=1,
        )
        ax.plot([0], [place], marker, color=color, markersize=8, zorder=2)
        ax.plot([0.14], [label], marker, color=color, markersize=8)
        ax.text(
            0.18,
            label,
            f"{spoken(work)}: {work['label']}",
            va="center",
            fontsize=11,
        )
    ax.set(xlim=(-0.02, 1), ylim=(high + row / 2, low - row / 2), xticks=[])
    ax.set_yticks(ticks, tick_labels)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    families = list(dict.fromkeys(work["family"] for work in shown))
    for family in families:
        name, color, marker = LOOKS[family]
        ax.plot([], [], marker, color=color, markersize=8, label=name)
    figure.legend(
        loc="outside upper left",
        ncols=3 if len(families) < 4 else 2,
        handlelength=1,
        columnspacing=1.2,
    )


# %% before
timeline(1990, 2014, range(1990, 2015, 4), range(1990, 2015, 4), rows=13)

# %% the year
starts = [
    2014 + (date(2014, month, 1) - date(2014, 1, 1)).days / 365.25
    for month in range(6, 13)
]
timeline(2014, 2015, [*starts, 2015], [*MONTHS[5:], "Jan"], rows=10)

# %% after
timeline(2015, 2027, range(2015, 2027), range(2015, 2027), rows=21)

# %% every work once, in order check=true
dates = [year_of(work["date"]) for work in works]
for work in works:
    parts = [int(part) for part in work["date"].split("-")]
    month = [MONTHS[parts[1] - 1]] if len(parts) > 1 else []
    assert spoken(work).split() == [
        *map(str, parts[2:]),
        *month,
        str(parts[0]),
    ]
eras = [(1990, 2014), (2014, 2015), (2015, 2027)]
for when in dates:
    assert sum(first <= when < last for first, last in eras) == 1
