# %% the verdicts
from gated import evidence
from gated.studies.languages import LANGUAGES

CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}

verdicts = evidence.read("counting")["verdicts"]
print("largest n, GRU minus LSTM: mean and 95% interval")
for name, found in verdicts.items():
    middle, low, high = (found[key] for key in ("difference", "low", "high"))
    interval = f"({low:.0f} to {high:.0f})"
    print(f"{name:7} {middle:5.0f}  {interval}  further: {found['counts further']}")
print("\nseeds that accept all strings of their training")
for name in LANGUAGES:
    for cell, label in CELLS.items():
        found = evidence.trials("counting", language=name, cell=cell)
        solved = [one["outcome"]["solved"] for one in found]
        print(f"{name:7} {label:5} {sum(solved):2} of {len(solved)}")

# %% every seed
import matplotlib.pyplot as plt

from gated.charts import MUTED
from gated.studies.pictures import seeds

TITLES = {"anbn": "$a^n b^n$", "anbncn": "$a^n b^n c^n$"}


def longest(language, cell):
    """The largest n of each seed such that all strings up to it are accepted."""
    found = evidence.trials("counting", language=language, cell=cell)
    return [one["outcome"]["longest"] for one in found]


plt.style.use("gated.chart")
fig, axes = plt.subplots(1, 2, figsize=(5.2, 3.8), sharey=True)
for ax, (name, language) in zip(axes, LANGUAGES.items(), strict=True):
    for place, cell in enumerate(CELLS):
        seeds(ax, place, longest(name, cell), cell)
    ax.axhline(language.most, color=MUTED, linewidth=1)
    ax.text(-0.45, language.most * 1.04, "training ends", color=MUTED, fontsize=10)
    ax.set(title=TITLES[name], yscale="log", ylim=(4, 450), xlim=(-0.5, 2.5))
    ax.set_yticks([5, 10, 20, 50, 100, 200, 400], [5, 10, 20, 50, 100, 200, 400])
    ax.minorticks_off()
    ax.set_xticks(range(3), CELLS.values())
axes[0].set_ylabel("accepts all n up to")

# %% what the prose says check=true
from statistics import median

from gated.studies.counting import RATES, TOP, UPDATES, WIDTH

width, updates, top = WIDTH, UPDATES, TOP
study = evidence.read("counting")
minutes = sum(one["seconds"] for one in study["trials"]) / 60
gru_ab, lstm_ab, rnn_ab = (median(longest("anbn", cell)) for cell in ("gru", "lstm", "rnn"))
gru_abc, lstm_abc, rnn_abc = (median(longest("anbncn", cell)) for cell in ("gru", "lstm", "rnn"))
gru_best_ab, lstm_worst_ab, lstm_best_ab = (
    max(longest("anbn", "gru")),
    min(longest("anbn", "lstm")),
    max(longest("anbn", "lstm")),
)
gru_best_abc, lstm_worst_abc = max(longest("anbncn", "gru")), min(longest("anbncn", "lstm"))
lstm_far = sum(one >= 256 for one in longest("anbn", "lstm"))
gru_solved = sum(
    one["outcome"]["solved"] for one in evidence.trials("counting", language="anbn", cell="gru")
)
beyond = sum(one > LANGUAGES[name].most for name in LANGUAGES for one in longest(name, "lstm"))
assert {found["counts further"] for found in verdicts.values()} == {"lstm"}
assert beyond == 20 and gru_best_abc <= LANGUAGES["anbncn"].most
assert lstm_best_ab < TOP  # nobody comes near the limit of the search
assert lstm_worst_abc > gru_best_abc
rates = {
    cell: {
        evidence.trials("counting", language=name, cell=cell)[0]["config"]["rate"]
        for name in LANGUAGES
    }
    for cell in ("gru", "lstm")
}
assert rates["gru"] == rates["lstm"] == {max(RATES)}  # the edge of the grid
