# %% three ways to the same states
import torch

torch.manual_seed(0)
steps = 2000
keep = torch.full((steps,), 0.9)
write = torch.rand(steps)

h, states = torch.tensor(0.0), []
for k, w in zip(keep, write, strict=True):
    h = k * h + w
    states.append(h)
looped = torch.stack(states)

# Divide each write by all that was kept so far, add up, multiply again.
kept = keep.cumprod(0)
plain = kept * (write / kept).cumsum(0)

# The same in logarithms.
log_kept = keep.log().cumsum(0)
in_logs = (log_kept + (write.log() - log_kept).logcumsumexp(0)).exp()

print("steps   loop plain  logs")
for t in (500, 1000, 2000):
    print(
        f"{t:5} {looped[t - 1]:.3f} {plain[t - 1]:.3f} {in_logs[t - 1]:.3f}"
    )
print(
    "the logarithm of a negative number:", torch.tensor(-0.3).log().item()
)

# %% values check=true
from math import isnan

assert not plain[999].isfinite()
assert torch.allclose(in_logs, looped, rtol=1e-3) and torch.allclose(
    plain[:500], looped[:500], rtol=1e-3
)
assert isnan(torch.tensor(-0.3).log().item())
