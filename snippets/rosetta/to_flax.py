# pip install flax

# %% from PyTorch to Flax
import flax.linen
import numpy as np
import torch

from gated import convert

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
x = torch.randn(20, 4, 3)  # 20 steps, 4 sequences
[[params]] = convert.to_flax(gru, api="linen")  # one layer, one direction

layer = flax.linen.RNN(flax.linen.GRUCell(features=5), time_major=True)
theirs = layer.apply({"params": {"cell": params}}, x.numpy())
ours = gru(x)[0].detach().numpy()
print(
    "differ by less than 1e-5:",
    np.abs(np.asarray(theirs) - ours).max() < 1e-5,
)
print("cells:", ", ".join(params))

# %% as printed check=true
assert (
    np.abs(np.asarray(theirs) - ours).max() < 1e-5
    and np.abs(ours).max() > 0.1
)

# %% what the documentation of nnx says check=true
from flax import nnx

assert "(W_{hn} h + b_{hn})" in nnx.GRUCell.__doc__

# %% the GRU of nnx has no b_hn raises="ValueError"
convert.to_flax(gru, api="nnx")
