# %% how many mention each
from math import exp, log, sqrt

from gated import evidence

arxiv = evidence.read("popularity")["arxiv"]
rows = [
    dict(zip(arxiv["columns"], row, strict=True)) for row in arxiv["rows"]
]
print("year  papers   LSTM  GRU  attention  transformer   LSTM per GRU")
for row in rows:
    ratio = "-"
    if row["gru"]:
        middle = row["lstm"] / row["gru"]
        # What chance alone may do, at 95 percent.
        factor = exp(1.96 * sqrt(1 / row["lstm"] + 1 / row["gru"]))
        least, most = middle / factor, middle * factor
        ratio = f"{middle:4.1f} ({least:.1f} to {most:.1f})"
    print(
        f"{row['year']} {row['papers']:7} {row['lstm']:6} {row['gru']:4}"
        f" {row['attention']:10} {row['transformer']:12}   {ratio}"
    )

# %% chart
import matplotlib.pyplot as plt

from gated.figures import INK, SERIES

plt.style.use("gated.figures.chart")
_, ax = plt.subplots(figsize=(5.2, 4.2))
looks = {
    **SERIES,
    "transformer": {"color": INK, "linestyle": "-", "marker": "*"},
}
names = {
    "attention": "attention",
    "lstm": "LSTM",
    "transformer": "transformer",
    "gru": "GRU",
}
shown = [row for row in rows if row["year"] >= 2015]
years = [row["year"] for row in shown]
for word, name in names.items():
    shares = [100 * row[word] / row["papers"] for row in shown]
    ax.semilogy(years, shares, **looks[word])
    ax.annotate(
        name,
        (years[-1], shares[-1]),
        (8, 0),
        textcoords="offset points",
        va="center",
    )
ax.set(
    xlabel="year of the arXiv number",
    ylabel="percent of abstracts",
    xticks=years,
)
ax.set_yticks([0.2, 0.5, 1, 2, 5, 10], ["0.2", "0.5", "1", "2", "5", "10"])
ax.minorticks_off()
ax.set_xlim(years[0] - 0.2, years[-1] + 0.1)

# %% what the page says check=true
by_year = {row["year"]: row for row in rows}
years_from_2016 = [row for row in rows if row["year"] >= 2016]
total = {
    word: sum(row[word] for row in years_from_2016)
    for word in ("papers", *names)
}
lstm_total, gru_total = total["lstm"], total["gru"]
papers_total = total["papers"]
ratio_total = lstm_total / gru_total
spread = exp(1.96 * sqrt(1 / lstm_total + 1 / gru_total))
ratio_low, ratio_high = ratio_total / spread, ratio_total * spread
yearly = [row["lstm"] / row["gru"] for row in years_from_2016]
yearly_low, yearly_high = min(yearly), max(yearly)
first, last = by_year[2016], by_year[2018]
change = log(first["lstm"] / first["gru"]) - log(last["lstm"] / last["gru"])
error = sqrt(
    sum(1 / row[word] for row in (first, last) for word in ("lstm", "gru"))
)
assert 0 < change < 1.96 * error  # down, but no more than chance may do
assert yearly[-1] > yearly[-2]  # and up again
share = {
    year: {word: 100 * row[word] / row["papers"] for word in names}
    for year, row in by_year.items()
}
lstm_2016, lstm_2019 = share[2016]["lstm"], share[2019]["lstm"]
gru_2016, gru_2018, gru_2019 = (
    share[year]["gru"] for year in (2016, 2018, 2019)
)
transformer_2016, transformer_2019 = (
    share[2016]["transformer"],
    share[2019]["transformer"],
)
attention_2019 = share[2019]["attention"]
assert lstm_2016 > share[2017]["lstm"] > share[2018]["lstm"] > lstm_2019
assert gru_2016 < gru_2018 > gru_2019


def beyond_chance(word, early, late):
    shares = [
        by_year[year][word] / by_year[year]["papers"]
        for year in (early, late)
    ]
    errors = [
        part / by_year[year]["papers"]
        for part, year in zip(shares, (early, late), strict=True)
    ]
    return abs(shares[1] - shares[0]) > 1.96 * sqrt(sum(errors))


assert beyond_chance("lstm", 2016, 2019) and beyond_chance(
    "transformer", 2016, 2019
)
assert not beyond_chance("gru", 2016, 2019) and not beyond_chance(
    "gru", 2018, 2019
)
assert transformer_2019 > 3 * transformer_2016
assert all(
    row["attention"] > row["lstm"] > row["gru"]
    for row in rows
    if row["year"] >= 2015
)
assert by_year[2019]["transformer"] > 5 * by_year[2019]["gru"]
assert by_year[2014]["gru"] == 0
