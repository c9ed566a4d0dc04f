# %% draw the record
import matplotlib.pyplot as plt

from gated.evidence import read
from gated.figures import SERIES

record = read("scan")
HOLLOW = {"markerfacecolor": "none", "linewidth": 1}
KINDS = {
    "torch_gru": ("PyTorch's GRU", SERIES["gru"]),
    "gru": ("gated.GRU", SERIES["gru"] | HOLLOW),
    "torch_lstm": ("PyTorch's LSTM", SERIES["lstm"]),
    "mingru_loop": ("minGRU, a loop", SERIES["mingru"] | HOLLOW),
    "mingru": ("minGRU, a scan", SERIES["mingru"]),
}
plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(2, 1, sharex=True, sharey=True, figsize=(5.2, 6.4))
for ax, batch in zip(axes, record["batches"], strict=True):
    rows = record[f"batch_{batch}"]
    for name, (label, look) in KINDS.items():
        points = [rows[f"steps_{steps}"] for steps in record["steps"]]
        times = [point[f"{name}_ms"] for point in points]
        ax.plot(record["steps"], times, **look, label=label)
    sequences = "one sequence" if batch == 1 else f"{batch} sequences"
    ax.set_title(f"{sequences} at a time")
    ax.set_ylabel("ms a training step")
axes[0].set_xscale("log", base=2)
axes[0].set_yscale("log")
axes[0].set_xticks(record["steps"], record["steps"])
axes[0].set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
axes[0].minorticks_off()
axes[1].set_xlabel("steps in the sequence")
fig.legend(
    *axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=2
)


# %% values check=true
def gain(kind, batch, steps):
    """How many times as fast as this kind the scan is."""
    row = record[f"batch_{batch}"][f"steps_{steps}"]
    return row[f"{kind}_ms"] / row["mingru_ms"]


few, many = record["batches"]
assert (few, many) == (1, 16)
short, long = record["steps"][0], record["steps"][-1]
torch_gru_few = gain("torch_gru", few, long)
torch_gru_many = gain("torch_gru", many, long)
gru_few, gru_many = gain("gru", few, long), gain("gru", many, long)
lstm_few = gain("torch_lstm", few, long)
lstm_many = gain("torch_lstm", many, long)
loop_few = gain("mingru_loop", few, long)
loop_many = gain("mingru_loop", many, long)
# The scan pays with one sequence.
assert torch_gru_few > 2 and loop_few > 1.5
for kind in KINDS:  # and less with many
    if kind != "mingru":
        assert gain(kind, few, long) > 1.3 * gain(kind, many, long)
loop_many_short = gain("mingru_loop", many, short)
assert loop_many < loop_many_short  # longer is not better for it
verdict = "faster" if loop_many > 1 else "slower"
rows = record[f"batch_{many}"]
growth = rows[f"steps_{long}"]["mingru_ms"] / rows["steps_512"]["mingru_ms"]
assert long == 4 * 512 and growth > 2  # few rounds, but more work
