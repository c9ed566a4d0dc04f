# %% the same layer twice
import torch

import gated

torch.manual_seed(0)
theirs = torch.nn.GRU(input_size=3, hidden_size=5, num_layers=2).double()
ours = gated.GRU(input_size=3, hidden_size=5, num_layers=2).double()
ours.load_state_dict(theirs.state_dict())

x = torch.randn(20, 4, 3, dtype=torch.float64)  # 20 steps, 4 sequences
outputs, gradients = [], []
for layer in (theirs, ours):
    output, h_n = layer(x)
    output.square().sum().backward()
    outputs.append(output)
    gradients.append(
        torch.cat([weight.grad.flatten() for weight in layer.parameters()])
    )

for name, (a, b) in [("values", outputs), ("gradients", gradients)]:
    print(
        f"{name} differ by less than 1e-10: "
        f"{bool((a - b).abs().max() < 1e-10)}"
    )

# %% and it is not empty check=true
assert outputs[0].abs().max() > 0.1 and gradients[0].abs().max() > 0.1
for a, b in (outputs, gradients):
    assert torch.allclose(a, b, atol=1e-10, rtol=0)
