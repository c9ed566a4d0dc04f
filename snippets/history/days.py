# %% days between papers
from datetime import date

from gated import evidence

works = evidence.read("timeline")["works"]
gru = date.fromisoformat(works["cho2014"]["date"])
for key in ("bahdanau2014", "cho2014b", "chung2014"):
    days = (date.fromisoformat(works[key]["date"]) - gru).days
    print(f"{days:4} days after the GRU: {works[key]['label']}")

# %% the authors of both papers
of_gru = {"Cho", "van Merriënboer", "Gulcehre", "Bahdanau"}
of_gru |= {"Bougares", "Schwenk", "Bengio"}
of_attention = {"Bahdanau", "Cho", "Bengio"}
print("on both papers:", ", ".join(sorted(of_gru & of_attention)))

# %% years to the Transformer
year_of = {key: int(work["date"][:4]) for key, work in works.items()}
lstm_years = year_of["vaswani2017"] - year_of["hochreiter1997"]
gru_years = year_of["vaswani2017"] - year_of["cho2014"]  # from June to June
print(
    f"to the Transformer: {lstm_years} years from the LSTM, "
    f"{gru_years} from the GRU"
)

# %% what the page says check=true
to_attention = (
    date.fromisoformat(works["bahdanau2014"]["date"]) - gru
).days
assert to_attention == 90 and of_attention <= of_gru
assert (
    works["vaswani2017"]["date"] == "2017-06"
    and gru.month == 6
    and gru_years == 3
)
head_start = year_of["cho2014"] - year_of["hochreiter1997"]
assert head_start == 17
assert year_of["gers1999"] - year_of["hochreiter1997"] == 2
assert works["graves2013"]["date"] < works["bahdanau2014"]["date"]

# %% what the claims rest on check=true
attention_came_long_before_the_transformer = -(
    to_attention < 365 and gru_years >= 3
)
