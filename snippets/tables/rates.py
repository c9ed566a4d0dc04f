# %% what the tuning saw
from gated import evidence

DATA = ("JSB Chorales", "Nottingham", "MuseData", "Piano-midi")
RATES = (0.003, 0.01, 0.03)
tuning = {
    tuple(one["config"][name] for name in ("data", "cell", "rate")): one[
        "outcome"
    ]["valid"]
    for one in evidence.read("music")["trials"]
    if "tuning" in one["config"]
}

print(
    "validation loss at each rate, one seed",
    *(f"{rate:7}" for rate in RATES),
)
chosen, apart = {}, {}
for data in DATA:
    for cell in ("rnn", "gru", "lstm"):
        losses = {rate: tuning[data, cell, rate] for rate in RATES}
        chosen[data, cell] = min(losses, key=losses.get)
        apart[data, cell] = max(losses.values()) - min(losses.values())
        print(
            f"{data:13} {cell:24}",
            *(f"{loss:7.2f}" for loss in losses.values()),
        )

# %% the cell and the rate check=true
declared = evidence.settings("music")
assert declared["rates"] == [*RATES] and declared["tuning_seeds"] == [100]
for (data, cell), rate in chosen.items():
    assert all(
        one["config"]["rate"] == rate
        for one in evidence.trials("music", data=data, cell=cell)
    )
edges = sum(rate in (RATES[0], RATES[-1]) for rate in chosen.values())
sides = len(chosen)
assert (
    chosen["Nottingham", "gru"] == 0.01
    and chosen["Nottingham", "lstm"] == 0.03
)
lstm_behind = (
    tuning["Nottingham", "lstm", 0.01] - tuning["Nottingham", "gru", 0.01]
)
gru_behind = (
    tuning["Nottingham", "gru", 0.03] - tuning["Nottingham", "lstm", 0.03]
)
assert lstm_behind > 0.1 and gru_behind > 0.1
least_apart, most_apart = min(apart.values()), max(apart.values())
gated = [
    tuning["Nottingham", cell, rate]
    for cell in ("gru", "lstm")
    for rate in RATES
]
assert (
    tuning["Nottingham", "rnn", chosen["Nottingham", "rnn"]]
    < min(gated) - 0.2
)

# %% what the claims rest on check=true
verdicts = evidence.read("music")["verdicts"]


def leads(cell, other):
    """On how many sets the cell is ahead in the study and at most rates."""
    found = 0
    for data in DATA:
        ahead = [
            tuning[data, cell, rate] < tuning[data, other, rate]
            for rate in RATES
        ]
        is_ahead = verdicts[data]["gru - lstm"]["ahead"] == cell
        found += is_ahead and ahead.count(True) > len(ahead) / 2
    return found


sets = len(DATA)
gru_ahead, lstm_ahead = leads("gru", "lstm"), leads("lstm", "gru")
gru_leads_on_music = gru_ahead / sets
lstm_leads_on_music = -lstm_ahead / sets
