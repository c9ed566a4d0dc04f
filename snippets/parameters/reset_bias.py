# %% move it
import torch

import gated

torch.manual_seed(0)
x = torch.randn(7, 1, 3)
n = slice(10, 15)  # the rows of the candidate


def change_from_moving_b_hn(gru: torch.nn.Module) -> float:
    """Merge b_hn into b_in, and return how far the output moves."""
    before, _ = gru(x)
    with torch.no_grad():
        gru.bias_ih_l0[n] += gru.bias_hh_l0[n]
        gru.bias_hh_l0[n] = 0
    after, _ = gru(x)
    return (after - before).abs().max().item()


after_product = change_from_moving_b_hn(torch.nn.GRU(3, 5))
before_product = change_from_moving_b_hn(gated.GRU(3, 5, reset_after=False))
print(
    "reset after the product (torch.nn.GRU): "
    f"output moves by {after_product:.3f}"
)
print(
    "reset before the product:               "
    f"output moves by {before_product:.3f}"
)

# %% only one of them moves check=true
assert after_product > 0.01
assert before_product < 1e-6
