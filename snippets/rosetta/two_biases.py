# %% one bias for two places
import torch

from gated import convert

torch.manual_seed(0)
lstm = torch.nn.LSTM(input_size=3, hidden_size=5)
kernel, recurrent_kernel, bias = map(
    torch.tensor, convert.to_keras(lstm)[0]
)
x = torch.randn(20, 4, 3)
found = {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent_kernel.T}
found["bias_ih_l0"] = bias


def gap(layer):
    return (layer(x)[0] - lstm(x)[0]).abs().max().item()


twin = torch.nn.LSTM(3, 5)
twin.load_state_dict({**found, "bias_hh_l0": torch.zeros(20)})
right = gap(twin)
print("the other bias zero:", "right" if right < 1e-5 else "wrong")

twin = torch.nn.LSTM(3, 5)
twin.load_state_dict(found, strict=False)
wrong = gap(twin)
print(f"the other bias as it was drawn: wrong by {wrong:.2f}")

# %% as the text says check=true
assert right < 1e-5 < 0.05 < wrong

# %% without it raises="RuntimeError"
twin.load_state_dict(found)
