# %% how much comes back over 99 steps
import torch

from gated.initialization import forget_bias_

share = {}
print("bias    z   z to the 99th  measured")
for bias in (0.0, 2.0, 5.0):
    torch.manual_seed(0)
    gru = forget_bias_(torch.nn.GRU(input_size=16, hidden_size=64), bias)
    x = torch.randn(100, 8, 16)
    first = gru(x[:1])[1].detach().requires_grad_()
    last = gru(x[1:], first)[1]
    (gradient,) = torch.autograd.grad(last.sum(), first)
    share[bias] = gradient.square().mean().sqrt().item()
    z = torch.tensor(bias).sigmoid().item()
    print(f"{bias:4.0f}  {z:.2f} {z**99:15.0e} {share[bias]:9.0e}")

# %% as the text says check=true
back_0, back_5 = share[0.0], share[5.0]
assert back_0 < 1e-12 < 0.2 < back_5
assert back_0 > 1e4 * 0.5**99
assert 0.8 < back_5 / torch.tensor(5.0).sigmoid().item() ** 99 < 1.25
