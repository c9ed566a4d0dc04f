# %% nine conventions
from gated.parameters import BIASES, count

d, h = 3, 5
print("                    bias vectors  parameters")
print("convention          GRU   LSTM    GRU   LSTM  GRU/LSTM")
for convention, biases in BIASES.items():
    gru = count("gru", d, h, convention=convention).total
    lstm = count("lstm", d, h, convention=convention).total
    row = f"{convention:18} {biases['gru']:4} {biases['lstm']:6}"
    print(f"{row} {gru:6} {lstm:6}  {gru / lstm:.4f}")

# %% values check=true
tiny_gru = count("gru", 1, 1, convention="keras").total
tiny_lstm = count("lstm", 1, 1, convention="keras").total
keras_gru = count("gru", 3, 5, convention="keras").total
keras_lstm = count("lstm", 3, 5, convention="keras").total
saving = 100 * (1 - keras_gru / keras_lstm)
wide_ratio = count("gru", 256, 512, convention="keras").total / (
    count("lstm", 256, 512, convention="keras").total
)
before_gru = count("gru", 3, 5, convention="keras-reset-before").total
assert tiny_gru == tiny_lstm
assert 0.75 < wide_ratio < 0.751 < keras_gru / keras_lstm < 1

# %% the common formula is the reset-before form check=true
for d, h in [(1, 1), (3, 5), (256, 512)]:
    common = 3 * (d * h + h * h + h)
    assert (
        common == count("gru", d, h, convention="keras-reset-before").total
    )
    assert common not in [
        count("gru", d, h, convention=c).total for c in ("pytorch", "keras")
    ]
    assert (
        4 * common
        == 3 * count("lstm", d, h, convention="keras-reset-before").total
    )
