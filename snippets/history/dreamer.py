# %% one number subtracted from a gate
import math

import torch

for name, bias in {"plain GRU": 0.0, "DreamerV3": -1.0}.items():
    write = torch.sigmoid(
        torch.tensor(bias)
    )  # this z writes; weights are small
    keep = 1 - write.item()
    half_life = math.log(0.5) / math.log(keep)
    print(
        f"{name}: keeps {keep:.2f} a step, "
        f"half is left after {half_life:.1f} steps"
    )

# %% values check=true
kept = keep
assert 0.7 < kept < 0.75 and 2 < half_life < 2.5
