# %% count the multiplications
import warnings

import torch
from torch.utils.flop_counter import FlopCounterMode

warnings.filterwarnings("ignore", message="TF32 acceleration")
steps, batch, d, H = 64, 16, 128, 128
x = torch.randn(steps, batch, d)
counted = {}
print("         counted  by the formula")
# The counter sees single products, so oneDNN's one kernel must be off.
with torch.backends.mkldnn.flags(enabled=False):
    for name, blocks in [("GRU", 3), ("LSTM", 4)]:
        layer = getattr(torch.nn, name)(d, H)
        with FlopCounterMode(display=False) as counter:
            layer(x)
        # Additions were counted too.
        counted[name] = counter.get_total_flops() // 2
        formula = steps * batch * blocks * (d * H + H * H)
        print(f"{name:4} {counted[name]:11,} {formula:15,}")

# %% four to three check=true
ratio = counted["LSTM"] / counted["GRU"]
assert 3 * counted["LSTM"] == 4 * counted["GRU"]
assert counted["GRU"] == steps * batch * 3 * (d * H + H * H)
millions = counted["GRU"] / 1e6
