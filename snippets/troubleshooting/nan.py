# %% one number that is not one
import torch

torch.manual_seed(0)
x, target = torch.randn(7, 4, 3), torch.randn(7, 4, 5)
x[2, 0, 1] = float("nan")  # one reading of one sequence is missing


def step(x, **options):
    gru = torch.nn.GRU(input_size=3, hidden_size=5)
    (gru(x)[0] - target).square().mean().backward()
    torch.nn.utils.clip_grad_norm_(gru.parameters(), 1.0, **options)
    torch.optim.SGD(gru.parameters(), lr=0.1).step()
    weights = torch.nn.utils.parameters_to_vector(gru.parameters())
    return f"{weights.isnan().sum()} of {len(weights)} weights are nan"


print("with the hole:  ", step(x))
print("filled with 0:  ", step(x.where(x.isfinite(), 0.0)))

# %% as the text says check=true
assert step(x).startswith("150 of") and step(
    x.where(x.isfinite(), 0.0)
).startswith("0 of")
gru = torch.nn.GRU(input_size=3, hidden_size=5)
(gru(x)[0] - target).square().mean().backward()
norm = torch.nn.utils.clip_grad_norm_(gru.parameters(), 1.0)
assert norm.isnan()

# %% let it fail where it starts raises="RuntimeError"
step(x, error_if_nonfinite=True)
