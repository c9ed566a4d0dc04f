# %% what runs and how often
import os

import torch
from torch.profiler import profile

os.environ["KINETO_LOG_LEVEL"] = "99"  # no log lines of the profiler's own

torch.manual_seed(0)
steps = 100
x = torch.randn(steps, 8, 32)
gru, cell = torch.nn.GRU(32, 64), torch.nn.GRUCell(32, 64)


def whole():
    return gru(x)[0]


def loop():
    h, states = torch.zeros(8, 64), []
    for t in range(steps):
        h = cell(x[t], h)
        states.append(h)
    return torch.stack(states)


calls = {}
for function in (whole, loop):
    function()  # once before: the first call also sets things up
    with torch.no_grad(), profile() as profiler:
        function()
    rows = profiler.key_averages()
    # Your machine's times:
    # print(rows.table(sort_by="self_cpu_time_total", row_limit=8))
    calls[function.__name__] = {row.key: row.count for row in rows}

for operation in ("aten::gru", "aten::gru_cell", "aten::linear"):
    counts = [calls[name].get(operation, 0) for name in ("whole", "loop")]
    print(f"{operation:15} whole {counts[0]:4}, loop {counts[1]:4}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
counts = [calls[way]["aten::linear"] for way in ("loop", "whole")]
colors = [MUTED, SERIES["gru"]["color"]]
bars = ax.barh(["loop", "GRU"], counts, color=colors)
ax.bar_label(bars, padding=4)
ax.margins(x=0.15)
ax.tick_params(labelleft=True)

# %% margins check=true
assert (
    calls["whole"]["aten::gru"] == 1
    and calls["loop"]["aten::gru_cell"] == steps
)
whole_products = calls["whole"]["aten::linear"]
loop_products = calls["loop"]["aten::linear"]
assert loop_products == 2 * steps and whole_products == steps + 1
