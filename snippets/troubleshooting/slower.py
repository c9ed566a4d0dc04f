# %% count what runs
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

torch.manual_seed(0)
x = torch.randn(100, 8, 32)
for cell in (nn.GRU, nn.LSTM):
    layer = cell(32, 32)
    with profile(activities=[ProfilerActivity.CPU]) as ran, torch.no_grad():
        layer(x)
    operations = sum(event.count for event in ran.key_averages())
    print(f"{cell.__name__:4}  {'thousands of' if operations > 1000 else 'dozens of'} operations")

# %% what the page says check=true
assert operations < 200
