# %% what a seed fixes, on a CPU
import torch

x = torch.randn(7, 4, 3)


def train(seed_at, extra=False):
    if seed_at == "start":
        torch.manual_seed(0)
    if extra:
        torch.nn.Linear(3, 3)  # never used, but its weights are drawn
    gru = torch.nn.GRU(3, 5, num_layers=2, dropout=0.5)
    gru(x)[0].square().mean().backward()
    return gru.weight_ih_l0.grad


def report(name, one, other):
    print(
        f"{name:25}",
        "same gradient" if torch.equal(one, other) else "another",
    )


torch.manual_seed(0)
report("one seed for both runs", train("once"), train("once"))
report("one seed for each run", train("start"), train("start"))
report(
    "and a layer more in one", train("start"), train("start", extra=True)
)

# %% as the text says check=true
assert torch.equal(train("start"), train("start"))
assert not torch.equal(train("start"), train("start", extra=True))
