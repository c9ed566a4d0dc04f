# %% the same weights in both forms
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
x = torch.randn(7, 1, 3)
W_r, W_z, W_n = gru.weight_ih_l0.chunk(3)
U_r, U_z, U_n = gru.weight_hh_l0.chunk(3)
b_r, b_z, b_n = gru.bias_ih_l0.chunk(3)
c_r, c_z, c_n = gru.bias_hh_l0.chunk(3)


def last(form):
    h = torch.zeros(1, 5)
    for x_t in x:
        r = torch.sigmoid(x_t @ W_r.T + b_r + h @ U_r.T + c_r)
        z = torch.sigmoid(x_t @ W_z.T + b_z + h @ U_z.T + c_z)
        past = (
            r * (h @ U_n.T + c_n)
            if form == "after"
            else (r * h) @ U_n.T + c_n
        )
        h = (1 - z) * torch.tanh(x_t @ W_n.T + b_n + past) + z * h
    return h


for form in ("after", "before"):
    off = (last(form) - gru(x)[1][0]).abs().max().item()
    print(f"reset {form:6} the product: off by {off:.2f}")

# %% as the text says check=true
assert (last("after") - gru(x)[1][0]).abs().max() < 1e-5 < 0.05 < off
