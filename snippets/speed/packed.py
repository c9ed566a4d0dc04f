# %% packing
from gated import evidence

packed = evidence.read("speed")["packed"]
times = packed["infer"]["ms"]
print("ms            GRU   LSTM")
for name, ending in [("padded", ""), ("packed", "_packed")]:
    print(
        f"{name:8} {times['gru' + ending][0]:8.1f} "
        f"{times['lstm' + ending][0]:6.1f}"
    )

# %% the LSTM pays check=true
ratio = packed["infer"]["ratio"]
lstm_price = ratio["lstm_packed/lstm"][0]
gru_price = ratio["gru_packed/gru"][0]
left_out = 100 * (1 - packed["real_steps"])
assert lstm_price > 1.2 and lstm_price > 1.3 * gru_price
batch, steps, width = (packed[name] for name in ("batch", "steps", "width"))
