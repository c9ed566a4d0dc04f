# %% how long a fresh unit keeps
import torch

from gated import GRU, LSTM
from gated.initialization import chrono_, forget_bias_
from gated.probes import geometric_mean, half_life, record_gates

torch.manual_seed(0)
x = torch.randn(100, 8, 16)  # 100 steps, 8 sequences
median = {}
print(
    "half-life of the direct path, in steps: the median unit, the longest"
)
for cell in (GRU, LSTM):
    for start, change in [
        ("as PyTorch draws it", lambda layer: layer),
        ("gate bias 1", lambda layer: forget_bias_(layer, 1.0)),
        ("gate bias 5", lambda layer: forget_bias_(layer, 5.0)),
        ("chrono, up to 100", lambda layer: chrono_(layer, 100)),
    ]:
        torch.manual_seed(1)
        gates = record_gates(change(cell(16, 64)), x)
        kept = getattr(gates, "z" if cell is GRU else "f")
        lives = half_life(geometric_mean(kept, dim=(0, 1)))
        median[cell.__name__, start] = lives.median().item()
        print(
            f"{cell.__name__:4}  {start:20} {lives.median().item():5.1f} "
            f"{lives.max().item():6.1f}"
        )

# %% what the page says check=true
fresh = median["GRU", "as PyTorch draws it"]
one, five, chrono = (
    median["GRU", s]
    for s in ("gate bias 1", "gate bias 5", "chrono, up to 100")
)
assert abs(fresh - 1) < 0.1 and fresh < one < chrono < five
