# %% one step from the arrays of a layer
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
x, h = torch.randn(4, 3), torch.rand(4, 5)


def step(order):
    """Take the blocks of the arrays for the gates that `order` names."""
    from_x = x @ gru.weight_ih_l0.T + gru.bias_ih_l0
    from_h = h @ gru.weight_hh_l0.T + gru.bias_hh_l0
    x_ = dict(zip(order, from_x.chunk(3, 1)))
    h_ = dict(zip(order, from_h.chunk(3, 1)))
    r = torch.sigmoid(x_["r"] + h_["r"])
    z = torch.sigmoid(x_["z"] + h_["z"])
    n = torch.tanh(x_["n"] + r * h_["n"])
    return (1 - z) * n + z * h


expected = gru(x[None], h[None])[0][0]
for order in ("rzn", "zrn"):
    print(
        f"blocks read as {order}: "
        f"off by {(step(order) - expected).abs().max():.2f}"
    )

# %% as the text says check=true
assert (step("rzn") - expected).abs().max() < 1e-5
assert (step("zrn") - expected).abs().max() > 0.05
