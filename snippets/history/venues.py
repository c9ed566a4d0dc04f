# %% conferences that the copy holds in full
from gated import evidence

venues = evidence.read("popularity")["venues"]
rows = [
    dict(zip(venues["columns"], row, strict=True)) for row in venues["rows"]
]


def count(word, names, years):
    chosen = [
        row
        for row in rows
        if row["venue"] in names and row["year"] in years
    ]
    return sum(row[word] for row in chosen)


columns = ("papers", "lstm", "gru")
panels = {
    "robotics 2014-2023": (("icra", "iros"), range(2014, 2024)),
    "machine learning to 2019": (
        ("nips", "icml", "iclr"),
        range(2012, 2020),
    ),
    "AI, vision, language from 2019": (
        ("ijcai", "uai", "wacv", "coling"),
        range(2019, 2026),
    ),
}
ratios = {}
print("panel                           papers  LSTM  GRU  LSTM per GRU")
for panel, (names, years) in panels.items():
    papers, lstm, gru = (count(word, names, years) for word in columns)
    ratios[panel] = lstm / gru
    print(f"{panel:30} {papers:7} {lstm:5} {gru:4} {lstm / gru:9.1f}")

# %% chart
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use("gated.figures.chart")
_, ax = plt.subplots(figsize=(5.2, 3.8))
years = range(2017, 2024)
looks = {
    **SERIES,
    "transformer": {"color": INK, "linestyle": "-", "marker": "*"},
}
robotics = {}
for word, name in {
    "transformer": "transformer",
    "lstm": "LSTM",
    "gru": "GRU",
}.items():
    robotics[word] = [
        count(word, ("icra", "iros"), [year]) for year in years
    ]
    ax.plot(years, robotics[word], **looks[word])
    place = (8, -3) if word == "gru" else (8, 3)
    ax.annotate(
        name,
        (2023, robotics[word][-1]),
        place,
        textcoords="offset points",
        va="center",
    )
ax.set(xlabel="year", ylabel="papers", xticks=years, xlim=(2016.8, 2023.1))

# %% what the page says check=true
from math import log

smallest, largest = min(ratios.values()), max(ratios.values())
assert abs(ratios["robotics 2014-2023"] - 10.5) < 0.01
assert all(
    lstm >= gru
    for lstm, gru in zip(robotics["lstm"], robotics["gru"], strict=True)
)
peak = years[robotics["lstm"].index(max(robotics["lstm"]))]
more = [
    b > a
    for a, b in zip(robotics["lstm"], robotics["transformer"], strict=True)
]
passed = years[more.index(True)]
assert peak == 2021 and passed == 2022
all_papers = sum(row["papers"] for row in rows)
all_lstm, all_gru = (
    sum(row[word] for row in rows) for word in ("lstm", "gru")
)
all_ratio = all_lstm / all_gru
most_gru = max(robotics["gru"])
venue_years = len(rows)
no_abstract = sum(row["papers"] - row["abstracts"] for row in rows)
for word in ("lstm", "gru"):
    assert count(word, ("icra", "iros"), range(2014, 2017)) == 0
low, high = (
    [count(word, *panels[panel]) for word in ("lstm", "gru")]
    for panel in ("machine learning to 2019", "robotics 2014-2023")
)
error = sum(1 / part for part in low + high) ** 0.5
assert log(largest / smallest) < 1.96 * error

# %% what the claims rest on check=true
since = range(years.index(passed), len(years))
assert all(
    robotics["transformer"][i]
    > max(robotics["lstm"][i], robotics["gru"][i])
    for i in since
)
transformer_last, lstm_last, gru_last = (
    robotics[word][-1] for word in ("transformer", "lstm", "gru")
)
more_papers_name_transformers_than_either_cell = transformer_last > max(
    lstm_last, gru_last
)
