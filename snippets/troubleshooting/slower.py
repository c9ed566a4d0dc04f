# %% operations for one pass over 64 steps
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Counter(TorchDispatchMode):
    """Count the operations that PyTorch starts."""

    count = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.count += 1
        return operation(*args, **kwargs or {})


x = torch.randn(64, 8, 32)
gru, lstm = torch.nn.GRU(32, 32), torch.nn.LSTM(32, 32)
cell = torch.nn.GRUCell(32, 32)


def loop():
    h = torch.zeros(8, 32)
    for x_t in x:
        h = cell(x_t, h)


runs = {
    "nn.LSTM": lambda: lstm(x),
    "nn.GRU": lambda: gru(x),
    "GRUCell": loop,
}
operations = {}
for name, run in runs.items():
    with torch.no_grad(), Counter() as counter:
        run()
    operations[name] = counter.count
    print(f"{name:8} {counter.count:6,}")

# %% as the text says check=true
assert (
    20 * operations["nn.LSTM"]
    < operations["nn.GRU"]
    < operations["GRUCell"]
)
