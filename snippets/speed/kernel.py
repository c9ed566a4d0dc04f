# %% what one forward pass runs
import os

import torch
from torch.profiler import ProfilerActivity, profile

os.environ["KINETO_LOG_LEVEL"] = "99"  # no log lines of the profiler's own

count = {}
print("steps    GRU   LSTM")
for steps in (4, 16, 64):
    x = torch.randn(steps, 8, 32)
    for layer in (torch.nn.GRU(32, 32), torch.nn.LSTM(32, 32)):
        with (
            torch.no_grad(),
            profile(activities=[ProfilerActivity.CPU]) as profiler,
        ):
            layer(x)
        operations = sum(event.count for event in profiler.key_averages())
        count[type(layer).__name__, steps] = operations
    print(f"{steps:5} {count['GRU', steps]:6,} {count['LSTM', steps]:6,}")

# %% one kernel check=true
assert count["LSTM", 4] == count["LSTM", 16] == count["LSTM", 64]
assert count["GRU", 64] > 3.5 * count["GRU", 16] > 10 * count["GRU", 4]
per_step = (count["GRU", 64] - count["GRU", 16]) / 48
gru_64, lstm_any = count["GRU", 64], count["LSTM", 64]
