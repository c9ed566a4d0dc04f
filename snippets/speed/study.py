# %% every size
from statistics import median

from gated import evidence

SIDES = ("batch", "steps", "width")


def middle(way, name, **size):
    """The median over the three repetitions of what a trial gave."""
    return median(
        one["outcome"][name]
        for one in evidence.trials("costs", **{"pass": way}, **size)
    )


sizes = {
    tuple(one["config"][side] for side in SIDES)
    for one in evidence.trials("costs")
}
print("                    LSTM / GRU, torch   LSTM / GRU, gated")
print("batch steps width   training  infer.    training  infer.")
for size in sorted(sizes):
    at = dict(zip(SIDES, size, strict=True))
    ratios = [
        middle(way, f"{maker} lstm/gru", **at)
        for maker in ("torch", "gated")
        for way in ("training", "inference")
    ]
    line = "{:5} {:5} {:5}   {:8.2f} {:8.2f}   {:9.2f} {:8.2f}"
    print(line.format(*size, *ratios))

# %% every repetition
import matplotlib.pyplot as plt

from gated.figures import INK, MUTED, PAPER

LOOKS = {
    ("torch", "training"): ("PyTorch, training", INK, "o", INK),
    ("torch", "inference"): ("PyTorch, inference", INK, "D", PAPER),
    ("gated", "training"): ("gated, training", MUTED, "v", MUTED),
}
plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 4.4))
ax.axvline(1, color=INK, linewidth=1.2)
for place, size in enumerate(sorted(sizes)):
    at = dict(zip(SIDES, size, strict=True))
    row = place - 0.2
    for (maker, way), (label, color, mark, fill) in LOOKS.items():
        look = {"color": color, "markerfacecolor": fill, "markersize": 5}
        for one in evidence.trials("costs", **{"pass": way}, **at):
            ratio = one["outcome"][f"{maker} lstm/gru"]
            first = not place and not one["config"]["seed"]
            ax.plot(ratio, row, mark, **look, label=label if first else "")
        row += 0.2
ax.set_xscale("log")
ax.set_xticks([0.25, 0.5, 1, 1.5], ["1/4", "1/2", "1", "1.5"])
ax.minorticks_off()
ax.set(ylim=(len(sizes) - 0.5, -0.5))
ax.set_xlabel("time of the LSTM / time of the GRU")
labels = ["{}, {}, {}".format(*size) for size in sorted(sizes)]
ax.set_yticks(range(len(sizes)), labels)
ax.set_ylabel("batch, steps, width")
ax.grid(axis="y", visible=False)
above = {"transform": ax.get_xaxis_transform()}
ax.text(0.97, 1.01, "LSTM faster", **above, ha="right")
ax.text(1.03, 1.01, "GRU faster", **above, ha="left")
fig.legend(loc="outside upper left", ncols=2, handlelength=1)

# %% values check=true
study = evidence.read("costs")
verdicts = study["verdicts"]
count = verdicts["torch, training"]["sizes"]
assert all(one["sizes"] == count for one in verdicts.values())
training = verdicts["torch, training"]
inference = verdicts["torch, inference"]
lstm_trains, gru_trains = training["lstm faster"], training["gru faster"]
lstm_infers = inference["lstm faster"]
ours_trains = verdicts["gated, training"]["gru faster"]
ours_infers = verdicts["gated, inference"]["gru faster"]
least, most = training["smallest ratio"], training["largest ratio"]
ours = [verdicts[f"gated, {way}"] for way in ("training", "inference")]
ours_least = min(one["smallest ratio"] for one in ours)
ours_most = max(one["largest ratio"] for one in ours)
lstm_keeps_less = verdicts["torch, memory"]["lstm keeps less"]
# The prose: on one thread the LSTM leads in most sizes, the GRU with the
# largest batch alone.
assert lstm_trains > gru_trains > 0 and lstm_infers == count
assert ours_trains == ours_infers == count
assert 1.25 < ours_least < ours_most < 1.5
assert lstm_keeps_less == verdicts["gated, memory"]["lstm keeps less"] == 0
BASE = {side: evidence.trials("costs")[0]["config"][side] for side in SIDES}
largest_batch, largest_width, middle_batch = (
    middle("training", "torch lstm/gru", **BASE | other)
    for other in ({"batch": 256}, {"width": 512}, {"batch": 64})
)
gain_again = 1 / middle("training", "torch lstm/gru", **BASE)
assert list(BASE.values()) == [16, 64, 128]  # as in the first record
undecided = count - lstm_trains - gru_trains
assert gru_trains == 1 and largest_batch > 1.3
assert abs(largest_width - 1) < 0.05 and abs(middle_batch - 1) < 0.05


def megabytes(name):
    return middle("training", f"{name} MB", **BASE)


torch_lstm_kept = megabytes("torch lstm") / megabytes("torch gru")
ours_kept = megabytes("gated gru") / megabytes("torch gru")
min_kept = megabytes("gated mingru") / megabytes("torch gru")
assert torch_lstm_kept > 1.5 and ours_kept < 0.9 and min_kept > 1.5


def scan(way, **size):
    """The time of minGRU's scan divided by that of PyTorch's GRU."""
    scanned = middle(way, "gated mingru ms", **size)
    return scanned / middle(way, "torch gru ms", **size)


run = next(iter(study["runs"].values()))
speed = evidence.read("speed")
first = next(one for one in speed["one_thread"] if one["width"] == 512)
first_width = first["train"]["ratio"]["lstm/gru"][0]
assert speed["machine"]["cpu"] == run["device"]
assert first_width < 0.7 < 0.9 < largest_width
scan_one = scan("training", **BASE | {"batch": 1})
scan_base = scan("training", **BASE)
scan_wide = scan("training", **BASE | {"width": 512})
scan_long = scan("training", **BASE | {"steps": 512})
assert scan_one < 0.5 and scan_wide < 0.7 and scan_long > 1
trials = len(study["trials"])
minutes = sum(one["seconds"] for one in study["trials"]) / 60
cpu, version = run["device"], run["torch"]
