# %% how the training ended
from statistics import fmean

from gated import evidence

DATA = ("JSB Chorales", "Nottingham", "MuseData", "Piano-midi")
LAST = 5  # epochs; so many without a gain end a training

print("                    best at the limit   gain of the last 5 epochs")
at_limit, gain = {}, {}
for data in DATA:
    for cell in ("rnn", "gru", "lstm"):
        found = [
            one["outcome"]
            for one in evidence.trials("music", data=data, cell=cell)
        ]
        at_limit[data, cell] = sum(
            one["best_epoch"] == one["epochs"] for one in found
        )
        gain[data, cell] = fmean(
            min(one["curve"][:-LAST]) - min(one["curve"]) for one in found
        )
        print(
            f"{data:13} {cell:5}{at_limit[data, cell]:8} of "
            f"{len(found):2}{gain[data, cell]:21.3f}"
        )

# %% who might still be improving check=true
on = {
    data: sum(at_limit[data, cell] for cell in ("rnn", "gru", "lstm"))
    for data in DATA
}
assert on["JSB Chorales"] == on["Piano-midi"] == 0
assert at_limit["Nottingham", "gru"] == on["Nottingham"] == 2
assert gain["Nottingham", "gru"] < 0.005
muse = on["MuseData"]
muse_rnn, muse_gru, muse_lstm = (
    gain["MuseData", cell] for cell in ("rnn", "gru", "lstm")
)
assert muse >= 12 and muse_rnn > 2 * max(muse_gru, muse_lstm)
