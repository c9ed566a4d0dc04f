# %% the same layer twice
import torch

import gated

torch.manual_seed(0)
theirs = torch.nn.LSTM(input_size=3, hidden_size=5, num_layers=2).double()
ours = gated.LSTM(input_size=3, hidden_size=5, num_layers=2).double()
ours.load_state_dict(theirs.state_dict())

x = torch.randn(20, 4, 3, dtype=torch.float64)  # 20 steps, 4 sequences
cells, gradients = [], []
for layer in (theirs, ours):
    output, (h_n, c_n) = layer(x)
    output.square().sum().backward()
    cells.append(torch.cat([output.flatten(), c_n.flatten()]))
    gradients.append(
        torch.cat([weight.grad.flatten() for weight in layer.parameters()])
    )

for name, (a, b) in [("values", cells), ("gradients", gradients)]:
    print(
        f"{name} differ by less than 1e-10: "
        f"{bool((a - b).abs().max() < 1e-10)}"
    )

# %% and it is not empty check=true
assert cells[0].abs().max() > 0.1 and gradients[0].abs().max() > 0.1
for a, b in (cells, gradients):
    assert torch.allclose(a, b, atol=1e-10, rtol=0)
