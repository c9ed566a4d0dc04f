# %% a GRU in four lines, one step at a time
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
x = torch.randn(7, 1, 3)
expected = gru(x)[0][-1]
w_x, w_h, b_x, b_h = [weight.detach() for weight in gru.parameters()]


def step(x_t, h, b_x=b_x, b_h=b_h):
    """Products, sums, sigmoid and tanh; the state goes in and comes out."""
    (x_r, x_z, x_n), (h_r, h_z, h_n) = (
        (x_t @ w_x.T + b_x).chunk(3, 1),
        (h @ w_h.T + b_h).chunk(3, 1),
    )
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


def run(carry=True, **biases):
    h = torch.zeros(1, 5)
    for x_t in x:
        h = step(x_t, h if carry else torch.zeros(1, 5), **biases)
    return (h - expected).abs().max().item()


print(f"state carried over:         off by {run():.2f}")
print(f"each call starts at zero:   off by {run(carry=False):.2f}")
print(f"one bias a gate, both sums: off by {run(b_x=b_x + b_h, b_h=0):.2f}")

# %% as the text says check=true
assert run() < 1e-5
assert run(carry=False) > 0.05 and run(b_x=b_x + b_h, b_h=0) > 0.02
