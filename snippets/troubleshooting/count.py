# %% where the parameters are
import torch

d, H = 3, 5
gru = torch.nn.GRU(d, H)
for name, weight in gru.named_parameters():
    print(f"{name:13} {tuple(weight.shape)!s:8} {weight.numel():4}")
print(f"in all {sum(weight.numel() for weight in gru.parameters()):21}")
print(f"3 (dH + H² + H)  {3 * (d * H + H * H + H):11}  one bias a gate")
print(f"3 (dH + H² + 2H) {3 * (d * H + H * H + 2 * H):11}  two")

# %% the same layer elsewhere
from gated.parameters import count

for convention in ("pytorch", "keras", "keras-reset-before", "equinox"):
    total = count("gru", d, H, convention=convention).total
    print(f"{convention:20}{total:8}")

# %% as the text says check=true
assert sum(weight.numel() for weight in gru.parameters()) == 3 * (
    d * H + H * H + 2 * H
)
