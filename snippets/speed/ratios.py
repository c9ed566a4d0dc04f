# %% one size, several ways to run it
import matplotlib.pyplot as plt

from gated import evidence
from gated.figures import INK, MUTED, PAPER

speed = evidence.read("speed")
base = next(
    one for one in speed["layers"] if one.items() >= speed["base"].items()
)
rows = {
    "PyTorch": "lstm/gru",
    "PyTorch, oneDNN off": "lstm_off/gru_off",
    "PyTorch, float64": "lstm_double/gru_double",
    "gated": "lstm_gated/gru_gated",
    "ONNX Runtime": "lstm_onnx/gru_onnx",
}
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 4.0))
ax.axvline(1, color=INK, linewidth=1.2)
ax.axvline(4 / 3, color=MUTED, linestyle=":")
for place, pair in enumerate(rows.values()):
    for mode, marker, fill, shift in [
        ("train", "o", INK, -0.12),
        ("infer", "D", PAPER, 0.12),
    ]:
        if pair in base[mode]["ratio"]:
            middle, low, high = base[mode]["ratio"][pair]
            ax.plot([low, high], [place + shift] * 2, color=INK)
            look = {"color": INK, "markerfacecolor": fill}
            ax.plot(middle, place + shift, marker, **look)
ax.plot([], [], "o", color=INK, label="training step")
ax.plot([], [], "D", color=INK, markerfacecolor=PAPER, label="inference")
ax.set_xscale("log")
ax.set_xticks([0.25, 0.5, 1, 4 / 3, 2], ["1/4", "1/2", "1", "4/3", "2"])
ax.minorticks_off()
ax.set(xlim=(0.2, 2.4), ylim=(4.6, -0.6))
ax.set(xlabel="time of the LSTM / time of the GRU")
ax.set_yticks(range(len(rows)), rows)
above = {"transform": ax.get_xaxis_transform()}
ax.text(0.95, 1.01, "LSTM faster", **above, ha="right")
ax.text(1.05, 1.01, "GRU faster", **above, ha="left")
ax.grid(axis="y", visible=False)
fig.legend(loc="outside upper left", ncols=2, handlelength=1)

# %% the order at this size check=true
train, infer = base["train"]["ratio"], base["infer"]["ratio"]
default_train = train[rows["PyTorch"]][0]
default_infer = infer[rows["PyTorch"]][0]
off_train = train["lstm_off/gru_off"][0]
off_infer = infer["lstm_off/gru_off"][0]
double_train = train["lstm_double/gru_double"][0]
double_infer = infer["lstm_double/gru_double"][0]
gated_train = train["lstm_gated/gru_gated"][0]
gated_infer = infer["lstm_gated/gru_gated"][0]
onnx_infer = infer["lstm_onnx/gru_onnx"][0]
# The prose: as is the LSTM is faster; off and in double precision its
# advantage is gone.
assert default_train < 0.8 and default_infer < 0.8
assert off_train > 1.3 * default_train and off_infer > 1.3 * default_infer
assert double_train > 1.3 * default_train
assert double_infer > 1.3 * default_infer
gain_train, gain_infer = 1 / default_train, 1 / default_infer


def order(*ratios):
    """Say who is faster by all medians, if they agree and do not tie."""
    if all(one > 1.02 for one in ratios):
        return "GRU"
    return "LSTM" if all(one < 0.98 for one in ratios) else "undecided"


order_default = order(default_train, default_infer)
order_off = order(off_train, off_infer)
order_double = order(double_train, double_infer)
order_gated = order(gated_train, gated_infer)
order_onnx = order(onnx_infer)
assert order_default == "LSTM"
base_batch, base_steps, base_width = (
    base[name] for name in ("batch", "steps", "width")
)

# %% the machine and the whole grid check=true
cpu, cores = speed["machine"]["cpu"], speed["machine"]["cores"]
threads, version = speed["machine"]["threads"], speed["versions"]["torch"]
runs = [one[mode] for one in speed["layers"] for mode in ("train", "infer")]
fewest = min(run["turns"] for run in runs)
most = max(run["turns"] for run in runs)
cases = len(runs)
first_default, first_off, first_double, first_gated = (
    sum(run["ratio"][f"lstm{way}/gru{way}"][0] < 1 for run in runs)
    for way in ("", "_off", "_double", "_gated")
)
assert first_default == cases > 2 * first_off
assert first_default > first_double
