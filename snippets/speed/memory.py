# %% who holds less
from gated import evidence

sizes = ("narrow", "medium", "single", "wide")
peaks = evidence.read("backprop")
for size in sizes:
    gru, lstm = (
        peaks[size][cell]["torch_peak_mb"] for cell in ("gru", "lstm")
    )
    print(f"{size:7} LSTM / GRU {lstm / gru:.2f}")

# %% as the page says check=true
lstm_less = sum(
    peaks[size]["lstm"]["torch_peak_mb"]
    < peaks[size]["gru"]["torch_peak_mb"]
    for size in sizes
)
ours_more = sum(
    peaks[size]["lstm"]["gated_peak_mb"]
    > peaks[size]["gru"]["gated_peak_mb"]
    for size in sizes
)
