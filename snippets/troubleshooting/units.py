# %% 5 units, 3 inputs, 7 steps
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
x = torch.randn(7, 1, 3)
output, h_n = gru(x)
print("one state:", " ".join(f"{number:.1f}" for number in h_n[0, 0]))


def parameters(layer):
    return sum(weight.numel() for weight in layer.parameters())


print("parameters, 5 units:", parameters(gru))
_, longer = gru(torch.randn(70, 1, 3))
print(
    "after 70 steps:     ",
    parameters(gru),
    "and a state of",
    longer.numel(),
)
print("10 units:           ", parameters(torch.nn.GRU(3, 10)))

# %% the steps are not the units
try:
    torch.nn.GRU(input_size=7, hidden_size=5)(x)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
