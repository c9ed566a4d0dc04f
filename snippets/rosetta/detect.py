# %% whose weights are these?
import textwrap

import torch

import gated
from gated.convert import detect, to_keras

torch.manual_seed(0)
mystery = gated.GRU(input_size=3, hidden_size=5, reset_after=False)
kernel, recurrent_kernel, bias = to_keras(mystery)[0]  # as found in a file
x = torch.randn(8, 2, 3)  # and with it one input of 8 steps
output = mystery(x)[0].detach()  # and the output that was recorded

for convention in detect(
    "gru", x, output, kernel.T, recurrent_kernel.T, bias
):
    print(textwrap.fill(str(convention), width=72))

# %% one step says too little
one_step = detect(
    "gru", x[:1], output[:1], kernel.T, recurrent_kernel.T, bias
)
print("after one step", len(one_step), "conventions fit")

# %% as the text says check=true
(found,) = detect("gru", x, output, kernel.T, recurrent_kernel.T, bias)
assert (found.order, found.reset_after, found.z_keeps) == (
    "zrn",
    False,
    True,
)
assert {other.reset_after for other in one_step} == {True, False}
