# %% all steps at once, and one after the other
import torch

from gated import MinGRU

torch.manual_seed(0)
layer = MinGRU(input_size=8, hidden_size=32, num_layers=2).double()
x = torch.randn(1000, 4, 8).double()  # 1000 steps, 4 sequences

outputs, gradients = [], []
for layer.parallel in (True, False):
    layer.zero_grad()
    output, _ = layer(x)
    output.square().sum().backward()
    outputs.append(output)
    gradients.append(
        torch.cat([weight.grad.flatten() for weight in layer.parameters()])
    )

for name, (scanned, looped) in [
    ("values", outputs),
    ("gradients", gradients),
]:
    error = (scanned - looped).abs().max() / looped.abs().max()
    print(
        f"{name} differ by less than 1e-12 of the largest: "
        f"{bool(error < 1e-12)}"
    )

# %% and they are not empty check=true
for a, b in (outputs, gradients):
    assert (
        a - b
    ).abs().max() < 1e-12 * b.abs().max() and b.abs().max() > 0.1
