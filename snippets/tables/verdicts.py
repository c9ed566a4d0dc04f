# %% the verdicts
from gated import evidence

verdicts = evidence.read("music")["verdicts"]
print("test loss, mean difference and 95% interval; lower is better")
for data, pairs in verdicts.items():
    for pair, found in pairs.items():
        interval = f"({found['low']:.3f} to {found['high']:.3f})"
        print(
            f"{data:13} {pair:11} {found['difference']:6.3f} "
            f"{interval:18} {found['ahead']}"
        )

# %% who is ahead of whom check=true
from statistics import fmean

leads = {
    data: [pairs[pair]["ahead"] for pair in pairs]
    for data, pairs in verdicts.items()
}
assert all(
    list(pairs) == ["gru - lstm", "gru - rnn", "lstm - rnn"]
    for pairs in verdicts.values()
)
assert leads == {
    "JSB Chorales": ["gru", "gru", "lstm"],
    "Nottingham": ["lstm", "rnn", "rnn"],
    "MuseData": ["gru", "rnn", "rnn"],
    "Piano-midi": ["gru", "rnn", "rnn"],
}
apart = {
    data: abs(pairs["gru - lstm"]["difference"])
    for data, pairs in verdicts.items()
}
least, most = min(apart.values()), max(apart.values())
rnn_most = verdicts["Nottingham"]["gru - rnn"]
rnn_leads, rnn_low, rnn_high = (
    rnn_most["difference"],
    rnn_most["low"],
    rnn_most["high"],
)
rnn_least = verdicts["Piano-midi"]["gru - rnn"]["difference"]
rnn_behind = -verdicts["JSB Chorales"]["gru - rnn"]["difference"]

# %% what the claims rest on check=true
loss = {
    (data, cell): fmean(
        one["outcome"]["test"]
        for one in evidence.trials("music", data=data, cell=cell)
    )
    for data in verdicts
    for cell in ("gru", "lstm")
}
sets = len(verdicts)
close = sum(
    apart[data] <= 0.01 * max(loss[data, "gru"], loss[data, "lstm"])
    for data in verdicts
)
cells_are_close_on_music = close / sets
