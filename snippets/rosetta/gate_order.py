# %% every shape fits
import torch

from gated import convert

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5)
kernel, recurrent_kernel, bias = map(torch.tensor, convert.to_keras(gru)[0])
x = torch.randn(20, 4, 3)


def load(weights):
    twin = torch.nn.GRU(3, 5)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    print(twin.load_state_dict(dict(zip(names, weights, strict=True))))
    return (twin(x)[0] - gru(x)[0]).abs().max().item()


as_they_are = [kernel.T, recurrent_kernel.T, *bias]
wrong = load(as_they_are)
print(f"in Keras's order: wrong by {wrong:.1f}")

# %% bring the blocks into order
in_order = []
for weight in as_they_are:
    z, r, n = weight.chunk(3)
    in_order.append(torch.cat([r, z, n]))
right = load(in_order)
print("in PyTorch's order:", "right" if right < 1e-5 else "wrong")

# %% as the text says check=true
assert right < 1e-5 < 0.05 < wrong
