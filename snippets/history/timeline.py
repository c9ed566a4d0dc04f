# %% a line of time
from datetime import date

import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import INK, SERIES

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


def timeline(first, last, ticks, tick_labels, in_year=""):
    """Draw the works from one year to another: a row for each, in order."""
    shown = [
        work for work in works if first <= year_of(work["date"]) < last
    ]
    figure, ax = plt.subplots(figsize=(5.2, 0.3 * len(shown) + 1.2))
    seen = set()
    for row, work in enumerate(shown):
        name, color, marker = LOOKS[work["family"]]
        place = year_of(work["date"])
        ax.plot(
            place,
            row,
            marker,
            color=color,
            markersize=8,
            clip_on=False,
            label="" if name in seen else name,
        )
        seen.add(name)
        late = place > (first + last) / 2  # there is more room before it
        text = ax.annotate(
            f"{spoken(work).removesuffix(in_year)}: {work['label']}",
            (place, row),
            (-10 if late else 10, 0),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=11,
        )
        text.set_in_layout(False)  # all the width is for time
    ax.set(
        xlim=(ticks[0], ticks[-1]), ylim=(len(shown) - 0.4, -0.6), yticks=[]
    )
    ax.set_xticks(ticks, tick_labels)
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    figure.legend(
        loc="outside upper left",
        ncols=3 if len(seen) < 4 else 2,
        handlelength=1,
        columnspacing=1.2,
    )


# %% before
timeline(1990, 2014, range(1990, 2015, 4), range(1990, 2015, 4))

# %% the year
starts = [
    2014 + (date(2014, month, 1) - date(2014, 1, 1)).days / 365.25
    for month in range(6, 13)
]
names = ["Jun\n2014", *MONTHS[6:], "Jan\n2015"]
timeline(2014.4, 2015, [*starts, 2015], names, in_year=" 2014")

# %% after
timeline(2015, 2027, range(2015, 2028, 2), range(2015, 2028, 2))

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
