# %% five layers at every size
from gated import evidence

study = evidence.read("costs")
first = [one for one in study["trials"] if one["config"]["seed"] == 0]
names = ("torch gru", "torch lstm", "gated gru", "gated lstm", "gated mingru")
print("batch steps width" + "".join(f"{name:>13}" for name in names) + "   MB GRU, LSTM")
for one in first:
    if one["config"]["pass"] == "training":
        sizes, found = one["config"], one["outcome"]
        row = f"{sizes['batch']:5} {sizes['steps']:5} {sizes['width']:5}"
        row += "".join(f"{found[f'{name} ms']:13.2f}" for name in names)
        print(row + f"{found['torch gru MB']:9.1f}, {found['torch lstm MB']:.1f}")

# %% the verdicts check=true
verdicts = study["verdicts"]
training, inference = verdicts["torch, training"], verdicts["torch, inference"]
sizes, lstm_training, gru_training = (
    training[name] for name in ("sizes", "lstm faster", "gru faster")
)
lstm_inference, gru_inference = inference["lstm faster"], inference["gru faster"]
ours = verdicts["gated, training"]
ours_lstm, ours_gru = ours["lstm faster"], ours["gru faster"]
lstm_keeps_less = verdicts["torch, memory"]["lstm keeps less"]
ours_lstm_keeps_less = verdicts["gated, memory"]["lstm keeps less"]
machine = " and ".join(sorted({run["device"] for run in study["runs"].values()}))
repetitions = len({one["config"]["seed"] for one in study["trials"]})
assert study["complete"] and lstm_training > gru_training
