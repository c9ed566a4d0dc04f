# %% by step and by piece
from statistics import fmean

from gated import evidence
from gated.statistics import ahead, difference

DATA = ("JSB Chorales", "Nottingham", "MuseData", "Piano-midi")
CELLS = ("rnn", "gru", "lstm")
PAIRS = (("gru", "lstm"), ("gru", "rnn"), ("lstm", "rnn"))


def losses(data, measure):
    """Of each cell, the test loss of each seed."""
    return {
        cell: [
            one["outcome"][measure]
            for one in evidence.trials("music", data=data, cell=cell)
        ]
        for cell in CELLS
    }


print("mean of     each      RNN   GRU  LSTM   G/L   G/R   L/R")
leads = {}
for data in DATA:
    for measure, each in (("test", "step"), ("test_by_piece", "piece")):
        found = losses(data, measure)
        leads[data, each] = [
            ahead(
                difference(found[one], found[other]),
                one,
                other,
                lower_is_better=True,
            )
            for one, other in PAIRS
        ]
        means = "".join(
            f"{fmean(values):6.2f}" for values in found.values()
        )
        print(
            f"{data:13}{each:6}{means}",
            "".join(f"{lead:>6}" for lead in leads[data, each]),
        )

# %% does the order change? check=true
assert all(leads[data, "step"] == leads[data, "piece"] for data in DATA)
shift = {
    data: [
        fmean(losses(data, "test")[c])
        - fmean(losses(data, "test_by_piece")[c])
        for c in CELLS
    ]
    for data in DATA
}
shift_muse, shift_piano = min(shift["MuseData"]), -max(shift["Piano-midi"])
assert shift_muse > 0.5 and shift_piano > 0.2
