# %% which calls get the fused kernel
import os
import warnings

import torch
from torch.nn.utils.rnn import pack_padded_sequence
from torch.profiler import ProfilerActivity, profile

# Of some fallbacks PyTorch warns, of most it does not.
warnings.simplefilter("ignore")
os.environ["KINETO_LOG_LEVEL"] = "99"  # no log lines of the profiler's own

x = torch.randn(10, 2, 32)
gru, lstm = torch.nn.GRU(32, 32), torch.nn.LSTM(32, 32)
gru_cell, lstm_cell = torch.nn.GRUCell(32, 32), torch.nn.LSTMCell(32, 32)
projected = torch.nn.LSTM(32, 32, proj_size=8)
double = torch.nn.LSTM(32, 32).double()
equal, unequal = (
    pack_padded_sequence(x, lengths) for lengths in ([10, 10], [10, 7])
)


def without_onednn():
    with torch.backends.mkldnn.flags(enabled=False):
        lstm(x)


calls = {
    "nn.LSTM": lambda: lstm(x),
    "  packed, equal lengths": lambda: lstm(equal),
    "  packed, two lengths": lambda: lstm(unequal),
    "  with proj_size": lambda: projected(x),
    "  in double precision": lambda: double(x.double()),
    "  with oneDNN off": without_onednn,
    "nn.LSTMCell": lambda: lstm_cell(x[0]),
    "nn.GRU": lambda: gru(x),
    "nn.GRUCell": lambda: gru_cell(x[0]),
}
fused = {}
for name, call in calls.items():
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        call()
    ran = {event.key for event in profiler.key_averages()}
    fused[name] = "aten::mkldnn_rnn_layer" in ran
    print(f"{name:24}  {'fused' if fused[name] else 'step by step'}")

# %% the first two alone check=true
assert [name for name, answer in fused.items() if answer] == list(fused)[:2]
# Without the first two, and without those of the GRU.
changes = len(fused) - 4
